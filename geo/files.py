"""Survey files to GeoJSON features and back: whatever GDAL reads, in any reference system that names itself.

Outlines come out in EPSG:4326, longitude first. A file says its own reference system; CGCS2000 (EPSG:4490), in which
surveys here are made, lies within centimetres of it. Source: GB/T 18314, OGC 18-010.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas
import numpy as np
import pyogrio.errors
import pyproj.exceptions
import shapely

from domain.errors import Invalid

#: How a file is written, by the ending of its name.
DRIVERS = MappingProxyType({".geojson": "GeoJSON", ".gpkg": "GPKG", ".fgb": "FlatGeobuf"})
Feature = dict[str, Any]


def read_features(path: Path, crs: str | None = None) -> list[Feature]:
    """The features of a file in their order. Empty: what a feature does not say is absent.

    `crs` serves a file that names no reference system, and only that.

    Raises: Invalid naming `file` for one that cannot be read or has no reference system, `crs` for one unknown.
    """
    if not path.is_file():
        raise Invalid("no_such_file", "file", file=path.name)
    try:
        frame = geopandas.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as fault:
        raise Invalid("file_unreadable", "file", file=path.name) from fault
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise Invalid("file_without_outlines", "file", file=path.name)
    if frame.crs is None and crs is None:
        raise Invalid("crs_missing", "crs", file=path.name)
    try:
        frame = (frame if frame.crs is not None else frame.set_crs(crs)).to_crs(4326)
    except pyproj.exceptions.ProjError as fault:
        raise Invalid("crs_unknown", "crs", crs=str(crs)) from fault
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    rows = zip(frame.geometry, *(frame[name] for name in names), strict=True)
    return [_feature(shape, dict(zip(names, values, strict=True))) for shape, *values in rows]


def _feature(shape: Any, values: Mapping[str, Any]) -> Feature:
    known = {name: _plain(value) for name, value in values.items()}
    return {
        "type": "Feature",
        "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        "properties": {name: value for name, value in known.items() if value is not None},
    }


def _plain(value: Any) -> Any:
    """A cell as JSON holds it; lists, records and truth values travel in files as their JSON text."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, date):  # a pandas NaT is none
        return (value.date() if isinstance(value, datetime) else value).isoformat() if value == value else None
    if isinstance(value, str) and (value[:1] in ("[", "{") or value in ("true", "false")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def write_features(path: Path, features: Sequence[Feature]) -> None:
    """Writes GeoJSON features in EPSG:4326 into a new file of the kind its ending names.

    Raises: Invalid naming `file` for another ending, or where the file is there already.
    """
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise Invalid("file_ending", "file", allowed=list(DRIVERS))
    if path.exists():
        raise Invalid("file_exists", "file", file=path.name)
    cells = [{name: _cell(value) for name, value in one["properties"].items()} for one in features]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in features]
    frame = geopandas.GeoDataFrame(cells, geometry=shapes, crs=4326)
    frame.to_file(path, driver=driver, engine="pyogrio")


def _cell(value: Any) -> Any:
    """A value as a cell; of a column of truth values with gaps the writer would make the words of Python."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else value
