"""What a firm needs, quantised like the catalogue it is held against.

A bound that is absent or 0 is not mentioned: it rejects nothing and, where a criterion hangs on it, weighs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from domain.errors import Invalid
from domain.fields import DEMAND, IMPORTANCE
from domain.words import Effluent, HazardClass, HeightPoint, Kind, Policy
from matching.codes import ALL_PATHS, PATH_BITS, is_code
from matching.demand import stated
from matching.demand.preferences import AREA_PREFIXES, AreaPreference, EquipmentPreference, PlacePreference
from matching.position import Region
from matching.scaled import quantise_bound

Preference = TypeVar("Preference")
#: Figures of a need, and how many steps a unit of each has.
STEPS: Mapping[str, int] = {name: field.steps for name, field in DEMAND.items() if field.steps is not None}
#: The code of the firm's own industry, beside the fields of a need.
REGISTERED = "registered_industry_code"
KNOWN = frozenset((*DEMAND, REGISTERED))
#: Days a handover may be late where the demand says nothing. Source: model R1 §5.1.
DEFAULT_TOLERANCE_DAYS = 60


@dataclass(frozen=True)
class Demand:
    """One demand, as the rules and criteria read it.

    `figures`: every figure of a need by its name, None where it is not mentioned; those that several rules read have a
    name of their own beside it. Units: scaled as in `matching/scaled.py`; `need_on` is a day's ordinal; `paths` a bit
    mask; `codes_basis`: "declared" where the firm named its products, "registered" where only its registered industry
    is known (model R1 §5.1).
    """

    kinds: tuple[str, ...]
    figures: Mapping[str, int | None]
    areas: Mapping[str, AreaPreference]
    height_min: int | None
    height_at: str | None
    load_min: int | None
    power_min: int | None
    power_preferred: int | None
    hazard_class: str | None
    codes: tuple[str, ...]
    codes_basis: str | None
    needs_chemical_park: bool
    paths: int
    rent_max: int | None
    price_max: int | None
    yearly_cost_max: int | None
    need_on: int | None
    tolerance_days: int
    effluents: tuple[str, ...]
    effluent_min: int | None
    within: Region | None
    places: tuple[PlacePreference, ...]
    equipment: tuple[EquipmentPreference, ...]
    expansion: int | None
    policies: tuple[str, ...]
    template: str | None
    importances: Mapping[str, float]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Demand:
        """A demand from its fields; those of a need that the ranking does not read are passed over.

        Empty: no accepted path means every path; no importances mean those of the model version.
        Raises: Invalid on the field for one a need does not have, a word outside its vocabulary, a value of another
        type or outside its bound, and a bound below the one it follows.
        """
        fields = stated.stated_names(fields, KNOWN)
        codes, codes_basis = _codes(fields)
        figures = _figures(fields)
        power_min, power_preferred = figures["power_kva_min"], figures["power_kva_pref"]
        if power_preferred is None and power_min is not None:
            power_preferred = round(power_min * 16 / 10)  # Source: model R1 §5.1
        return cls(
            kinds=_kinds(fields),
            figures=MappingProxyType(figures),
            areas=MappingProxyType({kind: _area_preference(figures, prefix) for kind, prefix in AREA_PREFIXES.items()}),
            height_min=figures["clear_height_m_min"],
            height_at=stated.word(fields.get("clear_height_at"), "clear_height_at", HeightPoint.__members__),
            load_min=figures["floor_load_kn_m2_min"],
            power_min=power_min,
            power_preferred=power_preferred,
            hazard_class=stated.word(fields.get("fire_hazard_class"), "fire_hazard_class", HazardClass.__members__),
            codes=codes,
            codes_basis=codes_basis,
            needs_chemical_park=bool(
                stated.typed(fields.get("needs_chemical_park"), "needs_chemical_park", bool, "bool")
            ),
            paths=sum(PATH_BITS[path] for path in _words(fields, "accepted_paths", PATH_BITS)) or ALL_PATHS,
            rent_max=figures["rent_yuan_m2_month_max"],
            price_max=figures["price_yuan_m2_max"],
            yearly_cost_max=figures["yearly_cost_yuan_max"],
            need_on=stated.day(fields.get("need_on"), "need_on"),
            tolerance_days=_tolerance(fields),
            effluents=_words(fields, "effluent_types", Effluent.__members__),
            effluent_min=figures["effluent_t_d_min"],
            within=stated.region(fields.get("within"), "within"),
            places=_each(fields, "places", PlacePreference.of),
            equipment=_each(fields, "equipment", EquipmentPreference.of),
            expansion=figures["expansion_m2"],
            policies=_words(fields, "policies", Policy.__members__),
            template=stated.typed(fields.get("template"), "template", str, "str"),
            importances=MappingProxyType(_importances(fields.get("importances"))),
        )


def _figures(fields: Mapping[str, Any]) -> dict[str, int | None]:
    """Every figure in its steps. Raises: Invalid for a least above a most."""
    figures = {}
    for name, steps in STEPS.items():
        bound = DEMAND[name].bound
        assert bound is not None, f"{name}: a figure has a bound"
        figures[name] = quantise_bound(stated.number(fields.get(name), name, bound, may_be_none=True), steps)
    for low, least in figures.items():
        high = f"{low.removesuffix('_min')}_max"
        if least is not None and (figures.get(high) or least) < least:
            raise Invalid("bounds_reversed", high, other=low)
    return figures


def _words(fields: Mapping[str, Any], name: str, vocabulary: Collection[str]) -> tuple[str, ...]:
    return stated.words(fields.get(name), name, vocabulary)


def _kinds(fields: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = _words(fields, "kinds", Kind.__members__)
    if not kinds:
        raise Invalid("not_in_vocabulary", "kinds", allowed=[str(kind) for kind in Kind])
    return kinds


def _codes(fields: Mapping[str, Any]) -> tuple[tuple[str, ...], str | None]:
    """The products' codes, else the code of the firm's registered industry, and which of the two it is."""
    declared = stated.codes(fields.get("product_codes"), "product_codes")
    if declared:
        return declared, "declared"
    registered = fields.get(REGISTERED)
    if registered is not None and not is_code(registered):
        raise Invalid("industry_form", REGISTERED, value=str(registered)[:16])
    return ((str(registered),), "registered") if registered else ((), None)


def _area_preference(figures: Mapping[str, int | None], prefix: str) -> AreaPreference:
    return AreaPreference.of(*(figures[f"{prefix}_{end}"] for end in ("min", "pref", "max")))


def _tolerance(fields: Mapping[str, Any]) -> int:
    name, bound = "timing_tolerance_days", DEMAND["timing_tolerance_days"].bound
    assert bound is not None, f"{name}: has a bound"
    days = stated.number(fields.get(name), name, bound, is_whole=True)
    return DEFAULT_TOLERANCE_DAYS if days is None else int(days)


def _each(fields: Mapping[str, Any], name: str, read: Callable[[Any, str], Preference]) -> tuple[Preference, ...]:
    """The records of a list, each with where it stands."""
    return tuple(read(item, f"{name}.{n}.") for n, item in enumerate(stated.items(fields.get(name), name)))


def _importances(importances: Any) -> dict[str, float]:
    """By criterion; which there are, the ranking knows."""
    by_criterion = stated.typed(importances, "importances", Mapping, "object") or {}
    return {
        name: float(stated.number(value, f"importances.{name}", IMPORTANCE) or 0)
        for name, value in by_criterion.items()
    }
