"""Reads one survey file in a process of its own, which `geo/files.py` starts and `geo/reading_process.py` limits.

GeoJSON is read as the JSON it is, so that no value is taken for another type; of all other kinds GDAL reads one, and
has no driver but that one.
Outlines go out as they stand, in degrees: GEOS does not see them here, `geo/outline.py` judges each by itself.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.errors import Fault, Invalid
from geo.encodings import CHINESE_DRIVERS, decoded_text, encoding_of, garbled, name_of
from geo.projection import projection, reference_system
from geo.reading_process import answer_request, plain_fault

WGS84 = "EPSG:4326"
#: Kinds of outlines by the number in their well-known binary. Source: OGC 06-103r4, table 7.
SHAPES = dict(
    enumerate(
        """
        Point LineString Polygon MultiPoint MultiLineString MultiPolygon GeometryCollection CircularString
        CompoundCurve CurvePolygon MultiCurve MultiSurface Curve Surface PolyhedralSurface TIN Triangle
        """.split(),  # noqa: SIM905
        1,
    )
)
#: A GeoPackage's own index of outlines, the only virtual table one needs. Source: OGC 12-128r19, annex F.3.
RTREE = re.compile(r'CREATE VIRTUAL TABLE "?rtree_[^;]*? USING rtree\(', re.IGNORECASE)
#: Drivers whose files say at their head how many features follow; a GeoPackage's count is any writer's word.
COUNTED = frozenset({"FlatGeobuf", "ESRI Shapefile", "OpenFileGDB"})
Json = dict[str, Any]


def _answer(request: Json) -> Json:
    read = _geojson if request["driver"] == "GeoJSON" else _by_gdal
    system, rows, notes = read(request)
    if len(rows) > request["limits"]["features"]:
        raise Invalid("too_many_features", "file", file=request["name"], most=request["limits"]["features"])
    crs, system_notes = reference_system(system, request["crs"], request["name"])
    features, faults = [], {}
    project = projection(crs)
    for number, (geometry, properties) in enumerate(rows, 1):
        row_faults = [
            Fault("text_garbled", f"properties.{name}", {"text": value[:40], "likely": likely[:40]})
            for name, value in properties.items()
            if isinstance(value, str) and (likely := garbled(value)) is not None
        ]
        geometry, fault = project(geometry)
        row_faults += [] if fault is None else [fault]
        if row_faults:
            faults[number] = [plain_fault(fault) for fault in row_faults]
        known = {name: value for name, value in properties.items() if value is not None}
        features.append({"type": "Feature", "geometry": geometry, "properties": known})
    return {"features": features, "row_faults": faults, "notes": [plain_fault(note) for note in system_notes + notes]}


# GeoJSON


def _geojson(request: Json) -> tuple[str | None, list[tuple[Any, Json]], list[Fault]]:
    raw, name = Path(request["path"]).read_bytes().removeprefix(b"\xef\xbb\xbf"), request["name"]
    encoding = encoding_of([raw], declared=None, requested=request["encoding"], file=name)
    if request["layer"] is not None:
        raise Invalid("layer_unknown", "layer", layer=request["layer"], layers="-")
    try:
        document = json.loads(
            decoded_text(raw, encoding.codec),
            object_pairs_hook=_once_each,
            parse_constant=_finite,
            parse_float=_finite,
        )
    except RecursionError as fault:
        raise Invalid("json_too_deep", "file") from fault
    except ValueError as fault:
        raise Invalid("file_unreadable", "file", file=name) from fault
    kind = document.get("type") if isinstance(document, dict) else None
    features = document.get("features") if kind == "FeatureCollection" else [document] if kind == "Feature" else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise Invalid("file_not_features", "file", file=name, type=str(kind)[:40])
    return _named_system(document), [_row(feature) for feature in features], []


def _once_each(members: list[tuple[str, Any]]) -> Json:
    named = dict(members)
    if len(named) != len(members):
        names = [name for name, _ in members]
        raise Invalid(
            "json_repeated_name", "file", name=next(repeated for repeated in names if names.count(repeated) > 1)[:64]
        )
    return named


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Invalid("json_no_nan", "file")
    return number


def _named_system(document: Json) -> str | None:
    """WGS 84 unless the file names another, as before RFC 7946; null there said that nobody knows."""
    if "crs" not in document:
        return WGS84
    named = document["crs"]
    properties = named.get("properties") if isinstance(named, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _row(feature: Json) -> tuple[Any, Json]:
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    return feature.get("geometry"), {**_id(feature.get("id")), **properties}


def _id(value: Any) -> Json:
    """A feature's id, text or number, as other features name it. Source: RFC 7946 §3.2."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return {}
    return {"id": value}


