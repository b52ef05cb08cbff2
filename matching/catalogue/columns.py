"""The columns of a catalogue, each declared once: how plain values are read, and how they are written back.

A figure is a whole number of steps, a word its place in a vocabulary, a date a day's ordinal, a set of words a bit
mask; what nobody knows is told by the mask beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from types import MappingProxyType, NoneType
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.field import Field
from domain.fields import ASSET, LATITUDE, LONGITUDE
from matching.catalogue.faults import Unreadable, named
from matching.codes import (
    CONNECTION_BITS,
    EFFLUENT_BITS,
    FLAGS,
    HAZARD_RANKS,
    HEIGHT_POINTS,
    KINDS,
    MORTGAGES,
    PATH_BITS,
)
from matching.position import DEGREE, MILLIMETRE, PLANE, POSITION, UNIT, unit_vector
from matching.rules.area import BASES
from matching.scaled import (
    AREA,
    Column,
    Ints,
    all_known,
    column,
    days,
    is_number,
    quantise,
)

#: Instead of the number of a tree: part of none.
ALONE = -1
#: Steps in which a grade must be whole.
WHOLE = 1_000_000
#: Shifts and factors that spread every bit of a number over all. Source: SplitMix64 (Steele, Lea, Flood 2014).
_SPREAD = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


@dataclass(frozen=True)
class Figure:
    """A number of the trade in whole steps of 1/scale, from `least` to `most`."""

    scale: int
    least: float = 0
    most: float = math.inf

    def read(self, values: Sequence[Any]) -> Column:
        return quantise(values, self.scale, self.least, self.most)

    def plain(self, value: int) -> Any:
        return value / self.scale


@dataclass(frozen=True)
class Narrow(Figure):
    """A figure whose steps fit 16 bits."""

    def read(self, values: Sequence[Any]) -> Column:
        wide = super().read(values)
        return column(wide.values.astype(np.int16), wide.known)


@dataclass(frozen=True)
class Grade(Narrow):
    """A short figure that is whole."""

    def read(self, values: Sequence[Any]) -> Column:
        grades = super().read(values)
        if not bool((quantise(values, WHOLE).values == grades.values.astype(np.int64) * WHOLE).all()):
            raise ValueError("no whole number")
        return grades


@dataclass(frozen=True)
class SteppedFigure(Figure):
    """A whole number of either sign; packed, the least of 32 bits is unknown."""

    scale: int = 1

    def plain(self, value: int) -> Any:
        return value


@dataclass(frozen=True)
class Word:
    """One word of a vocabulary."""

    codes: Mapping[Any, int]

    def read(self, values: Sequence[Any]) -> Column:
        words = [None if value is None or value != value else value for value in listed(values)]  # NaN is itself not
        known_words((word for word in words if word is not None), self.codes)
        coded = np.array([0 if word is None else self.codes[word] for word in words], dtype=np.uint8)
        return column(coded, np.array([word is not None for word in words], dtype=np.bool_))

    def plain(self, value: int) -> Any:
        return next(word for word, code in self.codes.items() if code == value)


@dataclass(frozen=True)
class Day:
    """A date: `date`, ISO text, datetime64[D], or whole days since 1970-01-01."""

    def read(self, values: Sequence[Any]) -> Column:
        return days(values)

    def plain(self, value: int) -> Any:
        return date.fromordinal(value).isoformat()


@dataclass(frozen=True)
class Words:
    """Several words of a vocabulary, as a bit mask or lists of them.

    Empty: no word at all is unknown; or, where `may_be_none`, it is none of them, and None is unknown.
    """

    bits: Mapping[str, int]
    may_be_none: bool = False

    @property
    def dtype(self) -> np.dtype[Any]:
        """As few bytes as hold every word."""
        return np.min_scalar_type(sum(self.bits.values()))

    def read(self, values: Sequence[Any]) -> Column:
        if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
            if bool(((values < 0) | (values > sum(self.bits.values()))).any()):
                raise ValueError("bits outside the vocabulary")
            known = np.ones(len(values), np.bool_) if self.may_be_none else values != 0
            return column(values.astype(self.dtype), known)
        values = lists(values)
        seen: dict[tuple[str, ...], int] = {(): 0}
        masks = np.zeros(len(values), np.int64)
        for row, words in enumerate(values):
            key = () if words is None else words
            if key not in seen:
                known_words(key, self.bits)
                seen[key] = sum({self.bits[word] for word in key})
            masks[row] = seen[key]
        known = np.array([words is not None for words in values], np.bool_) if self.may_be_none else masks != 0
        return column(masks.astype(self.dtype), known)

    def plain(self, value: int) -> Any:
        return [word for word, bit in self.bits.items() if value & bit]


@dataclass(frozen=True)
class Tree:
    """The building or plot a unit is part of, as a number made of its key: 63 bits, so that no table of keys is kept.

    Empty: what is part of nothing, or has parts itself, is `ALONE`.
    """

    def read(self, values: Sequence[Any]) -> Column:
        numbers = [ALONE if value is None or value != value else _tree(value) for value in listed(values)]
        return column(np.array(numbers, np.int64), all_known(len(numbers)))

    def plain(self, value: int) -> Any:
        return None if value == ALONE else value


def _tree(key: Any) -> int:
    if is_number(type(key)):
        if not 0 <= key < 2**63 or key != int(key):
            raise ValueError("no whole number of 0 or more")
        return int(key)
    if not isinstance(key, str | UUID):
        raise ValueError("no text, number or UUID")
    try:
        digest = UUID(str(key)).bytes
    except ValueError:
        digest = blake2b(str(key).encode(), digest_size=16).digest()
    return int(tree_numbers(np.array([digest], "S16"))[0])


def tree_numbers(keys: NDArray[Any]) -> Ints:
    """The numbers of trees by the 16 bytes of their UUIDs. Empty: nothing but zeros is `ALONE`."""
    halves = np.ascontiguousarray(keys).view(">u8").reshape(-1, 2).astype(np.uint64)
    mixed = _spread(_spread(halves[:, 0]) + halves[:, 1])
    numbers: Ints = np.where(halves.any(axis=1), (mixed >> np.uint64(1)).astype(np.int64), ALONE)
    return numbers


def _spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in _SPREAD:
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))


#: The vocabularies of fields that hold words.
VOCABULARIES: Mapping[str, Word | Words] = MappingProxyType(
    {
        "kind": Word(KINDS),
        "clear_height_at": Word(HEIGHT_POINTS),
        "fire_hazard_class": Word(HAZARD_RANKS),
        "mortgage": Word(MORTGAGES),
        "allowed_paths": Words(PATH_BITS),
        "effluent_types": Words(EFFLUENT_BITS, may_be_none=True),
        "connections": Words(CONNECTION_BITS, may_be_none=True),
    }
)


def _column_of(field: Field) -> Figure | Word | Day | Words:
    """How the column of a field is read. Raises: KeyError for one whose vocabulary has no codes."""
    if field.type in ("number", "integer"):
        kind = Grade if field.type == "integer" else Narrow if field.fits_in_16_bits else Figure
        return kind(field.steps or 1, *_range(field))
    if field.type == "day":
        return Day()
    return Word(FLAGS) if field.type == "flag" else VOCABULARIES[field.name]


def _range(field: Field) -> tuple[float, float]:
    """What a column of a field holds: its bound; of an amount also none at all, and without a bound no end."""
    if field.bound is None:
        return 0, math.inf
    least = float(field.bound.least)
    return least if field.type == "integer" else min(least, 0), float(field.bound.most)


_EAST, _NORTH = ((float(bound.least), float(bound.most)) for bound in (LONGITUDE, LATITUDE))
#: Of the figures without a field that hold steps: a position.
_STEPPED = {
    "lon_e7": SteppedFigure(least=_EAST[0] * DEGREE, most=_EAST[1] * DEGREE),
    "lat_e7": SteppedFigure(least=_NORTH[0] * DEGREE, most=_NORTH[1] * DEGREE),
    **dict.fromkeys(POSITION[2:], SteppedFigure(least=-UNIT, most=UNIT)),
    **dict.fromkeys(PLANE, SteppedFigure(least=-math.inf)),
}
#: Every column that is read by itself, by its name.
COLUMNS: Mapping[str, Figure | Word | Day | Words | Tree] = MappingProxyType(
    {
        **{name: _column_of(field) for name, field in ASSET.items() if field.steps is not None},
        "built_year": _column_of(ASSET["built_year"]),
        "adjacent_m2": Figure(AREA, *_range(ASSET["available_area_m2"])),
        **_STEPPED,
        "root_id": Tree(),
    }
)
_GLOBE, _METRES = ("lon", "lat"), ("x_m", "y_m")
#: Read together with others, or kept apart: `lon` and `lat`, degrees, or `x_m` and `y_m`, metres of a plane, become a
#: position, `facts_key` else `park_id` the column `facts`, both lists of industries and `fittings` the column `policy`.
_OTHERS = (
    *_GLOBE,
    *_METRES,
    "id",
    "park_id",
    "facts_key",
    "allowed_industries",
    "forbidden_industries",
    "fittings",
    "works",
)
NAMES = frozenset((*COLUMNS, *_OTHERS, *(name for _, name in BASES)))


def read(columns: Mapping[str, Sequence[Any]]) -> dict[str, Column]:
    """Every column that is there, by the name the rules know it under."""
    built = {name: named(name, spec.read, columns[name]) for name, spec in COLUMNS.items() if name in columns}
    return built | _areas(columns) | _position(columns, built)


def known_words(words: Iterable[Any], codes: Mapping[Any, int]) -> None:
    """Raises: ValueError naming the words outside the vocabulary."""
    wrong = sorted({str(word) for word in words if word not in codes})
    if wrong:
        raise ValueError(f"words outside the vocabulary: {', '.join(wrong)}")


def listed(values: Sequence[Any]) -> list[Any]:
    """Plain Python values, also of an array."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def lists(values: Sequence[Any]) -> list[tuple[Any, ...] | None]:
    """The lists of a column. Empty: None and NaN are unknown. Raises: ValueError for what is no list, as a text."""
    kinds = set(map(type, values))
    if not all(issubclass(kind, list | tuple | set | frozenset | np.ndarray | float | NoneType) for kind in kinds):
        raise ValueError("no list")
    if any(issubclass(kind, float) for kind in kinds):
        values = [None if isinstance(words, float) and words != words else words for words in values]
    return [None if words is None else tuple(words) for words in values]


