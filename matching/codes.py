"""The words of the vocabularies as small numbers and bits, so that words are compared as figures are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from domain.words import Connection, Effluent, HazardClass, HeightPoint, Kind, Mortgage, Path

KINDS: Mapping[str, int] = MappingProxyType({str(kind): place for place, kind in enumerate(Kind)})
HEIGHT_POINTS: Mapping[str, int] = MappingProxyType({str(point): place for place, point in enumerate(HeightPoint)})
#: 1 is the most dangerous. Source: GB 50016-2014 table 3.1.1.
HAZARD_RANKS: Mapping[str, int] = MappingProxyType({str(hazard): rank for rank, hazard in enumerate(HazardClass, 1)})
#: The greater, the less stands in the way of a transfer, so that the least is that of several together. Rows kept
#: before R2 hold a 1 for whatever is not unreleased. Source: rule H12.
MORTGAGES: Mapping[str, int] = MappingProxyType(
    {Mortgage.unreleased: 0, Mortgage.consented: 1, Mortgage.none: 2, Mortgage.released: 2}
)
FLAGS: Mapping[bool, int] = MappingProxyType({False: 0, True: 1})
#: One bit a kind of effluent, in the order of the vocabulary.
EFFLUENT_BITS: Mapping[str, int] = MappingProxyType({str(kind): 1 << place for place, kind in enumerate(Effluent)})
#: One bit a connection, in the order of the vocabulary.
CONNECTION_BITS: Mapping[str, int] = MappingProxyType({str(kind): 1 << place for place, kind in enumerate(Connection)})
#: One bit a path, in the order of the vocabulary.
PATH_BITS: Mapping[str, int] = MappingProxyType({str(path): 1 << place for place, path in enumerate(Path)})
ALL_PATHS = (1 << len(Path)) - 1


def is_code(code: object) -> bool:
    """Whether it can be an industry: a section letter or two to four digits; none is longer."""
    return isinstance(code, str) and 1 <= len(code) <= 4


def unknown_names(names: Iterable[object], known: Collection[str]) -> list[str]:
    """The names nobody knows, each with the known one that is nearest, if any is near."""
    wrong = sorted({str(name) for name in names if name not in known})
    return [name if (near := nearest(name, known)) is None else f"{name} ({near}?)" for name in wrong]


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that was meant, if one is near."""
    return next(iter(get_close_matches(name, known, 1)), None)


def effluents_of(mask: int) -> list[str]:
    """The kinds of effluent of a bit mask."""
    return [kind for kind, bit in EFFLUENT_BITS.items() if mask & bit]


def connections_of(mask: int) -> list[str]:
    """The connections of a bit mask."""
    return [kind for kind, bit in CONNECTION_BITS.items() if mask & bit]


def paths_of(mask: int) -> list[str]:
    """The paths of a bit mask."""
    return [path for path, bit in PATH_BITS.items() if mask & bit]
