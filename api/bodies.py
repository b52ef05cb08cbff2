"""The bodies the service reads, one record each. Ranges and codes are checked by the acts, all faults at once.

A changing body leaves out what stays; null clears. Names are those of the columns, units at their end.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from domain.words import (
    AreaUnit,
    Audience,
    DatePrecision,
    Effluent,
    Equipment,
    HazardClass,
    HeightPoint,
    IdleBasis,
    InterestAct,
    Kind,
    LandRight,
    Level,
    Mortgage,
    Path,
    Policy,
)
from texts.lookup import side_by_side

Text = Annotated[str, Meta(max_length=2000)]
Codes = Annotated[list[Annotated[str, Meta(max_length=16)]], Meta(max_length=200)]
Names = Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=100)]
Effluents = Annotated[list[Effluent], Meta(max_length=7)]
Policies = Annotated[list[Policy], Meta(max_length=8)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
#: How much one wish counts beside its like.
Weight = Annotated[float, Meta(ge=0.01, le=100)]
Importance = Annotated[float, Meta(ge=0, le=5)]

#: Fields of an answer that no body may carry, so that the refusal can say so.
READ_ONLY = frozenset(
    """
    id revision availability idle_since idle_since_precision area_m2 area_mu usable_area_m2 measured_area_m2
    issues recorded_at root_id is_leaf version stage staff
    """.split()  # noqa: SIM905
)


class Works(Struct, forbid_unknown_fields=True):
    """A known cure: what it brings the unit to, for what cost, in how many days, by whose word and at whose charge."""

    rule: Literal["H4", "H5", "H8"]
    up_to: Decimal
    cost_yuan: Decimal
    days: Annotated[int, Meta(ge=0, le=3650)]
    source: Text
    payer: Text
    effluent_types: Effluents | UnsetType = UNSET


class AssetFacts(Struct, forbid_unknown_fields=True, kw_only=True):
    """Facts of a unit that can change."""

    zone_id: UUID | UnsetType | None = UNSET
    plot_id: UUID | UnsetType | None = UNSET
    code: Text | UnsetType = UNSET
    name: Text | UnsetType = UNSET
    stated_area: Decimal | UnsetType | None = UNSET
    stated_area_unit: AreaUnit | UnsetType | None = UNSET
    available_area_m2: Decimal | UnsetType | None = UNSET
    is_divisible: bool | UnsetType | None = UNSET
    min_divisible_m2: Decimal | UnsetType | None = UNSET
    storeys: Annotated[int, Meta(ge=1, le=200)] | UnsetType | None = UNSET
    floor_no: Annotated[int, Meta(ge=-10, le=200)] | UnsetType | None = UNSET
    clear_height_m: Decimal | UnsetType | None = UNSET
    clear_height_at: HeightPoint | UnsetType | None = UNSET
    floor_load_kn_m2: Decimal | UnsetType | None = UNSET
    crane_t: Decimal | UnsetType | None = UNSET
    span_m: Decimal | UnsetType | None = UNSET
    power_kva: Decimal | UnsetType | None = UNSET
    expandable_kva: Decimal | UnsetType | None = UNSET
    fire_hazard_class: HazardClass | UnsetType | None = UNSET
    planned_use_code: Text | UnsetType | None = UNSET
    planned_use_system: Literal["GB50137", "TDYH2023", "GBT21010"] | UnsetType | None = UNSET
    far_max: Decimal | UnsetType | None = UNSET
    land_right: LandRight | UnsetType | None = UNSET
    term_ends_on: date | UnsetType | None = UNSET
    allowed_paths: Annotated[list[Path], Meta(max_length=len(Path))] | UnsetType = UNSET
    allowed_industries: Codes | UnsetType | None = UNSET
    forbidden_industries: Codes | UnsetType | None = UNSET
    rent_yuan_m2_month: Decimal | UnsetType | None = UNSET
    property_fee_yuan_m2_month: Decimal | UnsetType | None = UNSET
    price_yuan_m2: Decimal | UnsetType | None = UNSET
    contribution_yuan: Decimal | UnsetType | None = UNSET
    lowest_rent_yuan_m2_month: Decimal | UnsetType | None = UNSET
    lowest_price_yuan_m2: Decimal | UnsetType | None = UNSET
    min_lease_months: Annotated[int, Meta(ge=1, le=600)] | UnsetType | None = UNSET
    available_from: date | UnsetType | None = UNSET
    idle_basis: IdleBasis | UnsetType | None = UNSET
    stated_idle_since: date | UnsetType | None = UNSET
    stated_idle_since_precision: DatePrecision | UnsetType | None = UNSET
    stated_idle_since_source: Text | UnsetType | None = UNSET
    completed_on: date | UnsetType | None = UNSET
    completed_on_precision: DatePrecision | UnsetType | None = UNSET
    title_is_registered: bool | UnsetType | None = UNSET
    mortgage: Mortgage | UnsetType | None = UNSET
    is_seized: bool | UnsetType | None = UNSET
    effluent_types: Effluents | UnsetType | None = UNSET
    effluent_free_t_d: Decimal | UnsetType | None = UNSET
    condition_grade: Annotated[int, Meta(ge=1, le=5)] | UnsetType | None = UNSET
    works: Annotated[list[Works], Meta(max_length=10)] | UnsetType = UNSET
    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType = UNSET
    source: Text | UnsetType | None = UNSET
    illustrative: Names | UnsetType = UNSET


class NewAsset(AssetFacts, forbid_unknown_fields=True, kw_only=True):
    """Facts of a new unit: where it lies in the register is fixed for good."""

    park_id: UUID
    level: Level
    code: Text
    name: Text
    kind: Kind | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET


FeatureId = Annotated[
    str | int | float, Meta(description=side_by_side("description", "member", "callers_id", between="\n"))
]


class AssetFeature(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new unit as a GeoJSON Feature; a Polygon or MultiPolygon in EPSG:4326, longitude first.

    Coordinates are rounded to 7 decimals (1 cm) before the outline is checked, measured and kept.
    """

    type: Literal["Feature"]
    id: FeatureId | UnsetType = UNSET
    geometry: Any
    properties: NewAsset