def _areas(columns: Mapping[str, Sequence[Any]]) -> dict[str, Column]:
    """The area on offer, and which of the three figures it is: the first that is known."""
    bases = [(place, name) for place, (_, name) in enumerate(BASES) if name in columns]
    if not bases:
        return {}
    count = len(columns["id"])
    values, known, basis = np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.uint8)
    for place, name in bases:
        figures = named(name, Figure(AREA, *_range(ASSET["available_area_m2"])).read, columns[name])
        fresh = figures.known & ~known
        values[fresh], basis[fresh] = figures.values[fresh], place
        known |= fresh
    return {"area": column(values, known), "area_basis": column(basis, known.copy())}


def _position(columns: Mapping[str, Sequence[Any]], built: Mapping[str, Column]) -> dict[str, Column]:
    """Where the units lie, made from degrees or metres. Empty: a position given in steps stands as it is.

    Raises: ValueError for both, and for a part of either.
    """
    both = [[name for name in names if name in columns] for names in ((*_GLOBE, *POSITION), (*_METRES, *PLANE))]
    if all(both):
        raise ValueError(f"{', '.join(both[1])}: beside {', '.join(both[0])}; a position is given by one of the two")
    for names in (_GLOBE, POSITION, _METRES, PLANE):
        lacking = [name for name in names if name not in columns]
        if 0 < len(lacking) < len(names):
            raise ValueError(f"{', '.join(lacking)}: missing; a position takes {', '.join(names)}")
    if _METRES[0] in columns:
        steps = [named(name, SteppedFigure(MILLIMETRE, -math.inf).read, columns[name]) for name in _METRES]
        return _known_together(PLANE, steps)
    if _GLOBE[0] in columns:
        return _on_globe(columns)
    if POSITION[0] in columns:
        _check_vectors([built[name] for name in POSITION[2:]])
        return _known_together(POSITION, [built[name] for name in POSITION])
    return _known_together(PLANE, [built[name] for name in PLANE]) if PLANE[0] in columns else {}


