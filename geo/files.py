"""Survey files to GeoJSON features and back, in any reference system that names itself or is named.

Outlines come out in EPSG:4326, longitude first. A file says its own reference system; CGCS2000 (EPSG:4490), in which
surveys here are made, lies within centimetres of it. Source: GB/T 18314, OGC 18-010.

A file may be anybody's. Its parts are copied under names of ours, its first bytes must be those of what its name ends
in, and another process (`geo/survey.py`) reads the copy: within limits, with one driver, without this one's secrets.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain.errors import Fault, Invalid
from geo.reading_process import ReadingLimits, copied_parts, process_answer

#: How a file is written, by the ending of its name.
DRIVERS = MappingProxyType({".geojson": "GeoJSON", ".gpkg": "GPKG", ".fgb": "FlatGeobuf"})
#: How a file is read, by the ending of its name; what it begins with. Source: the specifications of the formats.
READERS = MappingProxyType(
    {
        ".geojson": ("GeoJSON", b"{"),
        ".json": ("GeoJSON", b"{"),
        ".gpkg": ("GPKG", b"SQLite format 3\0"),
        ".fgb": ("FlatGeobuf", b"fgb"),
        ".shp": ("ESRI Shapefile", b"\x00\x00\x27\x0a"),
        ".gdb": ("OpenFileGDB", b""),
    }
)
#: Parts of a shapefile; those it cannot do without come first.
SHAPEFILE_NEEDS, SHAPEFILE_HAS = (".shp", ".shx", ".dbf"), (".prj", ".cpg")
Feature = dict[str, Any]


@dataclass(frozen=True)
class SurveyLimits(ReadingLimits):
    """What reading one file may take. A district's whole survey is some thousand outlines in a few megabytes."""

    features: int = 50_000


@dataclass(frozen=True)
class Survey:
    """What a file holds. `row_faults` are by number of feature from 1; `notes` are on how it was read.

    `key` is of all that decides what is read: every part of the file, and the options of the caller.
    """

    features: list[Feature]
    row_faults: Mapping[int, tuple[Fault, ...]]
    notes: tuple[Fault, ...]
    key: str


def read_survey(
    path: Path,
    *,
    crs: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    limits: SurveyLimits = SurveyLimits(),
) -> Survey:
    """The features of a file in their order. Empty: what a feature does not say is absent.

    `crs` and `encoding` come before what the file says of itself.

    Raises: Invalid naming `file`, `crs`, `layer` or `encoding`, whichever has to be another.
    """
    name, ending = path.name[:200], path.suffix.lower()
    if not path.exists():
        raise Invalid("no_such_file", "file", file=name)
    if ending not in READERS:
        raise Invalid("file_kind", "file", file=name, allowed=list(READERS))
    driver, begins = READERS[ending]
    with tempfile.TemporaryDirectory(prefix="panhuo-survey-") as folder:
        copy, key = _copied(path, Path(folder), limits, name)
        if not _begins(copy, begins):
            raise Invalid("file_content", "file", file=name, ending=ending)
        options = {"crs": crs, "layer": layer, "encoding": encoding}
        request = {"path": str(copy), "name": name, "driver": driver, **options, "limits": asdict(limits)}
        answer = process_answer("geo.survey", request, folder, limits, environment=_environment(driver))
    return Survey(
        answer["features"],
        {int(number): tuple(Fault(**fault) for fault in faults) for number, faults in answer["row_faults"].items()},
        tuple(Fault(**note) for note in answer["notes"]),
        hashlib.sha256(json.dumps([key, options]).encode()).hexdigest(),
    )


def _copied(path: Path, folder: Path, limits: SurveyLimits, name: str) -> tuple[Path, list[list[str]]]:
    """The file under a name of ours, with the digest of each part."""
    copy = folder / f"survey{path.suffix.lower()}"
    if path.suffix.lower() == ".gdb":
        copy.mkdir()
    return copy, copied_parts(_parts(path, copy, name), limits, name)


def _parts(path: Path, copy: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """Each part of a file and where its copy goes. Raises Invalid for one that is missing, or no file."""
    ending = path.suffix.lower()
    if ending == ".gdb":
        parts = sorted(part for part in path.iterdir() if part.is_file()) if path.is_dir() else []
        if not any(part.name.lower() == "a00000001.gdbtable" for part in parts):
            raise Invalid("file_content", "file", file=name, ending=ending)
        yield from ((part, copy / part.name) for part in parts)
        return
    if not path.is_file():
        raise Invalid("file_is_folder", "file", file=name)
    if ending == ".shp":
        beside = {
            part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem and part.is_file()
        }
        for suffix in SHAPEFILE_NEEDS:
            if suffix not in beside:
                raise Invalid("file_part_missing", "file", file=name, part=path.stem + suffix)
        beside[ending] = path
        yield from (
            (beside[suffix], copy.with_suffix(suffix)) for suffix in SHAPEFILE_NEEDS + SHAPEFILE_HAS if suffix in beside
        )
        return
    log = path.with_name(f"{path.name}-wal")
    if ending == ".gpkg" and log.exists() and log.stat().st_size > 0:
        raise Invalid("file_in_use", "file", file=name)
    yield path, copy


def _begins(copy: Path, begins: bytes) -> bool:
    if copy.is_dir():
        return True
    with copy.open("rb") as source:
        head = source.read(4096)
    if begins == b"{":
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(begins)


def _environment(driver: str) -> dict[str, str]:
    """What lets the reading process have its one driver alone.

    GDAL chooses the driver by what a file holds, whatever its name: of the many it has, some fetch or open what a file
    tells them. All but one are off before it starts.
    """
    fixed = {"PROJ_NETWORK": "OFF", "GDAL_DRIVER_PATH": "disable"}
    if driver == "GeoJSON":
        return fixed
    import pyogrio  # its list of drivers, which opens nothing

    others = sorted(set(pyogrio.list_drivers()) - {driver})
    return fixed | {"GDAL_SKIP": ",".join(others)}


def write_features(path: Path, features: Sequence[Feature]) -> None:
    """Writes GeoJSON features in EPSG:4326 into a new file of the kind its ending names.

    Raises: Invalid naming `file` for another ending, or where the file is there already.
    """
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise Invalid("file_ending", "file", allowed=list(DRIVERS))
    if path.exists():
        raise Invalid("file_exists", "file", file=path.name)
    import geopandas
    import shapely

    cells = [{name: _cell(value) for name, value in feature["properties"].items()} for feature in features]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    frame = geopandas.GeoDataFrame(cells, geometry=shapes, crs=4326)
    frame.to_file(path, driver=driver, engine="pyogrio")


def _cell(value: Any) -> Any:
    """A value as a cell; of a column of truth values with gaps the writer would make the words of Python."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else value
