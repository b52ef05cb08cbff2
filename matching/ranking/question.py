"""What a ranking of one kind of unit reads, and the words of its verdicts: rules, unknown fields, path groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.errors import Invalid
from domain.words import TITLE_PATHS, Kind, Path
from matching.catalogue.retrofits import Works
from matching.catalogue.table import Units
from matching.demand.demand import PATH_BITS, AreaWish, Need
from matching.industry import Chain, Sections
from matching.parameters import RULES, Parameters, Template
from matching.parks import Each, Entry, Facts, Fit, Kinship, entry_to_park, entry_to_unit
from matching.position import PLANE, POSITION
from matching.scaled import Column, Ints, Mask

Found = TypeVar("Found")
RULE_BITS: Mapping[str, int] = MappingProxyType({rule: 1 << place for place, rule in enumerate(RULES)})
CURABLE = RULE_BITS["H4"] | RULE_BITS["H5"] | RULE_BITS["H8"]
#: What may be unknown, by the name a reader may see. `title` stands for all that H12 reads: its parts are the staff's
#: alone.
FIELDS = (
    "available_area_m2",
    "is_divisible",
    "min_divisible_m2",
    "clear_height_m",
    "clear_height_at",
    "floor_load_kn_m2",
    "power_kva",
    "fire_hazard_class",
    "product_codes",
    "negative_list",
    "is_chemical_park",
    "leading_industries",
    "allowed_paths",
    "rent_yuan_m2_month",
    "property_fee_yuan_m2_month",
    "price_yuan_m2",
    "contribution_yuan",
    "yearly_cost_yuan",
    "available_from",
    "title",
    "effluent_types",
    "effluent_free_t_d",
    "position",
    "tenants",
    "anchors",
    "equipment",
    "condition",
    "adjacent_m2",
    "policies",
)
FIELD_BITS: Mapping[str, int] = MappingProxyType({name: 1 << place for place, name in enumerate(FIELDS)})
FORM_COLUMNS = MappingProxyType(
    {"rent": "rent_yuan_m2_month", "price": "price_yuan_m2", "contribution": "contribution_yuan"}
)
TITLE_COLUMNS = ("title_is_registered", "mortgage", "is_seized")
#: The columns a rule or criterion cannot do without.
REQUIRED = MappingProxyType(
    {
        "H1": ("kind",),
        "H2": ("area",),
        "H3": ("clear_height_m",),
        "H4": ("floor_load_kn_m2",),
        "H5": ("power_kva",),
        "H6": ("fire_hazard_class",),
        "H8": ("effluent_types", "effluent_free_t_d"),
        "H9": ("allowed_paths",),
        "H11": ("available_from",),
        "H13": POSITION,
    }
)


@dataclass(frozen=True)
class Question:
    """All that a ranking of one kind reads. `facts` is aligned with the units' `facts_keys`; None: no parks given.

    `memo` holds what was found of parks and lists for some products; demands that differ in nothing else but themselves
    may share it.

    Raises: Invalid on `places` or `within` where the units' positions are of another kind, degrees or a plane's metres.
    """

    need: Need
    kind: str
    units: Units
    parameters: Parameters
    facts: Facts | None
    chain: Chain | None
    sections: Sections
    day: int
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        axes = self.axes
        if axes[0] not in self.units:
            return
        if any(len(place.vector) != len(axes) for place in self.need.places):
            raise Invalid("coordinates", "places")
        if axes == PLANE and self.need.within is not None:
            raise Invalid("within_plane", "within")

    def has(self, rule: str) -> bool:
        """Whether a rule is in force."""
        return rule in self.parameters.rules

    @property
    def axes(self) -> tuple[str, ...]:
        """The columns distances are measured along."""
        return PLANE if PLANE[0] in self.units else POSITION[2:]

    @property
    def is_placed(self) -> bool:
        """Whether positions were given."""
        return self.axes[0] in self.units

    def once(self, name: Any, find: Callable[[], Found]) -> Found:
        """What hangs on the products, the parks and the units' lists alone, found once."""
        key = (name, self.need.codes, self.need.needs_chemical_park, id(self.facts), id(self.units.policies))
        if key not in self.memo:
            self.memo[key] = find()
        found: Found = self.memo[key]
        return found

    @property
    def area_wish(self) -> AreaWish:
        """The area asked for of this kind."""
        return self.need.areas[self.kind]

    @cached_property
    def template(self) -> Template | None:
        """The sector template in force; None where the firm states its importances, or this version has none."""
        stated = self.need.template
        found = self.once(("template", stated), lambda: self.parameters.template(stated, self.need.codes))
        return None if self.need.importances else found

    @property
    def is_built(self) -> bool:
        """Bare land has no height, load or hazard class of its own."""
        return self.kind != Kind.land

    @cached_property
    def entries_to_parks(self) -> Each[Entry] | None:
        """H7 from each park's side; None where no parks were given."""
        facts = self.facts
        if facts is None or "facts" not in self.units:
            return None
        return self.once("parks", lambda: facts.each(lambda one: entry_to_park(self.need, one, self.sections)))

    @cached_property
    def industry_fits(self) -> Each[Fit]:
        """How well the firm's industries suit each park, as `facts`."""
        kinship = Kinship(self.need, self.parameters, self.chain, self.sections)
        return (self.facts or Facts()).each(kinship.fit)

    @cached_property
    def entries_to_units(self) -> Each[Entry] | None:
        """H7 from the side of each distinct pair of lists; None where units have none."""
        if "policy" not in self.units:
            return None
        policies = self.units.policies
        return self.once(
            "lists",
            lambda: Each(
                tuple(entry_to_unit(self.need, one, self.sections) for one in policies), np.arange(len(policies))
            ),
        )

    @cached_property
    def path_groups(self) -> tuple[PathGroup, ...]:
        """The accepted paths, those judged alike taken together, in the order of their first path."""
        key = ("path_groups", self.need.paths)
        if key not in self.memo:
            self.memo[key] = self._path_groups()
        grouped: tuple[PathGroup, ...] = self.memo[key]
        return grouped

    def _path_groups(self) -> tuple[PathGroup, ...]:
        groups: dict[tuple[str | None, bool], int] = {}
        for path in Path:
            bit = PATH_BITS[path] & self.need.paths
            key = (self.parameters.cost_forms.get(path), path in TITLE_PATHS)
            if bit:
                groups[key] = groups.get(key, 0) | bit
        return tuple(PathGroup(mask, form, moves_title) for (form, moves_title), mask in groups.items())


