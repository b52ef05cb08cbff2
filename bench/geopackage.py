"""What GDAL takes to copy a collection into a GeoPackage, in a process of its own.

`python -m bench.geopackage ADDRESS LAYER` prints the features and the seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pyogrio

PAGE = 1000


def main(address: str, layer: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        options = {"PAGE_SIZE": PAGE, "INITIAL_REQUEST_PAGE_SIZE": PAGE}
        file = Path(folder) / "units.gpkg"
        with pyogrio.open_arrow(f"OAPIF:{address}", layer=layer, **options) as (about, stream):
            pyogrio.write_arrow(
                stream, file, layer="units", geometry_name=about["geometry_name"] or "wkb_geometry",
                geometry_type=about["geometry_type"], crs=about["crs"],
            )  # fmt: skip
        print(pyogrio.read_info(file)["features"], time.perf_counter() - begun)


if __name__ == "__main__":
    main(*sys.argv[1:])
