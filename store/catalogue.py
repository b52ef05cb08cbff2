"""What the ranking reads: every unit on offer as columns, and the token by which later changes are found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray

from domain.field import Field
from domain.fields import ASSET
from domain.words import Equipment
from matching import Catalogue
from matching.catalogue.catalogue import PACKED_AREA, own_lists
from matching.catalogue.columns import COLUMNS, tree_numbers
from matching.catalogue.table import OwnLists
from matching.scaled import AREA
from store.db import NIL, Database
from store.packed import UUID_BYTES, beside_loop, columns_of, copied, distinct, field_names, places_of
from store.reference import scheme_in_force, sections
from store.sql import fill, load

SQL = load("catalogue")


def _figures() -> str:
    """The fields that the ranking reads by themselves, each in whole steps; -1 is unknown."""
    fields = [field for field in ASSET.values() if field.steps is not None and field.type in PACKED]
    return ",\n  ".join(f"{PACKED[field.type](field)} AS {field.name}" for field in fields)


def _number(field: Field) -> str:
    width = "int2" if field.fits_in_16_bits else "int8"
    value = field.name
    if field.follows:
        value = f"coalesce({field.name}, (inherited ->> '{field.name}')::numeric)"
    return f"coalesce({value} * {field.steps}, -1)::{width}"


def _flag(field: Field) -> str:
    return field.name if field.store == "column" else f"(attributes ->> '{field.name}')::boolean"


#: Type of a field → how it is packed.
PACKED: Mapping[str, Callable[[Field], str]] = {
    "number": _number,
    "integer": _number,
    "flag": lambda field: f"coalesce({_flag(field)}::int, -1)::int2",
    "day": lambda field: f"coalesce({field.name} - DATE '0001-01-01' + 1, -1)",
}
UNITS = fill(SQL.packed, figures=_figures(), where="{where}")

#: Among the scopes seen: the count of what parks read of firms.
FIRMS = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
#: Sets of words, fetched once for all units with the same lists.
SETS = ("allowed_paths", "effluent_types", "connections")


@dataclass(frozen=True)
class Token:
    """Up to where a snapshot has seen each scope; opaque outside this module."""

    epoch: UUID
    revs: Mapping[UUID, int]


@dataclass(frozen=True)
class Schemes:
    """The versioned data a ranking reads."""

    sections: Mapping[str, str]
    parameters: Mapping[str, Any]
    chain_version: str
    chain_edges: Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class Snapshot:
    """Everything a ranking needs, as it was when `token` was read or later."""

    token: Token
    catalogue: Catalogue
    park_facts: Sequence[Mapping[str, Any]]
    schemes: Schemes


@dataclass(frozen=True)
class Changes:
    """What was touched: every unit by its key, those on offer in full, park facts, and schemes if any moved."""

    token: Token
    gone: NDArray[Any]
    fresh: Catalogue
    park_facts: Sequence[Mapping[str, Any]]
    schemes: Schemes | None


async def changed_since(db: Database, token: Token | None) -> Token | None:
    """The newer token, or None where nothing changed. Another epoch counts as all changed."""
    known = {} if token is None else token.revs
    async with db.system() as conn:
        row = await conn.fetchrow(SQL.changed, list(known), list(known.values()))
        if token is not None and row["epoch"] != token.epoch:
            row = await conn.fetchrow(SQL.changed, [], [])
            known = {}
    moved = dict(zip(row["scopes"] or [], row["revs"] or [], strict=True))
    if not moved and token is not None and row["epoch"] == token.epoch:
        return None
    return Token(row["epoch"], {**known, **moved})


async def snapshot(db: Database, token: Token) -> Snapshot:
    """Reads after the token was taken: it may hold more than the token says, never less."""
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        _, catalogue = await _assets(conn, SQL.where_offered)
        return Snapshot(token, catalogue, await _facts(conn, None), await _schemes(conn))


async def changes(db: Database, known: Token, token: Token) -> Changes:
    """What was touched between two tokens of one epoch, as it is now: it may hold more than the newer one says."""
    moved = [scope for scope, rev in token.revs.items() if rev != known.revs.get(scope, 0)]
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        revs = [known.revs.get(scope, 0) for scope in moved]
        gone, fresh = await _assets(conn, SQL.where_changed, moved, revs)
        schemes = await _schemes(conn) if NIL in moved else None
        facts = await _facts(conn, None if FIRMS in moved or NIL in moved else moved)
        return Changes(token, gone, fresh, facts, schemes)


async def asset_catalogue(db: Database, asset_id: UUID) -> Catalogue:
    """One unit as the ranking takes it, on offer or not."""
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        _, catalogue = await _assets(conn, SQL.where_one, asset_id, is_offered=False)
        return catalogue


async def lapsed(db: Database) -> tuple[NDArray[Any], Catalogue]:
    """The keys of all units whose listings have lapsed, and these as the ranking takes them."""
    async with db.system() as conn:
        await conn.execute(SQL.one_snapshot)
        return await _assets(conn, SQL.where_lapsed, is_offered=False)


async def _assets(
    conn: asyncpg.Connection, where: str, *arguments: object, is_offered: bool = True
) -> tuple[NDArray[Any], Catalogue]:
    """The keys of all units found, and those on offer as a catalogue; all of them where `is_offered` is False."""
    data = await copied(conn, fill(UNITS, where=where), *arguments)
    read = await beside_loop(len(data), _read, data, is_offered)
    keys, arrays = read.keys, read.arrays
    del data
    sets = {row["id"].bytes: row for row in await conn.fetch(SQL.lists, _uuids(keys[read.lists]))}
    chosen = [sets[_bytes(key)] for key in keys[read.lists]]
    for name in SETS:
        words = COLUMNS[name].read([row[name] for row in chosen])
        arrays[name] = np.where(words.known, words.values.astype(np.int64), -1)[read.list_index]
    policies: dict[OwnLists, int] = {}
    places = [policies.setdefault(_policy(row), len(policies)) for row in chosen]
    arrays["policy"] = np.array(places, np.int64)[read.list_index]
    arrays["adjacent_m2"] = await _beside(conn, keys, arrays["area"], is_all=where == SQL.where_offered)
    rows = np.flatnonzero(arrays.pop("has_works"))
    rows_of_works = await conn.fetch(SQL.works, _uuids(keys[rows])) if len(rows) else []
    works_by_id = {row["id"].bytes: json.loads(row["works"]) for row in rows_of_works}
    retrofits = [(int(row), works_by_id[_bytes(keys[row])]) for row in rows]
    make, size = Catalogue.from_packed, keys.nbytes
    return read.gone, await beside_loop(size, make, keys, arrays, read.facts_keys, tuple(policies), retrofits)


@dataclass(frozen=True)
class _Read:
    """Packed units: the keys of all, and those on offer by column; `lists` are the first rows of each set of lists, and
    `of_list` which of them each row has.
    """

    gone: NDArray[Any]
    keys: NDArray[Any]
    arrays: dict[str, NDArray[Any]]
    facts_keys: tuple[str, ...]
    lists: NDArray[Any]
    list_index: NDArray[Any]


def _read(data: bytearray, is_offered: bool) -> _Read:
    arrays = columns_of(data, field_names(UNITS))
    gone, offered = arrays["id"], arrays.pop("is_offered") == 1
    if is_offered and not bool(offered.all()):
        arrays = {name: values[offered] for name, values in arrays.items()}
    park_keys = arrays.pop("facts_key")
    parks, arrays["facts"] = distinct(park_keys)
    arrays["root_id"] = tree_numbers(arrays["root_id"])
    lists, list_index = distinct(arrays.pop("lists"))
    facts_keys = tuple(str(UUID(bytes=_bytes(key))) for key in park_keys[parks])
    return _Read(gone, arrays.pop("id"), arrays, facts_keys, lists, list_index)


def _bytes(key: Any) -> bytes:
    """An array of bytes drops the zeros at their end."""
    return bytes(key).ljust(UUID_BYTES, b"\0")


def _uuids(keys: NDArray[Any]) -> list[UUID]:
    return [UUID(bytes=_bytes(key)) for key in keys]


def _policy(row: Mapping[str, Any]) -> OwnLists:
    attributes = json.loads(row["attributes"] or "{}")
    fittings = {str(name): attributes[name] for name in Equipment if name in attributes}
    return own_lists(row["allowed_industries"], row["forbidden_industries"], fittings)


async def _beside(conn: asyncpg.Connection, keys: NDArray[Any], areas: NDArray[Any], *, is_all: bool) -> NDArray[Any]:
    """The area on offer beside each unit, 0.01 m²; 0 where nothing is. Shapes: aligned with `keys`."""
    if not len(keys):
        return np.zeros(0, np.int64)
    if is_all:
        data = await copied(conn, SQL.beside_each)
        return await beside_loop(len(data), _summed, data, keys, areas)
    rows = await conn.fetch(SQL.beside, _uuids(keys))
    amounts = {row["asset_id"].bytes: row["adjacent_m2"] for row in rows}
    return np.array([amounts.get(_bytes(key), 0) for key in keys], np.int64)


def _summed(data: bytearray, keys: NDArray[Any], areas: NDArray[Any]) -> NDArray[Any]:
    """The areas of what lies beside each unit; a neighbour that is not among the keys is not on offer."""
    pairs = columns_of(data, ["id", "neighbour_id"])
    places = places_of(np.concatenate([pairs["id"], pairs["neighbour_id"]]), keys).reshape(2, -1)
    unit, beside = places[:, (places >= 0).all(axis=0)]
    total, known = np.zeros(len(keys), np.int64), np.maximum(areas, 0)
    np.add.at(total, unit, known[beside])
    np.add.at(total, beside, known[unit])
    return (total + PACKED_AREA // AREA // 2) // (PACKED_AREA // AREA)


#: A little more than the model's reach: what lies beyond it is left out where distances are counted.
ANCHOR_SLACK = 1.01
#: How far anchors reach where the parameters say nothing of it, m.
NO_REACH = 1.0


async def _facts(conn: asyncpg.Connection, scopes: Sequence[UUID] | None) -> list[dict[str, Any]]:
    parameters = await scheme_in_force(conn, "matching")
    numbers = {} if parameters is None else parameters[1]["numbers"]
    reach_m = float(numbers.get("anchor_reach_m", {"value": NO_REACH})["value"]) * ANCHOR_SLACK
    return [dict(row) for row in await conn.fetch(SQL.facts, scopes, reach_m)]


async def _schemes(conn: asyncpg.Connection) -> Schemes:
    chain = await scheme_in_force(conn, "chain")
    parameters = await scheme_in_force(conn, "matching")
    if chain is None or parameters is None:
        raise RuntimeError("reference data is not loaded: panhuo load reference")
    edges = [(upstream, downstream, float(weight)) for upstream, downstream, _, weight in chain[1]["edges"]]
    return Schemes(await sections(conn), parameters[1], chain[0], edges)


async def names(conn: asyncpg.Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """What a list of results shows of each unit the caller sees, as JSON text by id."""
    rows = await conn.fetch(SQL.names, [UUID(asset_id) for asset_id in asset_ids])
    return {row["id"]: row["shown"] for row in rows}


async def availability(conn: asyncpg.Connection, asset_id: UUID) -> str | None:
    """Whether a unit is on offer, or why not. Empty: None for a unit the caller does not see."""
    state: str | None = await conn.fetchval(SQL.offered, asset_id)
    return state


async def outlines(conn: asyncpg.Connection, asset_ids: Sequence[str]) -> dict[str, str]:
    """The outline of each unit the caller sees, GeoJSON text by id."""
    rows = await conn.fetch(SQL.outlines, [UUID(asset_id) for asset_id in asset_ids])
    return {row["id"]: row["geometry"] for row in rows}


async def neighbours(
    db: Database, kinds: Sequence[str], land_most: Decimal | None, floor_most: Decimal | None, limit: int
) -> list[asyncpg.Record]:
    """Pairs of units on offer that lie next to each other, with their floors; areas in m²."""
    async with db.system() as conn:
        return list(await conn.fetch(SQL.neighbours, land_most, floor_most, kinds, limit))
