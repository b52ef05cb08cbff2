"""How near two industries are: the tree of GB/T 4754-2017 and a versioned table of supply chains.

A code is a section letter or two to four digits. Digit codes carry no letter, so whatever needs the section takes a
mapping division → letter. The chain's closure (at most two edges) is computed once, when the table is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from matching.codes import is_code
from matching.scaled import is_number

if TYPE_CHECKING:
    from matching.parameters import Parameters

Sections = Mapping[str, str]
NO_SECTIONS: Sections = MappingProxyType({})


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
    numbers = parameters.numbers
    values = {4: numbers.same_class, 3: numbers.same_group, 2: numbers.same_division, 1: numbers.same_section}
    above = set(ancestors(b, sections))
    shared = next((code for code in ancestors(a, sections) if code in above), "")
    return values.get(len(shared), 0.0)
