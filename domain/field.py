"""What one fact of a thing is: its type, bounds, readers and the words people write for it.

The tables of them stand in `domain/fields.py`; the label and the meaning of each in `texts/<language>/fields.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from domain.errors import Fault
from domain.words import Kind, Level

#: `words`: several of a vocabulary; `codes`: prefixes of GB/T 4754-2017; `texts`: lines of text; `names`: names of
#: fields; `object` and `objects`: JSON with a record of its own in `api/bodies.py`.
Type = Literal[
    "number", "integer", "flag", "day", "instant", "text", "word", "words", "codes", "texts", "names", "id", "ids",
    "outline", "object", "objects",
]  # fmt: skip
#: Who may read it: all, the staff of its park, or whom it belongs to.
Reader = Literal["public", "staff", "owner"]
#: When it is stated: when the thing is new and then no more, at any time, by a stage of a deal, which keeps it, or
#: never, as it follows from other facts.
Entry = Literal["once", "any", "stage", "derived"]
#: Where it is kept: in a column of its own, in the column `attributes`, or as the geometry of a Feature.
Store = Literal["column", "attributes", "geometry"]

Vocabulary = type[StrEnum] | tuple[str, ...]

LAND, FACTORY = frozenset({Kind.land}), frozenset({Kind.factory})


@dataclass(frozen=True)
class Bound:
    """Least and most, both included, and decimal places that are kept."""

    least: str
    most: str
    places: int

    def fault(self, value: Decimal) -> Fault | None:
        if not value.is_finite():
            return Fault("not_a_number")
        if not Decimal(self.least) <= value <= Decimal(self.most):
            return Fault("out_of_range", params={"least": self.least, "most": self.most})
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            return Fault("too_precise", params={"places": self.places})
        return None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One fact of a thing.

    `bound`: of a number; of an integer without decimal places. `least`, `most`: entries of a list; `most` also
    characters of a text. `words`: its vocabulary. `is_never_null`: a list or flag that is empty where nobody stated it,
    never null.
    `headings`: what people write above it in sheets and files, beside its labels and its name; a DBF cuts names at ten
    bytes. `steps`: how many steps of the ranking a unit of it has; None: the ranking does not read it. `is_criterion`:
    a criterion of the ranking reads it alone. `is_filter`: lists are filtered by it. `is_sort`: lists are sorted by
    it. `follows`: levels whose units have it from their whole where they state none of their own. `completes`: levels
    whose units are complete only with it.
    """

    name: str
    type: Type
    unit: str = ""
    bound: Bound | None = None
    least: int = 0
    most: int | None = None
    words: Vocabulary = ()
    is_never_null: bool = False
    reader: Reader = "public"
    entry: Entry = "any"
    store: Store = "column"
    kinds: frozenset[Kind] = LAND | FACTORY
    levels: frozenset[Level] = frozenset(Level)
    headings: tuple[str, ...] = ()
    source: str = ""
    steps: int | None = None
    is_criterion: bool = False
    is_filter: bool = False
    is_sort: bool = False
    follows: frozenset[Level] = frozenset()
    completes: frozenset[Level] = frozenset()

    @property
    def fits_in_16_bits(self) -> bool:
        """Whether every value, in steps of the ranking, is below 2**15."""
        return self.bound is not None and Decimal(self.bound.most) * (self.steps or 1) < 2**15


#: A table of fields by name, in the order in which they are shown.
Fields = dict[str, Field]


def table(*fields: Field) -> Fields:
    """Raises: ValueError for a name that stands twice."""
    names = [field.name for field in fields]
    if len(set(names)) < len(names):
        raise ValueError(f"twice: {sorted(name for name in set(names) if names.count(name) > 1)}")
    return {field.name: field for field in fields}


#: How a filter compares a fact with its value: at least, at most, that word, a later day, an earlier day.
Comparison = Literal["least", "most", "equal", "after", "before"]
#: Type of a field → endings of the filters by it.
COMPARISONS: Mapping[Type, Mapping[str, Comparison]] = {
    "number": {"_min": "least", "_max": "most"},
    "word": {"": "equal"},
    "day": {"_after": "after", "_before": "before"},
}


@dataclass(frozen=True)
class Filter:
    """A parameter by which lists are filtered."""

    field: Field
    compares: Comparison


def filters_of(fields: Fields) -> dict[str, Filter]:
    """The filters of a thing, by the name of the parameter."""
    return {
        f"{field.name}{ending}": Filter(field, compares)
        for field in fields.values()
        if field.is_filter
        for ending, compares in COMPARISONS[field.type].items()
    }


def can_be_missing(field: Field) -> bool:
    """Whether all may read it and people state it, or leave it open."""
    is_open = not field.is_never_null or field.type == "words"
    return field.reader == "public" and field.entry == "any" and is_open and field.type in STATED


#: Types of facts that are one value, or a list of words.
STATED = ("number", "integer", "flag", "day", "text", "word", "words", "codes", "texts", "id", "outline")
