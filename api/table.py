"""A whole selection as a table for plain readers, GIS and spreadsheets: flat, without pages, sent as it is read.

Members are called as in the interface, or with `titles` as people call them in that language; sheets then hold words as
people write them too. An answer holds two portions of rows at a time, one that is written and one that comes; all are
read in one snapshot, and a reader that hangs up ends the query.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from litestar import Request

from api import response
from api.request import RequestContext, caller
from api.response import PER_CALLER, PER_READER, saved_as
from api.streams import Stream, revoked_reading
from domain.actor import ANONYMOUS, Actor, may
from domain.errors import Malformed, NotSignedIn
from ledger.columns import WKT, Cell, MadeCells, Portion, TableColumn, as_stated, columns_of
from ledger.features import FeatureReader
from ledger.sheet import SheetWriter
from reports.spreadsheet import BOM, plain
from store import park
from store.db import Database
from texts.lookup import Language, languages, tables, tag


class Writer(Protocol):
    """Writes the rows of a table as they come."""

    def add(self, portion: Portion) -> bytes:
        """The rows of a portion; what is ready to be sent."""

    def end(self) -> bytes:
        """What ends the table, and begins it where it has no row."""


@dataclass(frozen=True)
class Form:
    """How a table is written.

    `ending`: of the name it is saved under; empty: it is shown. `is_in_words`: it is always in a language, the reader's
    where `titles` names none.
    """

    media_type: str
    writer: Callable[[Sequence[TableColumn], Language], Writer]
    ending: str = ""
    is_in_words: bool = False


@dataclass(frozen=True)
class TableRows:
    """The rows of a table: of what things, who reads them, of which park, and what gives them in portions.

    `portions` reads on a connection that sees as the actor, for the columns that are wanted.
    """

    thing: str
    actor: Actor
    portions: Callable[[Any, Collection[str]], AsyncIterator[Sequence[Any]]]
    park_id: UUID | None = None


def table_columns(form: Form, rows: TableRows, query: Any, reader: Language) -> list[TableColumn]:
    """The columns of a query, in the language of its titles or as the form has them for the reader.

    Raises: Malformed naming `fields` where one is no column that the caller may read.
    """
    language = reader if query.titles is None and form.is_in_words else query.titles
    known = columns_of(rows.thing, is_staff=may(rows.actor, "asset.history"))
    names = known if query.fields is None else tuple(dict.fromkeys(query.fields.split(",")))
    if not set(names) <= set(known):
        raise Malformed("not_in_vocabulary", "fields", allowed=known)
    own = [WKT] if getattr(query, "wkt", False) else []
    return [TableColumn(rows.thing, name, language) for name in (*names, *own)]


def table(
    request: Request[Any, Any, Any],
    context: RequestContext,
    form: Form,
    rows: TableRows,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Stream:
    """A table as it is sent, in the columns and the language that the query names. `more`: headers."""
    columns = table_columns(form, rows, context.query, context.language)
    headers = {**_headers(context, form, rows.thing, columns[0].language), **more}
    return streamed(request, context, table_bytes(context.db, form, rows, columns), form.media_type, headers)


def streamed(
    request: Request[Any, Any, Any],
    context: RequestContext,
    source: AsyncGenerator[bytes, None],
    media_type: str,
    headers: Mapping[str, str],
) -> Stream:
    """A selection as it is sent while its reader may read it. Raises: TooMany, Unavailable."""

    async def still_may() -> bool:
        if context.actor is ANONYMOUS:
            return True
        try:
            return await caller(sent, context.db, datetime.now(UTC)) == context.actor
        except NotSignedIn:
            return False

    streams = context.state.streams
    sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
    enters = context.address if context.actor is ANONYMOUS else str(context.actor.id)
    return Stream(
        source,
        media_type,
        headers=headers,
        leave=streams.enter(enters),
        revoked=lambda: revoked_reading(streams.signal, context.db, still_may),
        ending=streams.ending,
        is_endless=False,
    )


def _headers(context: RequestContext, form: Form, thing: str, language: Language | None) -> Mapping[str, str]:
    """The headers that say for whom a table is, in which language, and what it is saved under."""
    if not form.ending:
        return PER_CALLER
    if not form.is_in_words or language is None:
        return {**PER_CALLER, "Content-Disposition": f'attachment; filename="{thing}s.{form.ending}"'}
    title = f"{tables('ledger', language)['sheet']['table']}-{context.today}.{form.ending}"
    return {**PER_READER, "Content-Language": tag(language), **saved_as(f"{thing}s.{form.ending}", title)}


async def table_bytes(
    db: Database, form: Form, rows: TableRows, columns: Sequence[TableColumn]
) -> AsyncGenerator[bytes, None]:
    """The bytes of a table as its rows are read."""
    language = columns[0].language
    writer = form.writer(columns, language or languages()[0])
    names = [column.name for column in columns]

    async with db.snapshot(rows.actor, park_id=rows.park_id) as conn:
        parks = {msgspec.json.encode(row["id"]): _park_columns(row, language) for row in await park.names(conn)}
        reader = FeatureReader(rows.thing, names, parks)
        portions = rows.portions(conn, names)
        async with aclosing(written(portions, lambda rows: writer.add(_drawn(reader.columns(rows), rows)))) as chunks:
            async for chunk in chunks:
                yield chunk
    yield writer.end()


def _drawn(portion: Portion, rows: Sequence[Any]) -> Portion:
    """A portion with the geometries that stand beside the features, where they are wanted in another system."""
    return {**portion, "geometry": [row["geometry"] for row in rows]} if "geometry" in rows[0] else portion


async def written(portions: AsyncIterator[Any], write: Callable[[Any], bytes]) -> AsyncGenerator[bytes, None]:
    """What is written of each portion, beside the event loop while the next one is on its way."""
    coming = asyncio.ensure_future(anext(portions, None))  # of one connection, one portion at a time
    try:
        while (portion := await coming) is not None:
            coming = asyncio.ensure_future(anext(portions, None))
            if chunk := await asyncio.to_thread(write, portion):
                yield chunk
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def _park_columns(park_row: Any, language: Language | None) -> Mapping[str, bytes]:
    """The code and the name of a park or zone."""
    name = park_row["name_zh"]
    if language not in (None, languages()[0]):
        name = park_row["name_en"] or name
    return {"park_code": msgspec.json.encode(park_row["code"]), "park_name": msgspec.json.encode(name)}


class _GeoJsonWriter:
    """A FeatureCollection whose values are those of the interface, lists and records as one text."""

    def __init__(self, columns: Sequence[TableColumn], _: Language) -> None:
        self._keys = [(c.name, msgspec.json.encode(c.title) + b":") for c in columns if c.name != "id"]
        self._before = b'{"type":"FeatureCollection","features":['

    def add(self, portion: Portion) -> bytes:
        columns = [[key + _flat(raw) for raw in portion[name]] for name, key in self._keys]
        features = [
            b'{"type":"Feature","id":%b,"geometry":%b,"properties":{%b}}' % (id, geometry, b",".join(members))
            for id, geometry, *members in zip(portion["id"], portion["geometry"], *columns, strict=True)
        ]
        before, self._before = self._before, b",\n"
        return before + b",\n".join(features)

    def end(self) -> bytes:
        return (b"" if self._before == b",\n" else self._before) + b"]}"


def _flat(raw: bytes) -> bytes:
    """A value without parts of its own."""
    return msgspec.json.encode(as_stated(raw)) if raw[:1] in (b"[", b"{") else raw


class _CsvWriter:
    """RFC 4180 in UTF-8, with the mark by which spreadsheets know it, and no cell that computes."""

    def __init__(self, columns: Sequence[TableColumn], _: Language) -> None:
        self._titles, self._has_begun = [column.title for column in columns], False
        self._made = [MadeCells(column, _csv_cell, "") for column in columns]

    def add(self, portion: Portion) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text)
        before = b"" if self._has_begun else BOM
        if not self._has_begun:
            writer.writerow(self._titles)
            self._has_begun = True
        writer.writerows(zip(*(made.cells(portion) for made in self._made), strict=True))
        return before + text.getvalue().encode()

    def end(self) -> bytes:
        return b"" if self._has_begun else self.add({})


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, bytes):
        return cell.decode()
    return str(plain(cell)) if isinstance(cell, str) else str(cell)


XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON: Final = Form(response.GEOJSON, _GeoJsonWriter)
CSV: Final = Form("text/csv; charset=utf-8; header=present", _CsvWriter, "csv")
XLSX: Final = Form(XLSX_TYPE, SheetWriter, "xlsx", is_in_words=True)