def _known_together(names: Sequence[str], steps: Sequence[Column]) -> dict[str, Column]:
    """A position is known where all of it is."""
    if all(axis.is_known for axis in steps):
        return dict(zip(names, steps, strict=True))
    known = np.logical_and.reduce([axis.known for axis in steps])
    return {name: column(np.where(known, axis.values, 0), known) for name, axis in zip(names, steps, strict=True)}


def _check_vectors(axes: Sequence[Column]) -> None:
    """Raises: Unreadable for a unit vector of another length, by more than rounding: distances would be none."""
    known = np.logical_and.reduce([axis.known for axis in axes])
    parts = [axis.values.astype(np.float64) for axis in axes]
    squared = parts[0] * parts[0] + parts[1] * parts[1] + parts[2] * parts[2]
    off = np.flatnonzero(known & (np.abs(squared - float(UNIT) * UNIT) > 10.0 * UNIT))
    if len(off):
        raise Unreadable(POSITION[2], int(off[0]), f"{', '.join(POSITION[2:])} are no unit vector")


def _on_globe(columns: Mapping[str, Sequence[Any]]) -> dict[str, Column]:
    ranges = zip(_GLOBE, (_EAST, _NORTH), strict=True)
    lon, lat = (named(name, Figure(DEGREE, *within).read, columns[name]) for name, within in ranges)
    known = lon.known & lat.known
    pairs = zip(listed(columns["lon"]), listed(columns["lat"]), known.tolist(), strict=True)
    vectors = [unit_vector(float(east), float(north)) if ok else (0, 0, 0) for east, north, ok in pairs]
    xyz = np.array(vectors, np.int64).reshape(-1, 3)
    steps = (lon.values, lat.values, xyz[:, 0], xyz[:, 1], xyz[:, 2])
    return {name: column(np.where(known, axis, 0), known) for name, axis in zip(POSITION, steps, strict=True)}