# Other kinds


def _by_gdal(request: Json) -> tuple[str | None, list[tuple[Any, Json]], list[Fault]]:
    path, name, driver = Path(request["path"]), request["name"], request["driver"]
    if driver == "GPKG":
        _check_tables(path, name)
    import pyogrio
    from pyogrio import errors, raw

    assert set(pyogrio.list_drivers()) == {driver}, "the environment fixes the one driver"
    is_shapefile = driver == "ESRI Shapefile"
    try:
        layer = _layer(pyogrio.list_layers(path), request["layer"], name)
        options: Json = {"layer": layer, "datetime_as_string": True, "max_features": request["limits"]["features"] + 1}
        if is_shapefile:  # every byte is a letter there, so that nothing is lost before it is judged
            options["encoding"] = "ISO-8859-1"
        meta, _, shapes, columns = raw.read(path, **options)
        claimed = min(pyogrio.read_info(path, layer=layer)["features"], options["max_features"])
        cells = [
            _cells(raw, path, options, column, *about)
            for column, *about in zip(columns, meta["fields"], meta["dtypes"], meta["ogr_types"], strict=True)
        ]
    except UnicodeDecodeError as fault:
        raise Invalid("file_not_utf8", "file", file=name) from fault
    except (errors.DataSourceError, errors.DataLayerError, errors.FeatureError, ValueError) as fault:
        raise Invalid("file_unreadable", "file", file=name) from fault
    if shapes is None:
        raise Invalid("file_without_outlines", "file", file=name)
    if driver in COUNTED and claimed != len(shapes):  # the reader stops in silence where such a file breaks off
        raise Invalid("file_cut", "file", file=name, features=len(shapes))
    notes: list[Fault] = []
    fields = [str(field) for field in meta["fields"]]
    if is_shapefile:
        fields, cells, notes = _in_its_encoding(request, fields, cells)
    rows = zip(shapes, *cells, strict=True)
    geometries = ((None if shape is None else _geometry(shape), values) for shape, *values in rows)
    return meta["crs"], [(shape, dict(zip(fields, values, strict=True))) for shape, values in geometries], notes


def _check_tables(path: Path, name: str) -> None:
    """A GeoPackage is a database, and a database can compute: here its tables are read and nothing of it is run.

    Raises: Invalid for a view, a virtual table but the index of outlines, or a column that is worked out.
    """
    import contextlib
    import sqlite3

    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            tables = conn.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").fetchall()
            sql = dict(conn.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall())
            for table, kind in tables:
                is_index = kind == "virtual" and RTREE.match(str(sql.get(table)))
                if kind in ("view", "virtual") and not is_index:
                    raise Invalid("file_computes", "file", file=name, table=table[:64])
                if kind == "table":
                    hidden = "SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden IN (2, 3)"
                    if conn.execute(hidden, (table,)).fetchone()[0] > 0:
                        raise Invalid("file_computes", "file", file=name, table=table[:64])
    except sqlite3.Error as fault:
        raise Invalid("file_unreadable", "file", file=name) from fault


def _layer(layers: Any, requested: str | None, name: str) -> str:
    drawn = [str(layer) for layer, kind in layers if kind is not None]
    if requested is not None:
        if requested not in drawn:
            raise Invalid("layer_unknown", "layer", layer=requested, layers=drawn or "-")
        return requested
    if not drawn:
        raise Invalid("file_without_outlines", "file", file=name)
    if len(drawn) > 1:
        raise Invalid("layer_needed", "layer", file=name, layers=drawn)
    return drawn[0]


