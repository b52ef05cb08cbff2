"""An immutable columnar snapshot of the units on offer, in id order.

Every figure is a scaled integer with a mask that says where it is known; lists of words are bit masks or indices into
tables
of the distinct lists. A column that was never given is absent, and the rule that needs it does not apply.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from domain.words import HeightPoint, Kind, Mortgage
from matching.demand import HAZARD_RANKS, PATH_BITS
from matching.units import AREA, HEIGHT, LOAD, MONEY, POWER, Column, Ints, column, days, quantise

KINDS: Mapping[str, int] = MappingProxyType({str(kind): place for place, kind in enumerate(Kind)})
HEIGHT_POINTS: Mapping[str, int] = MappingProxyType({str(point): place for place, point in enumerate(HeightPoint)})
#: 1 = nothing stands in the way of a transfer. Source: rule H12.
MORTGAGES: Mapping[str, int] = MappingProxyType({str(m): int(m is not Mortgage.unreleased) for m in Mortgage})
FLAGS: Mapping[bool, int] = MappingProxyType({False: 0, True: 1})
#: Where a unit's area comes from, first known first.
AREA_BASES = (("available", "available_area_m2"), ("stated", "area_m2"), ("measured", "measured_area_m2"))

_SCALES = {
    "min_divisible_m2": AREA,
    "clear_height_m": HEIGHT,
    "floor_load_kn_m2": LOAD,
    "power_kva": POWER,
    "expandable_kva": POWER,
    "rent_yuan_m2_month": MONEY,
    "property_fee_yuan_m2_month": MONEY,
    "price_yuan_m2": MONEY,
    "contribution_yuan": MONEY,
}
_WORDS: dict[str, Mapping[Any, int]] = {
    "kind": KINDS,
    "is_divisible": FLAGS,
    "clear_height_at": HEIGHT_POINTS,
    "fire_hazard_class": HAZARD_RANKS,
    "title_is_registered": FLAGS,
    "mortgage": MORTGAGES,
    "is_seized": FLAGS,
}
_DATES = ("available_from", "idle_since")
_OTHERS = ("id", "park_id", "facts_key", "allowed_paths", "allowed_industries", "forbidden_industries", "works")
NAMES = frozenset((*_SCALES, *_WORDS, *_DATES, *_OTHERS, *(name for _, name in AREA_BASES)))

Policy = tuple[tuple[str, ...], tuple[str, ...]]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Works:
    """What could be built, for which rule, up to which value, at what cost in money and days.

    Shapes: one entry each, sorted by `row`. Units: `up_to` scaled as the rule's column, `cost` 0.01 yuan.
    """

    row: Ints
    rule: tuple[str, ...]
    up_to: Ints
    cost: Ints
    days: Ints
    source: tuple[str, ...]
    payer: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """The units of one moment. `policies` holds each distinct pair (allowed, forbidden industries) once."""

    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    facts_keys: tuple[str, ...]
    policies: tuple[Policy, ...]
    works: Works

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[Any]]) -> Catalogue:
        """A snapshot of plain columns as the database gives them, in any order of rows.

        Empty: None is unknown; so is an empty list of paths. Empty lists of industries restrict nothing.
        Raises: ValueError for an unknown or uneven column, a repeated id, or a word outside its vocabulary.
        """
        _check(columns)
        order = sorted(range(len(columns["id"])), key=columns["id"].__getitem__)
        given = {name: [values[place] for place in order] for name, values in columns.items()}
        built = {name: quantise(given[name], scale) for name, scale in _SCALES.items() if name in given}
        built |= {name: _coded(given[name], codes) for name, codes in _WORDS.items() if name in given}
        built |= {name: days(given[name]) for name in _DATES if name in given}
        built |= _areas(given)
        if "allowed_paths" in given:
            built["allowed_paths"] = _paths(given["allowed_paths"])
        facts_keys: tuple[str, ...] = ()
        if "facts_key" in given or "park_id" in given:
            built["facts"], facts_keys = _interned(_facts_keys(given))
        policies: tuple[Policy, ...] = ()
        if "allowed_industries" in given or "forbidden_industries" in given:
            built["policy"], policies = _interned(_policies(given))
        return cls(tuple(given["id"]), MappingProxyType(built), facts_keys, policies, _works(given.get("works", ())))

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def of_kind(self, kind: str) -> Catalogue:
        """The units of one kind alone, made once. Empty: without a column `kind` every unit is of every kind."""
        return self._by_kind[kind] if "kind" in self.columns else self

    @cached_property
    def _by_kind(self) -> Mapping[str, Catalogue]:
        return {
            kind: self.take(np.flatnonzero(self["kind"].known & (self["kind"].values == code)))
            for kind, code in KINDS.items()
        }

    def take(self, rows: Ints) -> Catalogue:
        """These rows alone, in ascending order."""
        works = np.flatnonzero(np.isin(self.works.row, rows))
        return Catalogue(
            tuple(self.ids[row] for row in rows),
            MappingProxyType({name: column.take(rows) for name, column in self.columns.items()}),
            self.facts_keys,
            self.policies,
            Works(
                np.searchsorted(rows, self.works.row[works]),
                tuple(self.works.rule[place] for place in works),
                self.works.up_to[works],
                self.works.cost[works],
                self.works.days[works],
                tuple(self.works.source[place] for place in works),
                tuple(self.works.payer[place] for place in works),
            ),
        )


def _check(columns: Mapping[str, Sequence[Any]]) -> None:
    unknown = sorted(set(columns) - NAMES)
    if unknown or "id" not in columns:
        raise ValueError(f"columns unknown: {', '.join(unknown)}" if unknown else "no column id")
    count = len(columns["id"])
    uneven = sorted(name for name, values in columns.items() if len(values) != count)
    if uneven:
        raise ValueError(f"columns not as long as id: {', '.join(uneven)}")
    if len(set(columns["id"])) != count:
        raise ValueError("an id stands twice")


def _coded(words: Sequence[Any], codes: Mapping[Any, int]) -> Column:
    _known_words((word for word in words if word is not None), codes)
    values = np.array([0 if word is None else codes[word] for word in words], dtype=np.uint8)
    return column(values, np.array([word is not None for word in words], dtype=np.bool_))


def _known_words(words: Iterable[Any], codes: Mapping[Any, int]) -> None:
    wrong = sorted({str(word) for word in words if word not in codes})
    if wrong:
        raise ValueError(f"words outside the vocabulary: {', '.join(wrong)}")


def _areas(given: Mapping[str, Sequence[Any]]) -> dict[str, Column]:
    """The area on offer, and which of the three figures it is."""
    bases = [(place, name) for place, (_, name) in enumerate(AREA_BASES) if name in given]
    if not bases:
        return {}
    count = len(given["id"])
    values, known, basis = np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.uint8)
    for place, name in bases:
        figures = quantise(given[name], AREA)
        fresh = figures.known & ~known
        values[fresh], basis[fresh] = figures.values[fresh], place
        known |= fresh
    return {"area": column(values, known), "area_basis": column(basis, known.copy())}


def _paths(lists: Sequence[Sequence[str] | None]) -> Column:
    seen: dict[tuple[str, ...], int] = {(): 0}
    masks = np.zeros(len(lists), np.int64)
    for row, words in enumerate(lists):
        key = tuple(words or ())
        if key not in seen:
            _known_words(key, PATH_BITS)
            seen[key] = sum({PATH_BITS[word] for word in key})
        masks[row] = seen[key]
    return column(masks, masks != 0)


def _interned(keys: Sequence[Key]) -> tuple[Column, tuple[Key, ...]]:
    places: dict[Key, int] = {}
    values = np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.int64)
    return column(values, np.ones(len(keys), np.bool_)), tuple(places)


def _facts_keys(given: Mapping[str, Sequence[Any]]) -> list[str]:
    nothing = [None] * len(given["id"])
    pairs = zip(given.get("facts_key", nothing), given.get("park_id", nothing), strict=True)
    return [str(zone) if zone is not None else str(park) for zone, park in pairs]


def _policies(given: Mapping[str, Sequence[Any]]) -> list[Policy]:
    nothing = [None] * len(given["id"])
    pairs = zip(given.get("allowed_industries", nothing), given.get("forbidden_industries", nothing), strict=True)
    return [(tuple(allowed or ()), tuple(forbidden or ())) for allowed, forbidden in pairs]


_WORKS_SCALES = {"H4": LOAD, "H5": POWER}
_WORKS_KEYS = ("cost_yuan", "days", "source", "payer")


def _works(lists: Sequence[Sequence[Mapping[str, Any]] | None]) -> Works:
    """The works that count as a cure: those that say what they cost, how long they take, who says so and who pays."""
    kept = [
        (row, entry)
        for row, entries in enumerate(lists)
        for entry in entries or ()
        if entry.get("rule") in _WORKS_SCALES and all(entry.get(key) not in (None, "") for key in _WORKS_KEYS)
    ]
    said = {key: [entry[key] for _, entry in kept] for key in ("rule", *_WORKS_KEYS)}
    up_to = [quantise([entry.get("up_to")], _WORKS_SCALES[entry["rule"]]) for _, entry in kept]
    return Works(
        np.array([row for row, _ in kept], np.int64),
        tuple(said["rule"]),
        np.array([int(c.values[0]) if c.known[0] else -1 for c in up_to], np.int64),
        np.array(quantise(said["cost_yuan"], MONEY).values, np.int64),
        np.array(said["days"], np.int64),
        tuple(said["source"]),
        tuple(said["payer"]),
    )
