"""A GeoPackage or a shapefile, made of a FlatGeobuf in a process of its own: GDAL reads and writes, a batch at a time.

The process answers one request (`geo/reading_process.py`), in whose folder the file lies and the other is written.
"""

from __future__ import annotations

import contextlib
import sqlite3
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from domain.collections import Shape
from geo.flatgeobuf import FlatColumn
from geo.reading_process import Json, ReadingLimits, answer_request

MODULE: Final = "geo.file_writing"
#: What is read, and what is written, in the folder.
SOURCE: Final = "features.fgb"
TARGETS: Final = {"gpkg": "features.gpkg", "shp": "features.zip"}
#: Features in hand.
AT_ONCE: Final = 500
GEOMETRY_TYPES: Final[dict[Shape, str | None]] = {"outline": "MultiPolygon", "point": "Point", "none": None}
#: Older programs read this version too.
OPTIONS: Final[dict[str, Json]] = {
    "gpkg": {"driver": "GPKG", "dataset_options": {"VERSION": "1.2"}},
    "shp": {"driver": "ESRI Shapefile"},
}
#: GDAL may have named columns already. Source: OGC 12-128r18, extension Schema.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
  definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
  title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL,
  value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_schema';
DELETE FROM gpkg_data_columns;
INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope) VALUES
  ('gpkg_data_columns', 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
  ('gpkg_data_column_constraints', 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
"""


@dataclass(frozen=True)
class FileColumn(FlatColumn):
    """A column of the file: what it is called there, what people call its words, bytes of its longest text in UTF-8.

    Without a width a text of a shapefile grows as longer ones come, and all before are written anew.
    """

    named: str = ""
    width: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def writing_request(
    form: str,
    layer: str,
    title: str,
    columns: Sequence[FileColumn],
    shape: Shape,
    *,
    srid: int,
    encoding: str,
    beside: Mapping[str, str],
    limits: ReadingLimits,
) -> Json:
    """What the process is asked. `form`: of `TARGETS`.

    `beside`: texts that lie beside a shapefile in its archive, by their names.
    """
    return {
        "form": form, "layer": layer, "title": title, "columns": [asdict(column) for column in columns], "shape": shape,
        "srid": srid, "encoding": encoding, "beside": beside, "limits": asdict(limits),
    }  # fmt: skip


def write(request: Json) -> Json:
    """Writes the file of a request, in the working folder."""
    try:
        return _written(request)
    except Exception:
        half = request["limits"]["answer_bytes"] // 2
        if any(path.stat().st_size > half for path in Path().iterdir() if path.name != SOURCE):
            raise OSError("too large") from None  # GDAL says in many ways that a file may not grow
        raise


def _written(request: Json) -> Json:
    form, layer = request["form"], request["layer"]
    if form == "gpkg":
        _convert(request, TARGETS[form], encoding=None)
        _describe(TARGETS[form], request)
        return {}
    _convert(request, f"{layer}.shp", encoding=request["encoding"])
    _check_whole(Path(f"{layer}.dbf"))
    with zipfile.ZipFile(TARGETS[form], "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for path in sorted(Path().glob(f"{layer}.*")):
            archive.write(path)
            path.unlink()
        for name, text in request["beside"].items():
            archive.writestr(name, text.encode("utf-8-sig"))
    return {}


def _convert(request: Json, target: str, *, encoding: str | None) -> None:
    import pyogrio

    geometry_type = GEOMETRY_TYPES[request["shape"]]
    chosen = ", ".join(f'{_read_as(column)} AS "{column["named"]}"' for column in request["columns"])
    more: Json = OPTIONS[request["form"]] | ({} if encoding is None else {"encoding": encoding})
    if geometry_type is not None:
        more |= {"geometry_type": geometry_type, "geometry_name": "wkb_geometry", "crs": f"EPSG:{request['srid']}"}
    with pyogrio.open_arrow(
        SOURCE, sql=f'SELECT {chosen} FROM "{request["layer"]}"', sql_dialect="OGRSQL", batch_size=AT_ONCE,
        read_geometry=geometry_type is not None, use_pyarrow=False,
    ) as (_, stream):  # fmt: skip
        pyogrio.write_arrow(stream, target, layer=request["layer"], **more)


def _read_as(column: Json) -> str:
    name = f'"{column["name"]}"'
    if column["type"] == "day":
        return f"CAST({name} AS date)"
    return name if column["width"] is None else f"CAST({name} AS character({column['width']}))"


def _check_whole(dbf: Path) -> None:
    """GDAL says nothing of rows that it could not write. Raises: OSError where some are missing."""
    with dbf.open("rb") as file:
        rows, before, bytes_of_row = struct.unpack("<4xIHH", file.read(12))
    if before == 0 or dbf.stat().st_size < before + rows * bytes_of_row:
        raise OSError("too large")


def _describe(target: str, request: Json) -> None:
    """Says what people call the layer, its columns and their words; QGIS and GDAL show it."""
    layer, columns = request["layer"], request["columns"]
    worded = [column for column in columns if column["words"]]
    with contextlib.closing(sqlite3.connect(target)) as conn, conn:
        conn.executescript(SCHEMA)
        conn.execute("UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?", (request["title"], layer))
        conn.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, constraint_name) "
            "VALUES (?, ?, ?, ?, ?)",
            [(layer, c["named"], c["title"], c["title"], f"{c['named']}_words" if c["words"] else None)
             for c in columns],
        )  # fmt: skip
        conn.executemany(
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
            "VALUES (?, 'enum', ?, ?)",
            [(f"{c['named']}_words", *word) for c in worded for word in c["words"].items()],
        )


if __name__ == "__main__":
    answer_request(write)