def plain_area(columns: Mapping[str, Column], row: int) -> dict[str, Any]:
    """The area under the name of the figure it is; the others are unknown."""
    if "area" not in columns:
        return {}
    area: dict[str, Any] = dict.fromkeys(name for _, name in BASES)
    if columns["area"].known[row]:
        area[BASES[int(columns["area_basis"].values[row])][1]] = int(columns["area"].values[row]) / AREA
    return area


def packed_column(name: str, values: Ints) -> Column:
    """A column of whole steps as the database packs it. Empty: a negative number is unknown."""
    spec = COLUMNS.get(name)
    if isinstance(spec, Tree):
        return column(values, all_known(len(values)))
    known = values >= 0
    if isinstance(spec, Words) and not spec.may_be_none:
        known = values > 0
    elif isinstance(spec, SteppedFigure):
        known = values > np.iinfo(np.int32).min
    return column(_narrow(name, np.where(known, values, 0)), known)


def _narrow(name: str, values: Ints) -> Ints:
    """Words in a byte, short figures in two, sets and places in tables in as few as hold them all."""
    spec = COLUMNS.get(name)
    if name == "area_basis" or isinstance(spec, Word):
        return values.astype(np.uint8)
    if isinstance(spec, Words):
        return values.astype(spec.dtype)
    if isinstance(spec, Narrow):
        return values.astype(np.int16)
    if name in ("facts", "policy"):
        return values.astype(np.min_scalar_type(int(values.max(initial=0))))
    return values.astype(np.int64)
