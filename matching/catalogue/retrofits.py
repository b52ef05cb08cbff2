"""What could be built in a unit to cure a rule it fails: the column `works`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.facts import NUMBERS
from matching.catalogue.columns import lists
from matching.codes import EFFLUENT_BITS, effluents_of, unknown_names
from matching.rules import CURABLE, RULES
from matching.scaled import LAST_DAY, MONEY, Ints, is_number, quantise

#: The steps of what an entry brings, by the rule it cures.
SCALES: Mapping[str, int] = MappingProxyType({rule.id: rule.cure.scale for rule in CURABLE if rule.cure is not None})
#: What an entry must state to count.
_REQUIRED = ("cost_yuan", "days", "source", "payer")


@dataclass(frozen=True)
class Retrofits:
    """What could be built, for which rule, up to which value, at what cost in money and days.

    Shapes: one entry each, sorted by `row`. Units: `up_to` scaled as the rule's column and -1 where nothing says how
    far; `cost` 0.01 yuan. `effluents` is a bit mask of what works for H8 add to what may be discharged.
    """

    row: Ints
    rule: tuple[str, ...]
    up_to: Ints
    cost: Ints
    days: Ints
    source: tuple[str, ...]
    payer: tuple[str, ...]
    effluents: Ints

    @classmethod
    def of(cls, lists: Iterable[tuple[int, Sequence[Mapping[str, Any]] | None]]) -> Retrofits:
        """The works that count as a cure: those that say what they cost, how long they take, who says so and who pays.

        Shapes: `lists` are pairs (row, its works), rows rising.
        """
        kept = [
            (row, entry)
            for row, entries in lists
            for entry in entries or ()
            if entry.get("rule") in SCALES and all(entry.get(key) not in (None, "") for key in _REQUIRED)
        ]
        stated = {key: [_amount(entry[key], key) for _, entry in kept] for key in ("rule", *_REQUIRED)}
        return cls(
            np.array([row for row, _ in kept], np.int64),
            tuple(stated["rule"]),
            _reach([entry for _, entry in kept]),
            np.array(quantise(stated["cost_yuan"], MONEY).values, np.int64),
            np.array(stated["days"], np.int64),
            tuple(stated["source"]),
            tuple(stated["payer"]),
            np.array([_mask(entry.get("effluent_types")) for _, entry in kept], np.int64),
        )

    @cached_property
    def rules(self) -> NDArray[np.str_]:
        """The rule of each entry, to compare all of them at once."""
        return np.array(self.rule, np.str_)

    def take(self, rows: Ints) -> Retrofits:
        """The works of these rows, under their places in `rows`, which hold no row twice."""
        if not len(self.row):
            return self
        by_row = np.argsort(rows, kind="stable")
        at = np.searchsorted(rows[by_row], self.row)
        at = np.minimum(at, max(len(rows) - 1, 0))
        here = np.flatnonzero(rows[by_row][at] == self.row) if len(rows) else np.zeros(0, np.int64)
        place = by_row[at[here]] if len(here) else here
        order = np.argsort(place, kind="stable")
        return self._pick(here[order], place[order])

    def followed_by(self, other: Retrofits, count: int) -> Retrofits:
        """These works, then those of a table put behind one of `count` rows."""
        if not len(other.row):
            return self
        return Retrofits(
            np.concatenate([self.row, other.row + count]),
            self.rule + other.rule,
            np.concatenate([self.up_to, other.up_to]),
            np.concatenate([self.cost, other.cost]),
            np.concatenate([self.days, other.days]),
            self.source + other.source,
            self.payer + other.payer,
            np.concatenate([self.effluents, other.effluents]),
        )

    def plain(self, row: int) -> list[dict[str, Any]]:
        """The works of one row as `of` reads them."""
        first, end = np.searchsorted(self.row, [row, row + 1])
        return [
            {
                "rule": self.rule[place],
                "up_to": None if self.up_to[place] < 0 else int(self.up_to[place]) / SCALES[self.rule[place]],
                "cost_yuan": int(self.cost[place]) / MONEY,
                "days": int(self.days[place]),
                "source": self.source[place],
                "payer": self.payer[place],
                "effluent_types": effluents_of(int(self.effluents[place])),
            }
            for place in range(first, end)
        ]

    def between(self, low: int, high: int) -> Retrofits:
        """The works of the rows from `low` to before `high`."""
        first, end = np.searchsorted(self.row, [low, high])
        return self._pick(np.arange(first, end), self.row[first:end] - low)

    def _pick(self, places: Ints, rows: Ints) -> Retrofits:
        return Retrofits(
            rows,
            tuple(self.rule[place] for place in places),
            self.up_to[places],
            self.cost[places],
            self.days[places],
            tuple(self.source[place] for place in places),
            tuple(self.payer[place] for place in places),
            self.effluents[places],
        )


def _amount(value: Any, name: str) -> Any:
    """An amount as a number: the database keeps it in JSON as the text of a decimal, so that it stays exact."""
    return Decimal(value) if name in _MOST and isinstance(value, str) else value


def _reach(entries: Sequence[Mapping[str, Any]]) -> Ints:
    """How far each goes, in the steps of its rule; -1 where nothing says so."""
    reach = np.full(len(entries), -1, np.int64)
    for rule, scale in SCALES.items():
        places = [place for place, entry in enumerate(entries) if entry["rule"] == rule]
        up_to = quantise([_amount(entries[place].get("up_to"), "up_to") for place in places], scale)
        reach[places] = np.where(up_to.known, up_to.values, -1)
    return reach


#: What an entry of a column may say.
_KEYS = frozenset((*_REQUIRED, "rule", "up_to", "effluent_types"))
#: Amounts of an entry, and the most of each; of days, as many as there are days.
_MOST = {"up_to": float(NUMBERS["up_to"].most), "cost_yuan": float(NUMBERS["cost_yuan"].most), "days": LAST_DAY}


def read_works(values: Sequence[Any]) -> Retrofits:
    """The column as a caller of the library gives it. Raises: ValueError for what is no list of works."""
    rows = lists(values)
    for entries in rows:
        for entry in entries or ():
            _check(entry)
    return Retrofits.of(enumerate(rows))


def _check(entry: Any) -> None:
    if not isinstance(entry, Mapping):
        raise ValueError("no list of works")
    if not entry.keys() <= _KEYS:
        raise ValueError(f"unknown: {', '.join(unknown_names(entry, _KEYS))}")
    if entry.get("rule") not in RULES:
        raise ValueError(f"rule: none of {', '.join(RULES)}")
    for name, most in _MOST.items():
        amount = entry.get(name)
        if amount is not None and not (is_number(type(amount)) and 0 <= amount <= most):
            raise ValueError(f"{name}: no number from 0 to {most:.15g}")
    if entry.get("days") is not None and entry["days"] != int(entry["days"]):
        raise ValueError("days: no whole number")
    if not all(isinstance(entry.get(name), str | NoneType) for name in ("source", "payer")):
        raise ValueError("source, payer: no text")
    if isinstance(entry.get("effluent_types"), str):
        raise ValueError("effluent_types: no list")
    if not all(word in EFFLUENT_BITS for word in entry.get("effluent_types") or ()):
        raise ValueError(f"effluent_types: none of {', '.join(EFFLUENT_BITS)}")


def _mask(words: Iterable[str] | None) -> int:
    return sum({EFFLUENT_BITS[word] for word in words or ()})