class AssetChanges(AssetFacts, forbid_unknown_fields=True, kw_only=True):
    """Changes of the facts of a unit."""

    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType | None = UNSET  # type: ignore[assignment]


OwnId = Annotated[str | int | float, Meta(description=side_by_side("description", "member", "own_id"))]


class AssetPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of a unit: a merge patch on its Feature (RFC 7396)."""

    type: Literal["Feature"] | UnsetType = UNSET
    id: OwnId | UnsetType = UNSET
    geometry: Any | UnsetType = UNSET
    properties: AssetChanges | UnsetType = UNSET


class NewSeparation(Struct, forbid_unknown_fields=True, kw_only=True):
    """Another plot, or building, that overlaps this one on paper, and why the two are separate."""

    other_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class ParkFacts(Struct, forbid_unknown_fields=True, kw_only=True):
    """Facts of a park or a zone; a zone leaves out what is as in its park."""

    code: Text
    name_zh: Text
    name_en: Text | None = None
    leading_industries: Codes | None = None
    negative_list: Codes | None = None
    is_chemical_park: bool | None = None
    policies: Policies | None = None
    illustrative: Names = []


class ParkFeature(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new park or zone as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: FeatureId | UnsetType = UNSET
    geometry: Any
    properties: ParkFacts


class NewFirm(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new firm; `park_id` is the park that registers it, for staff of several."""

    park_id: UUID | None = None
    name: Text
    credit_code: Text | None = None
    parent_credit_code: Text | None = None
    parent_credit_code_source: Text | None = None
    industry_code: Annotated[str, Meta(max_length=16)] | None = None
    is_above_scale: bool | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


class FirmPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of a firm."""

    name: Text | UnsetType = UNSET
    credit_code: Text | UnsetType | None = UNSET
    parent_credit_code: Text | UnsetType | None = UNSET
    parent_credit_code_source: Text | UnsetType | None = UNSET
    industry_code: Annotated[str, Meta(max_length=16)] | UnsetType | None = UNSET
    is_above_scale: bool | UnsetType | None = UNSET
    lon: Longitude | UnsetType | None = UNSET
    lat: Latitude | UnsetType | None = UNSET


class Importances(Struct, forbid_unknown_fields=True, kw_only=True):
    """How much each criterion matters, 0 to 5; left out: as the model has it."""

    size: Importance | UnsetType = UNSET
    industry: Importance | UnsetType = UNSET
    height: Importance | UnsetType = UNSET
    load: Importance | UnsetType = UNSET
    power: Importance | UnsetType = UNSET
    cost: Importance | UnsetType = UNSET
    timing: Importance | UnsetType = UNSET
    location: Importance | UnsetType = UNSET
    equipment: Importance | UnsetType = UNSET
    condition: Importance | UnsetType = UNSET
    expansion: Importance | UnsetType = UNSET
    policy: Importance | UnsetType = UNSET


class ImportancesPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of how much each criterion matters; null: as the model has it."""

    size: Importance | UnsetType | None = UNSET
    industry: Importance | UnsetType | None = UNSET
    height: Importance | UnsetType | None = UNSET
    load: Importance | UnsetType | None = UNSET
    power: Importance | UnsetType | None = UNSET
    cost: Importance | UnsetType | None = UNSET
    timing: Importance | UnsetType | None = UNSET
    location: Importance | UnsetType | None = UNSET
    equipment: Importance | UnsetType | None = UNSET
    condition: Importance | UnsetType | None = UNSET
    expansion: Importance | UnsetType | None = UNSET
    policy: Importance | UnsetType | None = UNSET


