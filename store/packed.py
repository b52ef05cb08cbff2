"""Rows of whole numbers out of a binary COPY, a million at a time: no row is ever an object of its own.

The answer is one array of equal rows, read where it lies: every field of the query is NOT NULL and as wide in every row
as in the first.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import asyncpg
import numpy as np
from numpy.typing import NDArray

#: Signature, flags and length of the extension: what stands before the first row; and the mark after the last.
HEADER, TRAILER = 19, 2
UUID_BYTES = 16
#: What is no number.
UUIDS = frozenset({"id", "facts_key", "root_id", "neighbour_id"})
#: A million rows take seconds, on a machine with other work many; without a figure of its own the pool's would hold.
PATIENCE_S = 600.0
#: Half a megabyte of arrays is read in about a millisecond.
LEAST_ASIDE = 500_000

Arrays = dict[str, NDArray[Any]]
Value = TypeVar("Value")


async def beside_loop(size: int, work: Callable[..., Value], *arguments: Any) -> Value:
    """What work on so many bytes of arrays finds: in a thread, unless it takes less time than one does to answer."""
    return await asyncio.to_thread(work, *arguments) if size > LEAST_ASIDE else work(*arguments)


async def copied(conn: asyncpg.Connection, query: str, *arguments: object) -> bytearray:
    """The binary COPY of a query."""
    data = bytearray()

    async def take(chunk: bytes) -> None:
        data.extend(chunk)

    await conn.copy_from_query(query, *arguments, output=take, format="binary", timeout=PATIENCE_S)
    return data


def field_names(query: str) -> list[str]:
    """What a packed query calls its fields: `id`, then the name behind each AS."""
    return ["id", *re.findall(r" AS (\w+)", query)]


def columns_of(data: bytearray, names: Sequence[str]) -> Arrays:
    """The fields as arrays: whole numbers, and UUIDs as their 16 bytes.

    Raises: ValueError where a row is not as wide as the first.
    """
    if len(data) == HEADER + TRAILER:
        return {name: np.zeros(0, "S16" if name in UUIDS else np.int64) for name in names}
    row = _row_type(data, names)
    count, rest = divmod(len(data) - HEADER - TRAILER, row.itemsize)
    rows = np.frombuffer(data, row, count, HEADER)
    if rest or not bool((rows["fields"] == len(names)).all()):
        raise ValueError("rows of a packed query differ in width")
    return {name: rows[name].astype(_native(rows[name].dtype)) for name in names}


def _row_type(data: bytearray, names: Sequence[str]) -> np.dtype[Any]:
    """Every field stands behind its length in four bytes; the row behind the number of its fields in two."""
    parts: list[tuple[str, str]] = [("fields", ">i2")]
    at = HEADER + 2
    for name in names:
        width = int.from_bytes(data[at : at + 4], "big", signed=True)
        parts += [(f"{name} width", ">i4"), (name, "S16" if width == UUID_BYTES else f">i{width}")]
        at += 4 + width
    return np.dtype(parts)


def _native(stored: np.dtype[Any]) -> np.dtype[Any]:
    return stored if stored.kind == "S" else stored.newbyteorder("=")


def places_of(ids: NDArray[Any], keys: NDArray[Any]) -> NDArray[np.int64]:
    """The place of each id, 16 bytes of a UUID, among keys of which none stands twice. Empty: -1 where it is none."""
    if not len(keys):
        return np.full(len(ids), -1)
    sought, known = _mixed(ids), _mixed(keys)
    by_number = np.argsort(known)
    if bool((np.diff(known[by_number]) == 0).any()):  # two keys were mixed to one number
        sought, known, by_number = ids, keys, np.argsort(keys)
    order = np.argsort(sought)  # neighbours are looked for in the same memory
    at = np.empty(len(ids), np.int64)
    at[order] = np.searchsorted(known, sought[order], sorter=by_number)
    places = by_number[np.minimum(at, len(keys) - 1)]
    return np.where(keys[places] == ids, places, -1)


def _mixed(ids: NDArray[Any]) -> NDArray[np.uint64]:
    """A number of 64 bits for each UUID, nearly always one of its own: it sorts ten times faster than the bytes."""
    halves = np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 2)
    mixed: NDArray[np.uint64] = halves[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ halves[:, 1]
    return mixed


def distinct(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The first row of every distinct value, and which of them each row has."""
    if values.dtype.kind == "S":
        first, index = distinct(_mixed(values))
        if bool((values[first][index] == values).all()):  # else two values were mixed to one number
            return first, index
    _, first, index = np.unique(values, return_index=True, return_inverse=True)
    return first, index
