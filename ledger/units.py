"""Units as people write them, and exact factors from one to another.

A unit is a product of atoms, the first above the line and all others below it: yuan/m²·month, kN/m². Each atom has a
dimension and a factor; two units convert where their dimensions agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from texts.words import plain, spelled

#: A month is a twelfth of a year of 365 days: rents a day are turned into rents a month by it, as leases do.
MONTHS_OF_DAY = Fraction(12, 365)
#: Standard gravity, m/s²: the load of a tonne in kN. Source: ISO 80000-3.
GRAVITY = Fraction("9.80665")
#: Atom → dimension, its power, and the factor to the base of the dimension.
ATOMS: Mapping[str, tuple[str, int, Fraction]] = MappingProxyType(
    {
        "yuan": ("money", 1, Fraction(1)),
        "m2": ("length", 2, Fraction(1)),
        "mu": ("length", 2, Fraction(2000, 3)),
        "ha": ("length", 2, Fraction(10_000)),
        "km2": ("length", 2, Fraction(1_000_000)),
        "m": ("length", 1, Fraction(1)),
        "cm": ("length", 1, Fraction(1, 100)),
        "mm": ("length", 1, Fraction(1, 1000)),
        "km": ("length", 1, Fraction(1000)),
        "m3": ("length", 3, Fraction(1)),
        "t": ("mass", 1, Fraction(1)),
        "kg": ("mass", 1, Fraction(1, 1000)),
        "kN": ("mass", 1, 1 / GRAVITY),
        "kVA": ("power", 1, Fraction(1)),
        "MVA": ("power", 1, Fraction(1000)),
        "kV": ("voltage", 1, Fraction(1)),
        "V": ("voltage", 1, Fraction(1, 1000)),
        "hour": ("time", 1, MONTHS_OF_DAY / 24),
        "day": ("time", 1, MONTHS_OF_DAY),
        "month": ("time", 1, Fraction(1)),
        "year": ("time", 1, Fraction(12)),
        "percent": ("share", 1, Fraction(1)),
        "degree": ("angle", 1, Fraction(1)),
        "piece": ("", 0, Fraction(1)),
    }
)
#: Pressure stands for a load on an area.
PRESSURE = "kPa"
PREFIXES = MappingProxyType({"k": Fraction(1000), "wan": Fraction(10_000), "yi": Fraction(100_000_000)})
#: A share of 1, as spreadsheet programs keep what they show as per cent.
SHARE = "1"
#: Brackets round the part below the line, and the sign that joins words in code.
_BRACKETS = str.maketrans("", "", "()_")
#: Fields in this unit are about water, of which a cubic metre is a tonne.
WATER = "t/d"


@dataclass(frozen=True)
class Measure:
    """A unit: its factor to the bases of its dimensions, and their powers. `atoms` are as written, in order."""

    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]
    atoms: tuple[str, ...]


@lru_cache(maxsize=4096)
def measure(text: str) -> Measure | None:
    """The unit that a text names; None where it names none."""
    if text == SHARE:
        return Measure(Fraction(100), (("share", 1),), (SHARE,))
    tokens = _tokens(plain(text).translate(_BRACKETS))
    if not tokens:
        return None
    factor, powers, side = Fraction(1), Counter[str](), 1
    atoms: list[str] = []
    multiple = Fraction(1)
    for kind, token in tokens:
        if kind == "prefix":
            multiple *= PREFIXES[token]
        elif kind == "per":
            if not atoms or multiple != 1:
                return None
            side = -1
        else:
            if atoms and side == 1:  # two units in a row, nothing between them
                return None
            for dimension, power, own in _parts(token):
                factor *= (own * multiple) ** side
                powers[dimension] += power * side
                multiple = Fraction(1)
            atoms.append(token)
    if not atoms or multiple != 1 or tokens[-1][0] != "atom":
        return None
    dimensions = tuple(sorted((name, power) for name, power in powers.items() if name and power))
    return Measure(factor, dimensions, tuple(atoms))


def _parts(token: str) -> list[tuple[str, int, Fraction]]:
    if token == PRESSURE:
        return [ATOMS["kN"], ("length", -2, Fraction(1))]
    return [ATOMS[token]]


@lru_cache(maxsize=1)
def _spellings() -> dict[str, tuple[str, str]]:
    """Each spelling of a piece of a unit with what it is, atoms before prefixes."""
    pieces = {spelling: ("per", key) for spelling, key in spelled("per").items()}
    pieces |= {spelling: ("prefix", key) for spelling, key in spelled("prefix").items()}
    return pieces | {spelling: ("atom", key) for spelling, key in spelled("atom").items()}


def _tokens(text: str) -> list[tuple[str, str]] | None:
    """The pieces of a unit, the longest spelling first; None where something else stands in it."""
    spellings, tokens, at = _spellings(), [], 0
    longest = max(map(len, spellings))
    while at < len(text):
        end = next((end for end in range(min(at + longest, len(text)), at, -1) if text[at:end] in spellings), None)
        if end is None:
            return None
        tokens.append(spellings[text[at:end]])
        at = end
    return tokens


@lru_cache(maxsize=4096)
def factor_to(unit: str, own: str) -> Fraction | None:
    """By what a value in a unit is multiplied to be in a field's own; None where it cannot be."""
    written, wanted = measure(unit), measure(own) if own else Measure(Fraction(1), (), ())
    if written is None or wanted is None:
        return None
    if written.dimensions == wanted.dimensions:
        return written.factor / wanted.factor
    if own == WATER and written.dimensions == (("length", 3), ("time", -1)):
        return written.factor / wanted.factor
    return None


def multiple_of(text: str) -> Fraction | None:
    """The number that a text stands for which follows another, as 万; None where it is none."""
    tokens = _tokens(plain(text))
    if not tokens or any(kind != "prefix" for kind, _ in tokens):
        return None
    product = Fraction(1)
    for _, token in tokens:
        product *= PREFIXES[token]
    return product
