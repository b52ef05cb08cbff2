"""How near two industries are: the tree of GB/T 4754-2017 and a versioned table of supply chains.

A code is a section letter or two to four digits. Digit codes carry no letter, so whatever needs the section takes a
mapping division → letter. The chain's closure (at most two edges) is computed once, when the table is read.
`relatedness` defines how near two codes are; a `Relatedness` holds the same as tables, for many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from matching.codes import is_code
from matching.scaled import Floats, Ints, is_number

if TYPE_CHECKING:
    from matching.parameters import Numbers, Parameters

Sections = Mapping[str, str]
NO_SECTIONS: Sections = MappingProxyType({})
#: So many codes of demands are kept in a table: GB/T 4754-2017 has 1,971. A caller's may be any text.
MOST_CODES = 2000
#: So many tables are kept: that of the parks on offer, and of some that are looked at alone.
MOST_TABLES = 4


@dataclass(frozen=True)
class Chain:
    """A version of the chain table: the weight between every two ends that at most two edges join."""

    version: str
    closure: Mapping[tuple[str, str], float]

    @classmethod
    def from_edges(
        cls, edges: Iterable[tuple[str, str, float]], version: str, *, sections: Sections | None = None
    ) -> Chain:
        """The closure of edges (end, end, weight); an edge holds both ways and for every code below its ends.

        Empty: no edges, no relation beyond the tree.
        Raises: ValueError for a weight outside 0…1, and for an end that is no code.
        """
        direct = _undirected(edges)
        closure = dict(direct)
        for (start, middle), first in direct.items():
            for (other, end), second in direct.items():
                if _on_one_branch(middle, other, sections or NO_SECTIONS):
                    closure[start, end] = max(closure.get((start, end), 0.0), first * second)
        return cls(version, MappingProxyType(closure))

    @cached_property
    def by_end(self) -> Mapping[str, Mapping[str, float]]:
        """The closure from each end: what it is related to, and how strongly."""
        ends: dict[str, dict[str, float]] = {}
        for (start, end), weight in self.closure.items():
            ends.setdefault(start, {})[end] = weight
        return ends

    def weight(self, a: str, b: str, sections: Sections) -> float:
        """The strongest relation over at most two edges; 0 where there is none."""
        return max(
            (self.closure.get((x, y), 0.0) for x in ancestors(a, sections) for y in ancestors(b, sections)),
            default=0.0,
        )


def _undirected(edges: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    direct: dict[tuple[str, str], float] = {}
    for start, end, weight in edges:
        if not (is_code(start) and is_code(end)):
            raise ValueError(f"edge {start} - {end}: an end is no industry code")
        if not is_number(type(weight)) or not 0 <= weight <= 1:
            raise ValueError(f"edge {start} - {end}: weight outside 0 to 1")
        for key in ((start, end), (end, start)):
            direct[key] = max(direct.get(key, 0.0), float(weight))
    return direct


def _on_one_branch(a: str, b: str, sections: Sections) -> bool:
    return covers(a, b, sections) or covers(b, a, sections)


def ancestors(code: str, sections: Sections) -> Iterator[str]:
    """The code itself and every code above it, deepest first; the section letter last, where it is known."""
    for length in range(len(code), 1, -1):
        yield code[:length]
    section = code if len(code) == 1 else sections.get(code[:2])
    if section is not None:
        yield section


def covers(upper: str, code: str, sections: Sections) -> bool:
    """Whether `code` is `upper` or lies below it."""
    return upper in ancestors(code, sections)


def relatedness(
    a: str, b: str, parameters: Parameters, chain: Chain | None = None, *, sections: Sections | None = None
) -> float:
    """The nearer of tree and chain, 0…1.

    Empty: without a chain the tree alone counts; without sections two divisions share none.
    """
    known = sections or NO_SECTIONS
    tree = _tree(a, b, parameters, known)
    return tree if chain is None else max(tree, chain.weight(a, b, known))


def _tree(a: str, b: str, parameters: Parameters, sections: Sections) -> float:
    """The value of the deepest level both codes share; codes of unequal length meet at the shorter."""
    above = set(ancestors(b, sections))
    shared = next((code for code in ancestors(a, sections) if code in above), "")
    return _values(parameters.numbers).get(len(shared), 0.0)


def _values(numbers: Numbers) -> Mapping[int, float]:
    """What sharing a code of so many characters is worth."""
    return {4: numbers.same_class, 3: numbers.same_group, 2: numbers.same_division, 1: numbers.same_section}


class Relatedness:
    """How near codes are under one version's numbers, chain and sections, as tables.

    It may be kept for any number of demands and catalogues, and read from several threads.
    """

    def __init__(self, numbers: Numbers, chain: Chain | None, sections: Sections) -> None:
        self._values, self._chain, self._sections = _values(numbers), chain, sections
        self.table = lru_cache(maxsize=MOST_TABLES)(self._table)

    def is_of(self, numbers: Numbers, chain: Chain | None, sections: Sections) -> bool:
        """Whether it is that of these numbers, this chain and these sections."""
        return self._values == _values(numbers) and self._chain is chain and self._sections is sections

    def _table(self, codes: tuple[str, ...]) -> RelatednessTable:
        """The table of these codes, none of them twice."""
        return RelatednessTable(codes, self._values, self._chain, self._sections)


class RelatednessTable:
    """Some codes, what lies above and below each of them, and how near any other code is: a row each, computed once.

    Two threads may compute the same row; the codes never change.
    """

    def __init__(
        self, codes: tuple[str, ...], values: Mapping[int, float], chain: Chain | None, sections: Sections
    ) -> None:
        self.codes, self.sections = codes, sections
        self._values, self._ends = values, {} if chain is None else chain.by_end
        self._places = {code: place for place, code in enumerate(codes)}
        #: Where the sections are, and where the codes of which none is known.
        self.letters = [place for place, code in enumerate(codes) if len(code) == 1]
        self.unplaced = [place for place, code in enumerate(codes) if len(code) > 1 and code[:2] not in sections]
        below: dict[str, list[int]] = {}
        for place, code in enumerate(codes):
            for upper in ancestors(code, sections):
                below.setdefault(upper, []).append(place)
        self._below = {upper: np.array(places, np.int64) for upper, places in below.items()}
        self._rows: dict[str, Floats] = {}
        self._chain_rows: dict[str, Floats] = {}

    def row(self, code: str) -> Floats:
        """`relatedness` of a code and each of the table's. Shapes: aligned with `codes`; read-only."""
        row = self._rows.get(code)
        if row is None:
            row = self._computed(code)
            row.flags.writeable = False
            if len(self._rows) >= MOST_CODES:
                self._rows.clear()
            self._rows[code] = row
        return row

    def above(self, code: str) -> list[int]:
        """Where the table has the code itself and what lies above it."""
        places = self._places
        return [places[upper] for upper in ancestors(code, self.sections) if upper in places]

    def below(self, code: str) -> Ints:
        """Where the table has the code itself and what lies below it."""
        return self._below.get(code, _NOWHERE)

    def _computed(self, code: str) -> Floats:
        above = list(ancestors(code, self.sections))
        row = np.zeros(len(self.codes))
        for upper in reversed(above):  # the deepest that is shared is the last to be written
            row[self.below(upper)] = self._values.get(len(upper), 0.0)
        for upper in above:
            if upper in self._ends:
                np.maximum(row, self._chain_row(upper), out=row)
        return row

    def _chain_row(self, end: str) -> Floats:
        """How strongly the chain ties one of its ends to each code."""
        row = self._chain_rows.get(end)
        if row is None:
            row = np.zeros(len(self.codes))
            for other, weight in self._ends[end].items():
                places = self.below(other)
                row[places] = np.maximum(row[places], weight)
            self._chain_rows[end] = row
        return row


_NOWHERE: Ints = np.zeros(0, np.int64)