def _cells(raw: Any, path: Path, options: Json, column: Any, field: str, dtype: str, kind: str) -> list[Any]:
    """A column's values; of whole numbers and truths with gaps the reader makes fractions: they are read once more."""
    if kind == "OFTBinary":
        return [None] * len(column)
    if column.dtype.kind != "f" or dtype.startswith("float"):
        return [_cell(value) for value in column.tolist()]
    quoted = '"' + field.replace('"', '""') + '"'
    known = {**options, "columns": [field], "where": f"{quoted} IS NOT NULL", "read_geometry": False}
    values = iter(raw.read(path, **known)[3][0].tolist())
    return [None if math.isnan(value) else next(values) for value in column.tolist()]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(value) if math.isinf(value) else int(value) if value.is_integer() else value
    return value


def _in_its_encoding(
    request: Json, fields: Sequence[str], cells: Sequence[Sequence[Any]]
) -> tuple[list[str], list[list[Any]], list[Fault]]:
    texts = {value.encode("latin-1") for column in cells for value in column if isinstance(value, str)}
    texts |= {field.encode("latin-1") for field in fields}
    encoding = encoding_of(
        texts, declared=_declared(Path(request["path"])), requested=request["encoding"], file=request["name"]
    )

    def decoded(value: Any) -> Any:
        return decoded_text(value.encode("latin-1"), encoding.codec) if isinstance(value, str) else value

    notes = (
        [] if all(map(bytes.isascii, texts)) else [Fault("encoding_read", "", {"encoding": name_of(encoding.codec)})]
    )
    notes += [Fault("texts_cut", "", {"count": encoding.cut})] if encoding.cut else []
    return [decoded(field) for field in fields], [[decoded(value) for value in column] for column in cells], notes


def _declared(path: Path) -> str | None:
    """What a shapefile says of its encoding: its .cpg, else the language driver of its table."""
    page = path.with_suffix(".cpg")
    if page.exists():
        return page.read_bytes()[:64].decode("latin-1").strip() or None
    head = path.with_suffix(".dbf").read_bytes()[:32]
    return "GBK" if len(head) == 32 and head[29] in CHINESE_DRIVERS else None


# Outlines


def _geometry(wkb: bytes) -> Json:
    kind, positions, _ = _parsed(wkb, 0)
    return {"type": kind, "coordinates": positions}


def _parsed(wkb: bytes, at: int) -> tuple[str, list[Any], int]:
    """Type and coordinates of what begins there, and where it ends. What is no polygon keeps its name alone."""
    order = "<" if wkb[at] == 1 else ">"
    (number,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    has_z = bool(number & 0x80000000) or number // 1000 % 10 in (1, 3)
    has_m = bool(number & 0x40000000) or number // 1000 % 10 in (2, 3)
    kind = SHAPES.get((number & 0xFFFFFF) % 1000, str(number))
    if kind == "Point":
        x, y = struct.unpack_from(f"{order}2d", wkb, at + 5)
        return kind, [] if math.isnan(x) else [x, y], len(wkb)
    if kind not in ("Polygon", "MultiPolygon"):
        return kind, [], len(wkb)
    (count,) = struct.unpack_from(f"{order}I", wkb, at + 5)
    at += 9
    coordinates: list[Any] = []
    for _ in range(count):
        if kind == "MultiPolygon":
            _, part, at = _parsed(wkb, at)
            coordinates.append(part)
            continue
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        width = 2 + has_z + has_m
        values = struct.unpack_from(f"{order}{points * width}d", wkb, at + 4)
        coordinates.append([list(values[n : n + 2 + has_z]) for n in range(0, len(values), width)])
        at += 4 + 8 * len(values)
    return kind, coordinates, at


if __name__ == "__main__":
    answer_request(_answer)
