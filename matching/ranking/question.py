"""What a ranking of one kind of unit reads: the demand, the units, the model, and what hangs on them alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from domain.errors import Invalid
from domain.words import TITLE_PATHS, Kind, Path
from matching.catalogue.retrofits import Retrofits
from matching.catalogue.table import Units
from matching.codes import PATH_BITS
from matching.demand.demand import Demand
from matching.demand.preferences import AreaPreference
from matching.model import Model
from matching.parameters import Choices, Numbers, Parameters, Template
from matching.parks import Facts
from matching.position import PLANE, POSITION
from matching.rules.path import PathGroup

Shared = TypeVar("Shared")


@dataclass(frozen=True)
class Question:
    """All that a ranking of one kind reads. `facts` is aligned with the units' `facts_keys`; None: no parks given.

    `memo` holds what was worked out of parks and lists for some products; demands that differ in nothing else but
    themselves may share it.

    Raises: Invalid on `places` or `within` where the units' positions are of another kind, degrees or a plane's metres.
    """

    demand: Demand
    kind: str
    units: Units
    model: Model
    facts: Facts | None
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        axes = self.axes
        if axes[0] not in self.units:
            return
        if any(len(place.vector) != len(axes) for place in self.demand.places):
            raise Invalid("coordinates", "places")
        if axes == PLANE and self.demand.within is not None:
            raise Invalid("within_plane", "within")

    @property
    def parameters(self) -> Parameters:
        """The version of the model."""
        return self.model.parameters

    @property
    def numbers(self) -> Numbers:
        """The numbers of the version."""
        return self.model.parameters.numbers

    @property
    def choices(self) -> Choices:
        """What the version does differently from the first ones."""
        return self.model.parameters.choices

    def has(self, rule: str) -> bool:
        """Whether a rule is in force."""
        return rule in self.model.parameters.rules

    @property
    def axes(self) -> tuple[str, ...]:
        """The columns distances are measured along."""
        return PLANE if PLANE[0] in self.units else POSITION[2:]

    @property
    def is_placed(self) -> bool:
        """Whether positions were given."""
        return self.axes[0] in self.units

    def once(self, name: Any, work_out: Callable[[], Shared]) -> Shared:
        """What hangs on the products, the parks and the units' lists alone, worked out once."""
        return self.shared(
            (name, self.demand.codes, self.demand.needs_chemical_park, id(self.facts), id(self.units.policies)),
            work_out,
        )

    def shared(self, key: Any, work_out: Callable[[], Shared]) -> Shared:
        """What hangs on nothing but the key, the model, the parks and the units' lists, worked out once."""
        if key not in self.memo:
            self.memo[key] = work_out()
        result: Shared = self.memo[key]
        return result

    @property
    def area_preference(self) -> AreaPreference:
        """The area wished of this kind."""
        return self.demand.areas[self.kind]

    @cached_property
    def template(self) -> Template | None:
        """The sector template in force; None where the firm states its importances, or this version has none."""
        stated = self.demand.template
        template = self.once(("template", stated), lambda: self.parameters.template(stated, self.demand.codes))
        return None if self.demand.importances else template

    @property
    def is_built(self) -> bool:
        """Bare land has no height, load or hazard class of its own."""
        return self.kind != Kind.land

    @cached_property
    def path_groups(self) -> tuple[PathGroup, ...]:
        """The accepted paths, those judged alike taken together, in the order of their first path."""
        return self.shared(("path_groups", self.demand.paths), self._path_groups)

    def _path_groups(self) -> tuple[PathGroup, ...]:
        groups: dict[tuple[str | None, bool, tuple[tuple[str, float], ...]], int] = {}
        for path in Path:
            bit = PATH_BITS[path] & self.demand.paths
            taxes = tuple(self.parameters.transfer_taxes.get(path, {}).items())
            key = (self.parameters.cost_forms.get(path), path in TITLE_PATHS, taxes)
            if bit:
                groups[key] = groups.get(key, 0) | bit
        return tuple(PathGroup(mask, *key) for key, mask in groups.items())


def with_cures(units: Units, parameters: Parameters) -> Units:
    """The units with the works that may cure them: all of theirs, or none where the version knows no cures."""
    if parameters.has_cures or not len(units.retrofits.row):
        return units
    return replace(units, retrofits=Retrofits.of(()))
