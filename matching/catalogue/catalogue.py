"""An immutable columnar snapshot of the units on offer, a table per kind, and what changed since.

Every figure is a scaled integer with a mask that says where it is known; lists of words are bit masks or indices into
tables of the distinct lists. A column that was never given is absent, and the rule that needs it does not apply.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.words import Equipment
from matching.catalogue.columns import NAMES, listed, lists, packed_column, read
from matching.catalogue.faults import Unreadable, named
from matching.catalogue.retrofits import Retrofits, read_works
from matching.catalogue.table import OwnLists, Units, id_of
from matching.codes import KINDS, is_code, unknown_names
from matching.scaled import AREA, Column, Ints, all_known, column, is_number

Key = TypeVar("Key", bound=Hashable)
#: The table of units whose kind nobody knows, or of all where no kind was given.
NO_KIND = ""
FITTINGS = frozenset(str(item) for item in Equipment)
LISTS = frozenset({"allowed_industries", "forbidden_industries", "fittings"})
#: Steps of the database's packed area to one of ours: it keeps a stated area to 0.000001 m².
PACKED_AREA = 1_000_000


@dataclass(frozen=True)
class Catalogue:
    """The units of one moment, a table per kind. `names` are the columns that were given."""

    tables: Mapping[str, Units]
    names: frozenset[str]
    facts_keys: tuple[str, ...]
    policies: tuple[OwnLists, ...]

    @classmethod
    def from_columns(cls, columns: Any) -> Catalogue:
        """A snapshot of plain columns, in any order of rows: a dict of lists or arrays, or a table that answers
        `table[name]`, such as a GeoDataFrame, of which the columns known here are read.

        Empty: None, NaN and NaT are unknown; so is an empty list of paths. Empty lists of industries restrict nothing.
        Raises: ValueError for an unknown or uneven column, a repeated id, and a value that cannot be read or lies
        outside the bounds of its field, with its column, row and id.
        """
        arrays = _arrays(columns)
        keys = _check(arrays)
        order = np.argsort(keys, kind="stable")
        rows = order.tolist()
        sorted_by_id: dict[str, Any] = {
            name: v[order] if isinstance(v, np.ndarray) else [v[row] for row in rows] for name, v in arrays.items()
        }
        try:
            return cls.of(_units(keys[order], sorted_by_id))
        except Unreadable as fault:
            raise fault.named(arrays, order) from fault

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]]) -> Catalogue:
        """A snapshot of units as `Units.rows` writes them. Empty: a name no row holds is a column that is absent."""
        names = dict.fromkeys(name for row in rows for name in row) or {"id": None}
        return cls.from_columns({name: [row.get(name) for row in rows] for name in names})

    @classmethod
    def from_packed(
        cls,
        keys: NDArray[Any],
        packed: Mapping[str, Ints],
        facts_keys: tuple[str, ...],
        policies: tuple[OwnLists, ...],
        retrofits: Iterable[tuple[int, Sequence[Mapping[str, Any]]]],
    ) -> Catalogue:
        """A snapshot of whole numbers as the database packs them; -1 is unknown.

        Shapes: all aligned with `keys`, the 16 bytes of each UUID, in any order. `area` in 0.000001 m², the rest as
        `matching/catalogue/columns.py` says, `facts` and `policy` places in the two tuples.
        """
        built = {name: packed_column(name, values) for name, values in packed.items() if name != "area"}
        area = packed["area"]
        steps = np.rint(np.maximum(area, 0) / PACKED_AREA * AREA).astype(np.int64)
        built["area"] = column(steps, area >= 0)
        return cls.of(Units.of(keys, built, facts_keys, policies, Retrofits.of(retrofits)), is_ordered=False)

    @classmethod
    def of(cls, whole: Units, *, is_ordered: bool = True) -> Catalogue:
        """A snapshot of one table with units of every kind; where it is not in id order, its ids are UUIDs."""
        if "kind" not in whole:
            return cls(MappingProxyType({NO_KIND: whole}), frozenset(whole.columns), whole.facts_keys, whole.policies)
        kind = whole["kind"]
        codes = np.where(kind.known, kind.values, len(KINDS))
        tables = {}
        for name, code in (*KINDS.items(), (NO_KIND, len(KINDS))):
            rows = np.flatnonzero(codes == code)
            part = whole.take(rows if is_ordered else rows[_uuid_order(whole.keys[rows])])
            tables[name] = part if is_ordered else part.roomy()
        return cls(MappingProxyType(tables), frozenset(whole.columns), whole.facts_keys, whole.policies)

    def __len__(self) -> int:
        return sum(units.alive for units in self.tables.values())

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def of_kind(self, kind: str) -> Units:
        """The units of one kind. Empty: without a column `kind` every unit is of every kind."""
        return self.tables[kind if "kind" in self.names else NO_KIND]

    @property
    def ids(self) -> tuple[Any, ...]:
        """Every id, in order."""
        return tuple(sorted(units.id(row) for units in self.tables.values() for row in units.standing()))

    def find(self, unit_id: Any) -> tuple[str, int] | None:
        """The kind and the row of a unit. Empty: None for one that is not on offer."""
        for kind, units in self.tables.items():
            for row in units.standing_of([unit_id]):
                return kind, int(row)
        return None

    def take(self, ids: Iterable[Any]) -> Units:
        """Some units of any kind in one table, in id order. Empty: an id that is not on offer is left out."""
        wanted = list(dict.fromkeys(ids))
        parts = [units.take(units.standing_of(wanted)) for units in self.tables.values()]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.followed_by(part)
        return whole.take(np.argsort(whole.keys, kind="stable"))

    def changed(self, gone: NDArray[Any], fresh: Catalogue) -> Catalogue:
        """The snapshot after a change: `gone` names every unit that changed, `fresh` holds those still on offer."""
        facts_keys, facts = _joined(self.facts_keys, fresh.facts_keys)
        policies, policy = _joined(self.policies, fresh.policies)
        tables = {}
        for kind, units in self.tables.items():
            new = fresh.tables[kind]
            columns = dict(new.columns)
            for name, places in (("facts", facts), ("policy", policy)):
                if name in columns:
                    columns[name] = column(places[columns[name].values], all_known(len(new)))
            new = Units.of(new.keys, columns, facts_keys, policies, new.retrofits)
            tables[kind] = units.changed(gone, new, facts_keys, policies)
        return Catalogue(MappingProxyType(tables), self.names, facts_keys, policies)


def _joined(known: tuple[Key, ...], fresh: tuple[Key, ...]) -> tuple[tuple[Key, ...], Ints]:
    """Both lists with nothing twice, the known ones where they were, and where each fresh one stands now."""
    places = {key: place for place, key in enumerate(known)}
    at = np.array([places.setdefault(key, len(places)) for key in fresh], np.int64)
    return tuple(places), at.astype(np.min_scalar_type(max(len(places) - 1, 0)))  # as narrow as a fresh reading's


def _uuid_order(keys: NDArray[Any]) -> Ints:
    """The order of UUIDs as 16 bytes: two numbers sort ten times faster than their bytes."""
    halves = np.ascontiguousarray(keys).view(">u8").reshape(-1, 2)
    return np.lexsort((halves[:, 1].astype(np.uint64), halves[:, 0].astype(np.uint64)))


def _arrays(columns: Any) -> dict[str, Any]:
    """The columns of a table, each an array or a list. Raises: ValueError for an unknown one, and for what is none."""
    if not isinstance(columns, Mapping):
        if not hasattr(columns, "__getitem__") or not hasattr(columns, "__contains__"):
            raise ValueError(f"columns: {type(columns).__name__} is no table")
        columns = {name: columns[name] for name in NAMES if name in columns}
    unknown = unknown_names(columns, NAMES)
    if unknown:
        raise ValueError(f"columns unknown: {', '.join(unknown)}")
    return {name: _array(name, values) for name, values in columns.items()}


def _array(name: str, values: Any) -> Any:
    if isinstance(values, np.ma.MaskedArray):
        values = np.where(np.ma.getmaskarray(values), np.array(None, object), values.data.astype(object))
    array = np.asarray(values) if hasattr(values, "dtype") else values
    if isinstance(array, np.ndarray) and array.ndim == 1:
        return array
    if isinstance(array, np.ndarray | str | bytes | Mapping | Set) or not isinstance(array, Iterable):
        raise ValueError(f"{name}: no list of values, one a unit")
    return list(array)


def _units(keys: NDArray[Any], columns: Mapping[str, Any]) -> Units:
    """A table of columns in the order of their ids."""
    built = read(columns)
    facts_keys: tuple[str, ...] = ()
    if "facts_key" in columns or "park_id" in columns:
        built["facts"], facts_keys = _interned(_facts_keys(columns))
    policies: tuple[OwnLists, ...] = ()
    if not LISTS.isdisjoint(columns):
        built["policy"], policies = _interned(_policies(columns))
    return Units.of(keys, built, facts_keys, policies, named("works", read_works, columns.get("works", ())))


def _check(columns: Mapping[str, Any]) -> NDArray[Any]:
    """The ids as an array, once everything is as long as it."""
    if "id" not in columns:
        raise ValueError("no column id")
    count = len(columns["id"])
    uneven = sorted(name for name, values in columns.items() if len(values) != count)
    if uneven:
        raise ValueError(f"columns not as long as id: {', '.join(uneven)}")
    try:
        ids = named("id", _ids, columns["id"])
    except Unreadable as fault:
        raise fault.named(columns, np.arange(count)) from fault
    if len(set(ids)) != count:
        twice = next(key for key, times in Counter(ids).items() if times > 1)
        raise ValueError(f"id, row {len(ids) - 1 - ids[::-1].index(twice)}, id {twice!r}: an id stands twice")
    keys = np.array(ids) if count else np.zeros(0, np.str_)
    # An array of texts drops zeros at their end, and mixed ids would all become text.
    return keys if keys.dtype.kind in "iu" or (keys.dtype.kind == "U" and keys.tolist() == ids) else _objects(ids)


def _ids(keys: Sequence[Any]) -> list[Any]:
    """The ids, all of one kind so that they have an order: texts, numbers or UUIDs."""
    ids = [id_of(key) for key in keys]
    kinds = set(map(type, ids))
    if not all(issubclass(kind, str | UUID) or is_number(kind) for kind in kinds):
        raise ValueError("no text, number or UUID")
    if len({is_number(kind) or (UUID if issubclass(kind, UUID) else str) for kind in kinds}) > 1:
        raise ValueError("texts, numbers or UUIDs, and not two of them")
    if any(issubclass(kind, float) for kind in kinds) and not all(math.isfinite(key) for key in ids):
        raise ValueError("no finite number")
    return ids


def _objects(ids: list[Any]) -> NDArray[Any]:
    keys = np.empty(len(ids), object)
    keys[:] = ids
    return keys


def _interned(keys: Sequence[Key]) -> tuple[Column, tuple[Key, ...]]:
    places: dict[Key, int] = {}
    values = np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.int64)
    return column(values, all_known(len(keys))), tuple(places)


#: The key of a park nobody named; no park has it.
NO_PARK = ""


def _facts_keys(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    nothing = [NO_PARK] * len(columns["id"])
    zones, parks = (
        named(name, _park_keys, columns[name]) if name in columns else nothing for name in ("facts_key", "park_id")
    )
    return [zone or park for zone, park in zip(zones, parks, strict=True)]


def _park_keys(values: Sequence[Any]) -> list[str]:
    """The keys as texts. Empty: None and NaN are no key."""
    values = listed(values)
    kinds = set(map(type, values))
    if any(issubclass(kind, float) for kind in kinds):
        values = [None if isinstance(key, float) and key != key else key for key in values]
        kinds = set(map(type, values))
    if not all(issubclass(kind, str | int | np.integer | UUID | NoneType) and kind is not bool for kind in kinds):
        raise ValueError("no text, whole number or UUID")
    return [NO_PARK if key is None else str(key) for key in values]


def _policies(columns: Mapping[str, Sequence[Any]]) -> list[OwnLists]:
    nothing = [None] * len(columns["id"])
    readers = {"allowed_industries": _codes, "forbidden_industries": _codes, "fittings": _fittings}
    own = [named(name, read, columns[name]) if name in columns else nothing for name, read in readers.items()]
    return [own_lists(*lists_of_unit) for lists_of_unit in zip(*own, strict=True)]


def _codes(values: Sequence[Any]) -> Sequence[Any]:
    """Lists of industries. Raises: ValueError for what is no list, and for what is no code."""
    rows = lists(values)
    if not all(is_code(code) for codes in set(rows) for code in codes or ()):
        raise ValueError("no list of industry codes")
    return rows


def _fittings(values: Sequence[Any]) -> Sequence[Any]:
    """What units are fitted with. Empty: None and NaN are nothing, also as an amount."""
    return [_fitted(fittings) for fittings in listed(values)]


def _fitted(fittings: Any) -> Mapping[str, Any]:
    if fittings is None or (isinstance(fittings, float) and fittings != fittings):
        return {}
    if not isinstance(fittings, dict | Mapping):  # a plain one is known sooner
        raise ValueError("no table of amounts by what it is fitted with")
    if not fittings.keys() <= FITTINGS:
        unknown = unknown_names(fittings, FITTINGS)
        raise ValueError(f"words outside the vocabulary: {', '.join(unknown)}")
    known = {name: amount for name, amount in fittings.items() if amount is not None and amount == amount}
    for name, amount in known.items():
        if not (isinstance(amount, bool | np.bool_) or is_number(type(amount))) or not 0 <= amount < math.inf:
            raise ValueError(f"{name}: no finite number of 0 or more")
    return known


def own_lists(allowed: Any, forbidden: Any, fittings: Mapping[str, Any] | None) -> OwnLists:
    """A unit's own lists in a form that can be compared; fittings are name → amount, or whether it is there."""
    fitted = tuple(sorted((name, float(value)) for name, value in (fittings or {}).items() if value is not None))
    return _tuple(allowed), _tuple(forbidden), fitted


def _tuple(words: Any) -> tuple[str, ...]:
    return () if words is None else tuple(words)
