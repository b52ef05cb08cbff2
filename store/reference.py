"""Industry codes and versioned schemes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

from domain.industry import IndustryRow
from store.db import Act
from store.search import SearchPage, SearchPosition, search_page
from store.spelling import spelling, vector
from store.sql import load

SQL = load("reference")


def industry_columns(rows: Sequence[IndustryRow]) -> list[list[Any]]:
    """The columns that `put_industries` writes, parents before children.

    Names are spelt here, which takes seconds on a busy machine: longer than a transaction may stand idle.
    """
    ordered = sorted(rows, key=lambda row: (row.level, row.code))
    return [
        [row.code for row in ordered],
        [row.level for row in ordered],
        [row.parent for row in ordered],
        [row.name_zh for row in ordered],
        [vector(row.name_zh, row.code) for row in ordered],
        [spelling(row.name_zh) for row in ordered],
    ]


async def put_industries(act: Act, columns: Sequence[Sequence[Any]]) -> list[str]:
    """Adds what is missing and corrects names; the codes that changed."""
    changed = await act.conn.fetch(SQL.put_industries, *columns)
    return [row[0] for row in changed]


async def industries(conn: asyncpg.Connection, after: str | None, limit: int) -> Sequence[asyncpg.Record]:
    return list(await conn.fetch(SQL.industries, after, limit))


async def search_industries(
    conn: asyncpg.Connection, typed: str, after: SearchPosition | None, limit: int
) -> SearchPage:
    """Industries by what was typed of code or name, the best first."""
    return await search_page(
        typed,
        lambda query, key, n: conn.fetch(SQL.search_industries, query, key, n),
        lambda spelt, n: conn.fetch(SQL.industries_alike, spelt, n),
        "code",
        after=after,
        limit=limit,
    )


async def unknown_industries(conn: asyncpg.Connection, codes: Sequence[str]) -> list[str]:
    return list(await conn.fetchval(SQL.unknown_industries, list(codes)) or [])


async def sections(conn: asyncpg.Connection) -> dict[str, str]:
    """Division → section letter."""
    return {row["code"]: row["parent"] for row in await conn.fetch(SQL.sections)}


async def put_scheme(act: Act, kind: str, version: str, body: dict[str, Any]) -> bool:
    """Stores a version beside the others; False where it is there already."""
    return bool(await act.conn.fetchval(SQL.put_scheme, kind, version, json.dumps(body, ensure_ascii=False)))


async def scheme_in_force(conn: asyncpg.Connection, kind: str) -> tuple[str, dict[str, Any]] | None:
    row = await conn.fetchrow(SQL.scheme_in_force, kind)
    return None if row is None else (row["version"], json.loads(row["body"]))


async def version_in_force(conn: asyncpg.Connection, kind: str) -> str | None:
    version: str | None = await conn.fetchval(SQL.version_in_force, kind)
    return version


async def scheme_of_version(conn: asyncpg.Connection, kind: str, version: str) -> dict[str, Any] | None:
    body = await conn.fetchval(SQL.scheme_of_version, kind, version)
    return None if body is None else dict(json.loads(body))


async def schemes(conn: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await conn.fetch(SQL.schemes)]


async def scheme(conn: asyncpg.Connection, kind: str) -> str | None:
    """The version in force, as JSON text."""
    text: str | None = await conn.fetchval(SQL.scheme, kind)
    return text


async def templates(conn: asyncpg.Connection) -> list[str]:
    """The names of the sector templates in force."""
    return sorted(await conn.fetchval(SQL.templates))
