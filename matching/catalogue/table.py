"""The units of one kind as columns: rows in id order, then those that changed since, in the order they came.

A row that was replaced or is gone stays where it is and is marked dead. No version of a table ever changes: a newer one
shares its memory and writes behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.catalogue.columns import COLUMNS, plain_area
from matching.catalogue.retrofits import Retrofits
from matching.scaled import Column, Ints, Mask, all_known, frozen

#: Industries allowed, industries forbidden, and what it is fitted with beyond the columns.
OwnLists = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, float], ...]]
Arrays = dict[str, NDArray[Any]]
#: The tail is folded in once it holds this many rows, or this share of the sorted ones.
TAIL_ROWS, TAIL_SHARE = 4096, 1 / 32
#: Steps between the places of two neighbours in id order; more than a tail can hold.
_STEP = 1 << 24


class Room:
    """Arrays with space behind what is used; successive versions of a table share it."""

    def __init__(self, arrays: Arrays, spare: int) -> None:
        count = len(next(iter(arrays.values())))
        self.used, self.size = count, count + spare
        self.arrays = {name: np.empty(self.size, values.dtype) for name, values in arrays.items()}
        for name, values in arrays.items():
            self.arrays[name][:count] = values

    def takes(self, fresh: Arrays, used: int) -> bool:
        """Whether these rows can be put behind a version of `used` rows."""
        fits = self.used == used and used + len(next(iter(fresh.values()))) <= self.size
        return (
            fits
            and fresh.keys() == self.arrays.keys()
            and all(np.can_cast(values.dtype, self.arrays[name].dtype) for name, values in fresh.items())
        )

    def put(self, fresh: Arrays) -> None:
        """Writes rows behind what is used."""
        end = self.used + len(next(iter(fresh.values())))
        for name, values in fresh.items():
            self.arrays[name][self.used : end] = values
        self.used = end

    def views(self) -> Arrays:
        """What is used, read-only."""
        views = {name: values[: self.used] for name, values in self.arrays.items()}
        for view in views.values():
            view.flags.writeable = False
        return views


class Sliced(Mapping[str, Column]):
    """A slice of some columns, each made when it is asked for; nothing is copied."""

    def __init__(self, columns: Mapping[str, Column], rows: slice) -> None:
        self._columns, self._rows, self._made = columns, rows, dict[str, Column]()

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self._columns[name].take(self._rows)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True)
class Units:
    """`len` counts the rows, `alive` those that stand. The first `ordered` rows are in id order.

    Shapes: `dead` and all columns aligned with `keys`; `behind` with the rows after `ordered`. Empty: `dead` None, none
    is. `policies` holds each distinct set of a unit's own lists once.
    """

    keys: NDArray[Any]
    columns: Mapping[str, Column]
    facts_keys: tuple[str, ...]
    policies: tuple[OwnLists, ...]
    retrofits: Retrofits
    dead: Mask | None
    ordered: int
    behind: Ints
    room: Room | None = None

    @classmethod
    def of(
        cls,
        keys: NDArray[Any],
        columns: Mapping[str, Column],
        facts_keys: tuple[str, ...],
        policies: tuple[OwnLists, ...],
        retrofits: Retrofits,
    ) -> Self:
        """A table whose rows stand in id order."""
        nothing = np.zeros(0, np.int64)
        return cls(keys, MappingProxyType(dict(columns)), facts_keys, policies, retrofits, None, len(keys), nothing)

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    @cached_property
    def alive(self) -> int:
        """How many units there are."""
        return len(self) if self.dead is None else len(self) - int(np.count_nonzero(self.dead))

    def id(self, row: int) -> Any:
        """The id of a row; 16 bytes are a UUID."""
        return id_of(self.keys[row])

    @property
    def ids(self) -> tuple[Any, ...]:
        """Every id, row by row."""
        return tuple(id_of(key) for key in self.keys)

    def places(self, rows: Ints) -> Ints:
        """Numbers that stand as the ids of these rows do."""
        if self.ordered == len(self):
            return rows
        if self.ordered == 0:
            return self.behind[rows]
        tail = rows >= self.ordered
        places = (rows.astype(np.int64) + 1) * _STEP
        places[tail] = self.behind[rows[tail] - self.ordered]
        return places

    def standing(self) -> Ints:
        """The rows that stand."""
        return np.arange(len(self)) if self.dead is None else np.flatnonzero(~self.dead)

    def standing_of(self, ids: Sequence[Any]) -> Ints:
        """The rows of these units that stand, in id order. Empty: an id that is not here has none."""
        rows = self.find(self._keys(ids))
        rows = rows if self.dead is None else rows[~self.dead[rows]]
        return rows[np.argsort(self.places(rows), kind="stable")]

    def _keys(self, ids: Sequence[Any]) -> NDArray[Any]:
        if self.keys.dtype.kind == "S":
            return np.array([UUID(str(unit_id)).bytes for unit_id in ids], "S16")
        keys = np.empty(len(ids), object)
        keys[:] = ids
        return keys if self.keys.dtype == object else np.array(ids)

    def place_of(self, unit_id: Any) -> int:
        """The place of a unit with this id, which need not be here."""
        keys = self._keys([unit_id])
        standing = self.standing_of([unit_id])
        if len(standing):
            return int(self.places(standing)[0])
        at = int(np.searchsorted(self.keys[: self.ordered], keys)[0])
        return at if self.ordered == len(self) else at * _STEP

    def find(self, keys: NDArray[Any]) -> Ints:
        """The rows of these ids, dead ones too. Empty: an id that is not here has none."""
        base = self.keys[: self.ordered]
        if not len(self):
            return np.zeros(0, np.int64)
        keys = np.sort(keys)  # neighbours are looked for in the same memory
        at = np.searchsorted(base, keys)
        here = at < len(base)
        here[here] = base[at[here]] == keys[here]
        tail = np.flatnonzero(np.isin(self.keys[self.ordered :], keys)) + self.ordered
        return np.concatenate([at[here], tail])

    def take(self, rows: Ints) -> Units:
        """These units alone, in the order of `rows`, which is that of their ids."""
        columns = {name: frozen(column.take(rows)) for name, column in self.columns.items()}
        return Units.of(self.keys[rows], columns, self.facts_keys, self.policies, self.retrofits.take(rows))

    def rows(self, rows: Ints) -> list[dict[str, Any]]:
        """These units as plain JSON values; `Catalogue.from_rows` reads them back. Empty: None is unknown."""
        return [self._plain(int(row)) for row in rows]

    def _plain(self, row: int) -> dict[str, Any]:
        plain = {"id": self.id(row), **plain_area(self.columns, row)}
        for name, spec in COLUMNS.items():
            if name in self:
                known = self[name].known[row]
                plain[name] = spec.plain(int(self[name].values[row])) if known else None
        if "facts" in self:
            plain["facts_key"] = self.facts_keys[int(self["facts"].values[row])]
        if "policy" in self:
            allowed, forbidden, fittings = self.policies[int(self["policy"].values[row])]
            plain["fittings"] = dict(fittings)
            plain |= {"allowed_industries": list(allowed), "forbidden_industries": list(forbidden)}
        return plain | {"works": self.retrofits.plain(row)}

    def roomy(self) -> Units:
        """The same table with space for changes behind it."""
        room = Room(self._arrays(), max(2 * TAIL_ROWS, int(len(self) * TAIL_SHARE) + 1))
        return self._viewed(room, room.views())

    def changed(
        self, gone: NDArray[Any], fresh: Units, facts_keys: tuple[str, ...], policies: tuple[OwnLists, ...]
    ) -> Units:
        """The table without the units `gone`, and with the fresh ones, whose columns speak of these tuples.

        Shapes: `gone` holds the ids of all that changed, the fresh ones too.
        """
        rows = self.find(gone)
        count = len(self) + len(fresh)
        dead = np.zeros(count, np.bool_)
        if self.dead is not None:
            dead[: len(self)] = self.dead
        dead[rows] = True
        grown = self._grown(fresh, facts_keys, policies, dead)
        tail = count - self.ordered
        return grown.folded() if tail > max(TAIL_ROWS, self.ordered * TAIL_SHARE) else grown

    def _grown(self, fresh: Units, facts_keys: tuple[str, ...], policies: tuple[OwnLists, ...], dead: Mask) -> Units:
        room, views = self.room, None
        mine, theirs = self._arrays(), fresh._arrays()
        for name in theirs.keys() ^ mine.keys():  # a mask of what was all known until now, or is in these
            (mine if name in theirs else theirs)[name] = np.ones(len(self if name in theirs else fresh), np.bool_)
        if room is not None and room.takes(theirs, len(self)):
            room.put(theirs)
            views = room.views()
        else:
            joined = {name: np.concatenate([mine[name], theirs[name]]) for name in mine}
            room = Room(joined, max(2 * TAIL_ROWS, int(len(self) * TAIL_SHARE) + 1))
            views = room.views()
        grown = self._viewed(room, views)
        retrofits = self.retrofits.followed_by(fresh.retrofits, len(self))
        behind = self._behind(fresh.keys)
        dead.flags.writeable = False
        return Units(grown.keys, grown.columns, facts_keys, policies, retrofits, dead, self.ordered, behind, room)

    def _behind(self, fresh: NDArray[Any]) -> Ints:
        """The places of the tail's rows between the sorted ones, with fresh ones behind them."""
        order = np.argsort(fresh, kind="stable")
        at = np.empty(len(fresh), np.int64)
        at[order] = np.searchsorted(self.keys[: self.ordered], fresh[order])
        tail = np.concatenate([self.keys[self.ordered :], fresh])
        among = np.empty(len(tail), np.int64)
        among[np.argsort(tail, kind="stable")] = np.arange(len(tail))
        return np.concatenate([self.behind // _STEP, at]) * _STEP + 1 + among

    def followed_by(self, other: Units) -> Units:
        """These units, then others with the same columns and tables."""
        columns = {
            name: Column(
                np.concatenate([column.values, other[name].values]),
                np.concatenate([column.known, other[name].known]),
                column.is_known and other[name].is_known,
            )
            for name, column in self.columns.items()
        }
        keys, retrofits = (
            np.concatenate([self.keys, other.keys]),
            self.retrofits.followed_by(other.retrofits, len(self)),
        )
        return Units.of(keys, columns, self.facts_keys, self.policies, retrofits)

    def folded(self) -> Units:
        """The same units, all in id order and none dead."""
        rows = self.standing()
        return self.take(rows[np.argsort(self.places(rows), kind="stable")]).roomy()

    def _arrays(self) -> Arrays:
        """Every array by a name of its own; the mask of a column that is known throughout is none."""
        arrays: Arrays = {" id": self.keys}
        for name, column in self.columns.items():
            arrays[name] = column.values
            if not column.is_known:
                arrays[name + " known"] = column.known
        return arrays

    def _viewed(self, room: Room, views: Arrays) -> Units:
        count = room.used
        columns = {
            name: Column(views[name], views.get(name + " known", all_known(count)), name + " known" not in views)
            for name in self.columns
        }
        return Units(
            views[" id"],
            MappingProxyType(columns),
            self.facts_keys,
            self.policies,
            self.retrofits,
            self.dead,
            self.ordered,
            self.behind,
            room,
        )


def id_of(key: Any) -> Any:
    """An id as people read it: 16 bytes are a UUID, of which the array drops the zeros at the end."""
    if isinstance(key, bytes):
        return str(UUID(bytes=bytes(key).ljust(16, b"\0")))
    return key.item() if isinstance(key, np.generic) else key
