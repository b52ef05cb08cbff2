"""Flat features of units: how they are written, and written anew where that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final
from uuid import UUID

import asyncpg

from domain.collections import BESIDE, unit_properties
from domain.field import Field
from domain.words import Kind
from store.db import Act, Database
from store.sql import fill, load

SQL = load("flat")
#: Units that one statement writes anew.
AT_ONCE = 500


def stated(field: Field, row: str = "a") -> str:
    """A fact of a unit as SQL: its own, or the one it takes from its whole."""
    column = f"{row}.{field.name}"
    if field.store == "attributes":
        kept = f"{row}.attributes ->> '{field.name}'"
        return {"number": f"({kept})::numeric", "flag": f"({kept})::boolean"}.get(field.type, kept)
    if field.follows:
        return f"coalesce({column}, ({row}.inherited ->> '{field.name}')::{_SQL_TYPE.get(field.type, 'text')})"
    return column


_SQL_TYPE: Final = {"number": "numeric", "integer": "integer", "day": "date"}


def _value(field: Field) -> str:
    """A property as a value of JSON."""
    column = stated(field)
    if field.name in BESIDE and field.name != "changed_at":
        return {"park_code": "p.code", "park_name": "p.name_zh"}[field.name]
    if field.name == "illustrative":
        return (
            "array_to_string(public_names(a.illustrative || ARRAY("
            "SELECT jsonb_array_elements_text(a.inherited -> 'illustrative'))), ',')"
        )
    if field.name == "inherited":
        return "(SELECT string_agg(k, ',' ORDER BY k) FROM jsonb_object_keys(a.inherited - 'illustrative') AS k)"
    if field.type == "number":  # with a decimal: GDAL and QGIS take a column for whole numbers by its first values
        return f"trim_scale({column}) + 0.0"
    if field.store == "attributes":
        return f"a.attributes -> '{field.name}'"
    if field.type in ("words", "codes", "texts", "names", "ids"):
        return f"array_to_string({column}, ',')"
    if field.type in ("object", "objects"):
        return f"{column}::text"
    if field.type == "instant":
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return column


def _properties(kind: Kind) -> str:
    members = ", ".join(f"{_value(field)} AS {field.name}" for field in unit_properties(kind).values())
    return f"(SELECT row_to_json(f)::text FROM (SELECT {members}) AS f)"


#: The flat feature of the row `a` of `asset`, in the park `p`.
FLAT: Final = fill(SQL.flat, land=_properties(Kind.land), factory=_properties(Kind.factory))
WRITE_SOME: Final = fill(SQL.write_some, flat=FLAT)
FORM: Final = hashlib.sha256(FLAT.encode()).hexdigest()


async def write_anew(db: Database, on_progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """Writes every flat feature anew where they were written in another form, a portion a transaction, and counts them.

    `on_progress` hears how many are written, and of how many.
    """
    async with db.system() as conn:
        if await conn.fetchval(SQL.form) == FORM:
            return
        in_all = await conn.fetchval(SQL.count)
    written, last = 0, None
    while True:
        if in_all:
            on_progress(written, in_all)
        async with db.system(is_read_only=False) as conn:
            ids = await _write_some(conn, None, last)
            if not ids:
                await conn.execute(SQL.recount)
                await conn.execute(SQL.set_form, FORM)
                return
        written, last = written + len(ids), max(ids)


async def write_park(act: Act) -> None:
    """Writes the flat features of the units of a park whose name is another now."""
    last = None
    while ids := await _write_some(act.conn, act.scope_id, last):
        last = max(ids)


async def _write_some(conn: asyncpg.Connection, park_id: UUID | None, last: UUID | None) -> list[UUID]:
    return [row["id"] for row in await conn.fetch(WRITE_SOME, park_id, last, AT_ONCE)]
