"""What a firm needs, quantised like the catalogue it is held against.

A bound that is absent or 0 is not mentioned: it rejects nothing and, where a criterion hangs on it, weighs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from domain.errors import Invalid
from domain.fields import DEMAND
from domain.words import Effluent, HazardClass, HeightPoint, Kind, Policy
from matching.codes import ALL_PATHS, PATH_BITS
from matching.demand.preferences import AREA_PREFIXES, AreaWish, EquipmentWish, PlaceWish
from matching.position import Region
from matching.scaled import quantise_bound

#: Figures of a need, and how many steps a unit of each has.
STEPS: Mapping[str, int] = {name: field.steps for name, field in DEMAND.items() if field.steps is not None}
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
    areas: Mapping[str, AreaWish]
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
    places: tuple[PlaceWish, ...]
    equipment: tuple[EquipmentWish, ...]
    expansion: int | None
    policies: tuple[str, ...]
    template: str | None
    importances: Mapping[str, float]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Demand:
        """A demand from its fields; other fields are passed over.

        Empty: no accepted path means every path; no importances mean those of the model version.
        Raises: Invalid on `kinds`, `accepted_paths`, `fire_hazard_class`, `clear_height_at`, `effluent_types`,
        `equipment`, `policies` for a word outside its vocabulary.
        """
        codes, codes_basis = _codes(fields)
        figures = {name: quantise_bound(fields.get(name), steps) for name, steps in STEPS.items()}
        power_min, power_preferred = figures["power_kva_min"], figures["power_kva_pref"]
        if power_preferred is None and power_min is not None:
            power_preferred = round(power_min * 16 / 10)  # Source: model R1 §5.1
        return cls(
            kinds=_kinds(fields.get("kinds")),
            figures=MappingProxyType(figures),
            areas=MappingProxyType({kind: _area_wish(figures, prefix) for kind, prefix in AREA_PREFIXES.items()}),
            height_min=figures["clear_height_m_min"],
            height_at=_word(fields, "clear_height_at", HeightPoint),
            load_min=figures["floor_load_kn_m2_min"],
            power_min=power_min,
            power_preferred=power_preferred,
            hazard_class=_word(fields, "fire_hazard_class", HazardClass),
            codes=codes,
            codes_basis=codes_basis,
            needs_chemical_park=bool(fields.get("needs_chemical_park")),
            paths=_paths(fields.get("accepted_paths")),
            rent_max=figures["rent_yuan_m2_month_max"],
            price_max=figures["price_yuan_m2_max"],
            yearly_cost_max=figures["yearly_cost_yuan_max"],
            need_on=_ordinal(fields.get("need_on")),
            tolerance_days=_tolerance(fields.get("timing_tolerance_days")),
            effluents=_known(fields.get("effluent_types"), "effluent_types", Effluent),
            effluent_min=figures["effluent_t_d_min"],
            within=None if fields.get("within") is None else Region.of(fields["within"]),
            places=tuple(PlaceWish.of(place) for place in fields.get("places") or ()),
            equipment=tuple(EquipmentWish.of(wish) for wish in fields.get("equipment") or ()),
            expansion=figures["expansion_m2"],
            policies=_known(fields.get("policies"), "policies", Policy),
            template=fields.get("template"),
            importances=MappingProxyType({k: float(v) for k, v in (fields.get("importances") or {}).items()}),
        )


_KINDS = frozenset(Kind)


def _kinds(words: Iterable[str] | None) -> tuple[str, ...]:
    kinds = set(words or ())
    if not kinds or not kinds <= _KINDS:
        raise Invalid("not_in_vocabulary", "kinds", allowed=[str(kind) for kind in Kind])
    return tuple(str(kind) for kind in Kind if kind in kinds)


def _codes(fields: Mapping[str, Any]) -> tuple[tuple[str, ...], str | None]:
    """The products' codes, else the code of the firm's registered industry, and which of the two it is."""
    declared = tuple(fields.get("product_codes") or ())
    if declared:
        return declared, "declared"
    registered = fields.get("registered_industry_code")
    return ((str(registered),), "registered") if registered else ((), None)


def _area_wish(figures: Mapping[str, int | None], prefix: str) -> AreaWish:
    return AreaWish.of(*(figures[f"{prefix}_{end}"] for end in ("min", "pref", "max")))


def _word(fields: Mapping[str, Any], name: str, words: type[HazardClass] | type[HeightPoint]) -> str | None:
    word = fields.get(name)
    if word is not None and word not in words.__members__:
        raise Invalid("not_in_vocabulary", name, allowed=[str(allowed) for allowed in words])
    return None if word is None else str(word)


def _known(words: Iterable[str] | None, name: str, vocabulary: type[Effluent] | type[Policy]) -> tuple[str, ...]:
    given = set(words or ())
    if not given <= set(vocabulary):
        raise Invalid("not_in_vocabulary", name, allowed=[str(word) for word in vocabulary])
    return tuple(str(word) for word in vocabulary if word in given)


def _paths(words: Iterable[str] | None) -> int:
    mask = 0
    for word in words or ():
        if word not in PATH_BITS:
            raise Invalid("not_in_vocabulary", "accepted_paths", allowed=list(PATH_BITS))
        mask |= PATH_BITS[word]
    return mask or ALL_PATHS


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _tolerance(days: int | None) -> int:
    return DEFAULT_TOLERANCE_DAYS if days is None else int(days)
