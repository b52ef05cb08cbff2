"""Features of survey files, and files of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Fault, Invalid
from geo.files import read_survey

WEST, SOUTH = 105.78, 29.62


def square(n: int, side: float = 0.0005) -> dict[str, Any]:
    west = WEST + 0.001 * n
    ring = [[west, SOUTH], [west + side, SOUTH], [west + side, SOUTH + side], [west, SOUTH + side], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


def unit(n: int, **facts: Any) -> dict[str, Any]:
    known = {"code": f"F-{n}", "name": f"文件{n}号", "level": "building", "clear_height_m": 7.5, "storeys": 2}
    return {"type": "Feature", "geometry": square(n), "properties": {**known, **facts}}


def written(path: Path, features: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def refusal(path: Path, **options: Any) -> Fault:
    with pytest.raises(Invalid) as refused:
        read_survey(path, **options)
    return refused.value.faults[0]


def shapefile(path: Path, names: list[str], *, encoding: str, page: str | None, crs: int = 4490) -> Path:
    import geopandas
    from shapely.geometry import shape

    shapes = [shape(square(n)) for n, _ in enumerate(names)]
    codes = [f"S-{n}" for n, _ in enumerate(names)]
    frame = geopandas.GeoDataFrame({"code": codes, "name": names}, geometry=shapes, crs=crs)
    frame.to_file(path, encoding=encoding)
    table = path.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    raw[29] = 0
    table.write_bytes(raw)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if page is not None:
        path.with_suffix(".cpg").write_text(page)
    return path