class Place(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place to be near; with a radius the space has to lie inside it, or inside that of another place."""

    lon: Longitude
    lat: Latitude
    weight: Weight = 1.0
    radius_m: Annotated[float, Meta(ge=1, le=5_000_000)] | None = None
    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class EquipmentWish(Struct, forbid_unknown_fields=True, kw_only=True):
    """Equipment wished: a capacity of at least so much, or that it is there at all."""

    item: Equipment
    at_least: Annotated[float, Meta(ge=0.01, le=1_000_000_000)] | None = None
    weight: Weight = 1.0


class DemandFacts(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a firm needs; a bound that is left out is not mentioned."""

    title: Text | UnsetType = UNSET
    kinds: Annotated[list[Kind], Meta(min_length=1, max_length=2)] | UnsetType = UNSET
    land_area_m2_min: Decimal | UnsetType | None = UNSET
    land_area_m2_pref: Decimal | UnsetType | None = UNSET
    land_area_m2_max: Decimal | UnsetType | None = UNSET
    floor_area_m2_min: Decimal | UnsetType | None = UNSET
    floor_area_m2_pref: Decimal | UnsetType | None = UNSET
    floor_area_m2_max: Decimal | UnsetType | None = UNSET
    clear_height_m_min: Decimal | UnsetType | None = UNSET
    clear_height_at: HeightPoint | UnsetType | None = UNSET
    floor_load_kn_m2_min: Decimal | UnsetType | None = UNSET
    power_kva_min: Decimal | UnsetType | None = UNSET
    power_kva_pref: Decimal | UnsetType | None = UNSET
    fire_hazard_class: HazardClass | UnsetType | None = UNSET
    product_codes: Codes | UnsetType = UNSET
    needs_chemical_park: bool | UnsetType = UNSET
    accepted_paths: Annotated[list[Path], Meta(min_length=1, max_length=len(Path))] | UnsetType = UNSET
    rent_yuan_m2_month_max: Decimal | UnsetType | None = UNSET
    price_yuan_m2_max: Decimal | UnsetType | None = UNSET
    yearly_cost_yuan_max: Decimal | UnsetType | None = UNSET
    need_on: date | UnsetType | None = UNSET
    timing_tolerance_days: Annotated[int, Meta(ge=0, le=3650)] | UnsetType = UNSET
    importances: Importances | UnsetType = UNSET
    template: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType | None = UNSET
    effluent_types: Effluents | UnsetType = UNSET
    effluent_t_d_min: Decimal | UnsetType | None = UNSET
    within: Any | UnsetType = UNSET
    places: Annotated[list[Place], Meta(max_length=10)] | UnsetType = UNSET
    equipment: Annotated[list[EquipmentWish], Meta(max_length=20)] | UnsetType = UNSET
    expansion_m2: Decimal | UnsetType | None = UNSET
    policies: Policies | UnsetType = UNSET
    output_yuan_year: Decimal | UnsetType | None = UNSET
    tax_yuan_year: Decimal | UnsetType | None = UNSET
    jobs: Annotated[int, Meta(ge=0, le=1000000)] | UnsetType | None = UNSET
    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET


class DemandPatch(DemandFacts, forbid_unknown_fields=True, kw_only=True):
    """A new version of a need: a merge patch (RFC 7396)."""

    importances: ImportancesPatch | UnsetType | None = UNSET  # type: ignore[assignment]  # a patch may take out
    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType | None = UNSET  # type: ignore[assignment]


class NewDemand(DemandFacts, forbid_unknown_fields=True, kw_only=True):
    """A new need; staff name the firm they post it for."""

    title: Text
    kinds: Annotated[list[Kind], Meta(min_length=1, max_length=2)]
    accepted_paths: Annotated[list[Path], Meta(min_length=1, max_length=len(Path))]
    firm_id: UUID | UnsetType = UNSET
    listing: Literal["draft", "published"] | UnsetType = UNSET


class AnonymousNeed(DemandFacts, forbid_unknown_fields=True, kw_only=True):
    """A need to rank for at once; nothing of it is kept."""

    kinds: Annotated[list[Kind], Meta(min_length=1, max_length=2)]


class NewPin(Struct, forbid_unknown_fields=True, kw_only=True):
    """A unit to pin for a need, or to set aside: the firm reads `reason`, the park alone `note`."""

    asset_id: UUID
    placement: Literal["pinned", "set_aside"]
    reason: Text
    note: Text | None = None


class NewInterest(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the firm did with a unit of a ranking; a refusal says for which rule or criterion, or `other` and a note."""

    ranking_id: UUID
    asset_id: UUID
    act: InterestAct
    happened_on: date | None = None
    refused_for: Annotated[str, Meta(max_length=32)] | None = None
    note: Text | None = None


class Login(Struct, forbid_unknown_fields=True, kw_only=True):
    """Login and password."""

    login: Annotated[str, Meta(max_length=64)]
    password: Annotated[str, Meta(max_length=128)]


class Refresh(Struct, forbid_unknown_fields=True, kw_only=True):
    """A refresh token."""

    refresh_token: Annotated[str, Meta(max_length=200)]


class NewKey(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new API key: what it is for, and the last day it works."""

    label: Text
    expires_on: date | None = None


class NewWebhook(Struct, forbid_unknown_fields=True, kw_only=True):
    """An address to tell of the events of a park; a firm leaves `park_id` out and is told of its own."""

    url: Annotated[str, Meta(max_length=2000)]
    park_id: UUID | None = None
    label: Text | None = None


def sent_fields(body: Struct) -> dict[str, Any]:
    """What a body says, left-out fields left out, nested records as mappings."""
    return {name: _plain(value) for name, value in structs.asdict(body).items() if value is not UNSET}


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return sent_fields(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
