"""FlatGeobuf, written as features come: a head that says what they are, then each by itself; no index.

A file is a row of FlatBuffers, each behind its length. A `_Part` is bytes whose length is a multiple of 8, to stand
where such a multiple is, and the position in it to which others point. Source: FlatGeobuf 3.0; FlatBuffers.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.collections import Shape
from domain.field import Type

MAGIC: Final = b"fgb\x03fgb\x00"
#: Source: header.fbs.
POINT, MULTI_POLYGON, UNKNOWN, POLYGON = 1, 6, 0, 3
GEOMETRIES: Final[dict[Shape, int]] = {"outline": MULTI_POLYGON, "point": POINT, "none": UNKNOWN}
BOOL, INT, DOUBLE, STRING, DATE_TIME = 2, 5, 10, 11, 13
#: Type of a property → type of a column; others are texts. A day has no type of its own, it is an instant without an
#: hour.
TYPES: Final[dict[Type, int]] = {
    "number": DOUBLE, "integer": INT, "flag": BOOL, "day": DATE_TIME, "instant": DATE_TIME,
}  # fmt: skip
_Part = tuple[bytes, int]
#: A field of a table: none, a number and its format, or what is pointed to.
_Slot = tuple[str, int | float] | _Part | None


@dataclass(frozen=True)
class FlatColumn:
    """A column: its name, what it holds, what people call it."""

    name: str
    type: Type
    title: str = ""


def head(name: str, columns: Sequence[FlatColumn], shape: Shape, *, srid: int, count: int) -> bytes:
    """What stands before the features. `srid`: of EPSG; coordinates are x then y. `count`: 0 where nobody knows."""
    described = [
        _table([_text(c.name), ("B", TYPES.get(c.type, STRING)), _text(c.title) if c.title else None]) for c in columns
    ]
    crs = _table([_text("EPSG"), ("i", srid)])
    about: list[_Slot] = [_text(name), None, ("B", GEOMETRIES[shape]), *[None] * 4]
    no_index = ("H", 0)
    return MAGIC + _whole(_table([*about, _table_row(described), ("Q", count), no_index, crs]))


def feature(columns: Sequence[FlatColumn], values: Sequence[Any], wkb: bytes | None) -> bytes:
    """A feature. `values`: of the columns, None where unknown; days and instants as texts of ISO 8601.

    `wkb`: Point or MultiPolygon of two dimensions, little endian.
    """
    geometry = None if wkb is None else _geometry(wkb)
    return _whole(_table([geometry, _vector(_properties(columns, values), 1)]))


def _properties(columns: Sequence[FlatColumn], values: Sequence[Any]) -> bytes:
    parts = []
    for n, (column, value) in enumerate(zip(columns, values, strict=True)):
        if value is None:
            continue
        kind = TYPES.get(column.type, STRING)
        if kind in (STRING, DATE_TIME):
            raw = str(value).encode()
            parts.append(_LENGTH.pack(n, len(raw)) + raw)
        else:
            parts.append(_NUMBERS[kind].pack(n, value))
    return b"".join(parts)


_LENGTH: Final = struct.Struct("<HI")
_NUMBERS: Final = {BOOL: struct.Struct("<H?"), INT: struct.Struct("<Hi"), DOUBLE: struct.Struct("<Hd")}


def _geometry(wkb: bytes) -> _Part:
    kind, n = struct.unpack_from("<II", wkb, 1)
    if kind == POINT:
        return _table([None, _vector(wkb[5:21], 16), *[None] * 4, ("B", POINT)])
    polygons, at = [], 9
    for _ in range(n):
        polygon, at = _polygon(wkb, at)
        polygons.append(polygon)
    return _table([*[None] * 6, ("B", MULTI_POLYGON), _table_row(polygons)])


def _polygon(wkb: bytes, at: int) -> tuple[_Part, int]:
    """The polygon there, its rings' positions one behind the other; and where it ends."""
    (rings,) = struct.unpack_from("<I", wkb, at + 5)
    at, positions, ends, end = at + 9, [], [], 0
    for _ in range(rings):
        (n,) = struct.unpack_from("<I", wkb, at)
        positions.append(wkb[at + 4 : at + 4 + 16 * n])
        at, end = at + 4 + 16 * n, end + n
        ends.append(end)
    counts = _vector(struct.pack(f"<{rings}I", *ends), 4)
    return _table([counts, _vector(b"".join(positions), 8), *[None] * 4, ("B", POLYGON)]), at


# FlatBuffers


def _whole(root: _Part) -> bytes:
    raw, entry = root
    return struct.pack("<II", len(raw) + 4, entry + 4) + raw


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % 8)


def _text(text: str) -> _Part:
    raw = text.encode()
    return _padded(struct.pack("<I", len(raw)) + raw + b"\0"), 0


def _vector(raw: bytes, size: int) -> _Part:
    """Values of so many bytes each, the first where a multiple of 8 is."""
    return _padded(struct.pack("<4xI", len(raw) // size) + raw), 4


def _table_row(parts: Sequence[_Part]) -> _Part:
    """A vector that points to tables."""
    begins = 8 + len(parts) * 4 + -len(parts) * 4 % 8
    offsets, behind = [], begins
    for n, (raw, entry) in enumerate(parts):
        offsets.append(behind + entry - (8 + 4 * n))
        behind += len(raw)
    return _vector(struct.pack(f"<{len(parts)}I", *offsets), 4)[0] + b"".join(raw for raw, _ in parts), 4


def _table(slots: Sequence[_Slot]) -> _Part:
    """A table behind the list of where its fields stand, and before what they point to."""
    inline, places, pointers = bytearray(4), [], []
    for slot in slots:
        if slot is None:
            places.append(0)
            continue
        raw = bytes(4) if isinstance(slot[0], bytes) else struct.pack(f"<{slot[0]}", slot[1])
        inline += bytes(-len(inline) % len(raw))
        places.append(len(inline))
        if isinstance(slot[0], bytes):
            pointers.append((len(inline), slot))
        inline += raw
    listed = _padded(struct.pack(f"<{2 + len(places)}H", 4 + 2 * len(places), len(inline), *places))
    struct.pack_into("<i", inline, 0, len(listed))
    behind, parts = len(_padded(bytes(inline))), []
    for at, (part, entry) in pointers:
        struct.pack_into("<I", inline, at, behind + int(entry) - at)
        parts.append(part)
        behind += len(part)
    return listed + _padded(bytes(inline)) + b"".join(parts), len(listed)