def asked_of(units: Units, parameters: Parameters) -> Units:
    """The units with the works that may cure them."""
    return units if parameters.has_cures or not len(units.works.row) else replace(units, works=Works.of(()))


@dataclass(frozen=True)
class PathGroup:
    """Paths paid for in one form and moving title or not: their verdicts are the same."""

    mask: int
    form: str | None
    moves_title: bool


@dataclass(frozen=True)
class Verdict:
    """Shapes: masks aligned with the rows judged; `lacking` is a bit set of FIELDS, read where `unknown` holds.

    Empty: `unknown` None, everything is known.
    """

    failed: Mask
    unknown: Mask | None
    lacking: NDArray[np.uint32] | int | Callable[[Ints], NDArray[np.uint32]]

    def lacking_of(self, rows: Ints) -> NDArray[np.uint32]:
        """The fields unknown of some of the rows."""
        if self.unknown is None:
            return np.zeros(len(rows), np.uint32)
        if isinstance(self.lacking, int):
            return self.unknown[rows] * np.uint32(self.lacking)
        found = self.lacking(rows) if callable(self.lacking) else self.lacking[rows]
        return self.unknown[rows] * found


def unknown(column: Column) -> Mask | None:
    """Where a column is not known; None where it is throughout."""
    return None if column.is_known else ~column.known


def beyond(column: Column, breaks: Mask, field: str) -> Verdict:
    """A rule on one column: failed where its value breaks the bound, unknown where the value is."""
    return Verdict(breaks if column.is_known else breaks & column.known, unknown(column), FIELD_BITS[field])


def field_bits(names: Iterable[str]) -> int:
    """The bit set of some fields."""
    return sum(FIELD_BITS[name] for name in set(names))


def field_names(bits: int) -> list[str]:
    """The fields of a bit set, in their fixed order."""
    return [name for name, bit in FIELD_BITS.items() if bits & bit]
