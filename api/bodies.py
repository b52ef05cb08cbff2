"""The bodies the service reads, one record each. Ranges and codes are checked by the acts, all faults at once.

A changing body leaves out what stays; null clears. Names are those of the columns, units at their end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from api.queries import AssetFilter
from api.record import with_members
from domain.field import Field, Fields
from domain.fields import ASSET, CHECK_METHODS, DEMAND, IMPORTANCE, PARK, TABLES
from domain.words import Effluent, Equipment, InterestAct, Kind, Level, Path, Policy
from matching.rules import CRITERIA
from texts.lookup import side_by_side

Text = Annotated[str, Meta(max_length=2000)]
Codes = Annotated[list[Annotated[str, Meta(max_length=16)]], Meta(max_length=200)]
Names = Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=100)]
Effluents = Annotated[list[Effluent], Meta(max_length=7)]
Policies = Annotated[list[Policy], Meta(max_length=8)]
Password = Annotated[str, Meta(max_length=128)]
ParkIds = Annotated[list[UUID], Meta(max_length=100)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
#: How much one wish counts beside its like.
Weight = Annotated[float, Meta(ge=0.01, le=100)]
Importance = Annotated[float, Meta(ge=float(IMPORTANCE.least), le=float(IMPORTANCE.most))]

#: Fields of an answer that no body may carry, so that the refusal can say so.
_FIELDS = [field for table in TABLES.values() for field in table.values()]
READ_ONLY = {field.name for field in _FIELDS if field.entry == "derived"} - {
    field.name for field in _FIELDS if field.entry != "derived"
} | {"staff", "stage"}
#: How a value comes, by the type of its field.
PLAIN: Mapping[str, Any] = {
    "number": Decimal, "flag": bool, "day": date, "id": UUID, "text": Text, "names": Names
}  # fmt: skip


class Works(Struct, forbid_unknown_fields=True):
    """A known cure: what it brings the unit to, for what cost, in how many days, by whose word and at whose charge."""

    rule: Literal["H4", "H5", "H8"]
    up_to: Decimal
    cost_yuan: Decimal
    days: Annotated[int, Meta(ge=0, le=3650)]
    source: Text
    payer: Text
    effluent_types: Effluents | UnsetType = UNSET


class Place(Struct, forbid_unknown_fields=True, kw_only=True):
    """A place to be near; with a radius the space has to lie inside it, or inside that of another place, unless
    `is_required` is false: then the radius only says how far is near.
    """

    lon: Longitude
    lat: Latitude
    weight: Weight = 1.0
    radius_m: Annotated[float, Meta(ge=1, le=5_000_000)] | None = None
    is_required: bool = True
    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class EquipmentWish(Struct, forbid_unknown_fields=True, kw_only=True):
    """Equipment wished: a capacity of at least so much, or that it is there at all."""

    item: Equipment
    at_least: Annotated[float, Meta(ge=0.01, le=1_000_000_000)] | None = None
    weight: Weight = 1.0


@with_members((criterion, Importance) for criterion in CRITERIA)
class Importances(Struct):
    """How much each criterion matters, 0 to 5; left out: as the model has it."""


@with_members((criterion, Importance | None) for criterion in CRITERIA)
class ImportancesPatch(Struct):
    """A change of how much each criterion matters; null: as the model has it."""


#: Fields that have a record of their own.
RECORDS: Mapping[str, Any] = {
    "works": list[Works],
    "attributes": dict[Annotated[str, Meta(max_length=64)], Any],
    "importances": Importances,
    "within": Any,
    "places": list[Place],
    "equipment": list[EquipmentWish],
}


def _facts(fields: Fields) -> Iterator[tuple[str, Any]]:
    """The facts that can change; null clears what may be unknown."""
    for field in fields.values():
        if field.entry == "any" and field.store == "column":
            yield field.name, _type(field) if field.is_never_null else _type(field) | None


def _type(field: Field) -> Any:
    """How a value of a field comes; acts hold figures and texts to their bounds, with the field's own fault."""
    if field.name in RECORDS:
        known = RECORDS[field.name]
        return known if field.most is None else Annotated[known, Meta(max_length=field.most)]
    if field.type == "integer" and field.bound is not None:
        return Annotated[int, Meta(ge=int(field.bound.least), le=int(field.bound.most))]
    if field.type == "word":
        return _words(field)
    if field.type == "words":
        return Annotated[list[_words(field)], Meta(min_length=field.least or None, max_length=len(field.words))]  # type: ignore[misc]
    if field.type == "codes":
        return Annotated[list[Annotated[str, Meta(max_length=16)]], Meta(max_length=field.most)]
    return PLAIN[field.type]


def _words(field: Field) -> Any:
    return Literal[field.words] if isinstance(field.words, tuple) else field.words


@with_members(_facts(ASSET))
class AssetFacts(Struct):
    """Facts of a unit that can change."""


class NewUnitFacts(AssetFacts, forbid_unknown_fields=True, kw_only=True):
    """Facts of a new unit of a park: where it lies in the register is fixed for good."""

    level: Level
    code: Text
    name: Text
    kind: Kind | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET


class NewAsset(NewUnitFacts, forbid_unknown_fields=True, kw_only=True):
    """Facts of a new unit, its park among them."""

    park_id: UUID


FeatureId = Annotated[
    str | int | float, Meta(description=side_by_side("description", "member", "callers_id", between="\n"))
]


class AssetFeature(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new unit as a GeoJSON Feature; a Polygon or MultiPolygon in EPSG:4326, longitude first.

    Without an outline the geometry is a Point or null, and the area has to be stated.
    Coordinates are rounded to 7 decimals (1 cm) before the outline is checked, measured and kept.
    """

    type: Literal["Feature"]
    id: FeatureId | UnsetType = UNSET
    geometry: Any
    properties: NewAsset


class AssetChanges(AssetFacts, forbid_unknown_fields=True, kw_only=True):
    """Changes of the facts of a unit."""

    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType | None = UNSET


OwnId = Annotated[str | int | float, Meta(description=side_by_side("description", "member", "own_id"))]


class AssetPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of a unit: a merge patch on its Feature (RFC 7396)."""

    type: Literal["Feature"] | UnsetType = UNSET
    id: OwnId | UnsetType = UNSET
    geometry: Any | UnsetType = UNSET
    properties: AssetChanges | UnsetType = UNSET


class OgcPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of a feature of /ogc (RFC 7396), its properties flat, in the system that Content-Crs names.

    `links` and `bbox` are what the service itself answered; they are not looked at.
    """

    type: Literal["Feature"] | UnsetType = UNSET
    id: FeatureId | UnsetType | None = UNSET
    geometry: Any | UnsetType = UNSET
    properties: dict[str, Any] | UnsetType = UNSET
    links: Any | UnsetType = UNSET
    bbox: Any | UnsetType = UNSET


class OgcFeature(Struct, forbid_unknown_fields=True, kw_only=True):
    """A whole feature of /ogc, as `OgcPatch`."""

    type: Literal["Feature"]
    id: FeatureId | UnsetType | None = UNSET
    geometry: Any | UnsetType = UNSET
    properties: dict[str, Any]
    links: Any | UnsetType = UNSET
    bbox: Any | UnsetType = UNSET


class UnitPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A unit by its id or its code, the revision it was read at, a merge patch of its facts and a new geometry."""

    asset_id: UUID | UnsetType = UNSET
    code: Text | UnsetType = UNSET
    revision: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    geometry: Any | UnsetType = UNSET
    properties: AssetChanges | UnsetType = UNSET


class NewUnit(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new unit among many; its whole and its plot may be named by their codes, new ones of the same request too."""

    geometry: Any = None
    properties: NewUnitFacts
    parent_code: Text | UnsetType = UNSET
    plot_code: Text | UnsetType = UNSET


@with_members((name, kind) for name, kind in _facts(ASSET) if name not in ("code", "name", "plot_id"))
class FactsOfPart(Struct):
    """Facts of a part, which stands on no plot of its own."""


class PartFacts(FactsOfPart, forbid_unknown_fields=True, kw_only=True):
    """Facts of a unit that a split or a merge makes: its level and its whole follow."""

    code: Text
    name: Text


class SplitPart(Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of a unit that is split: drawn, or with a stated area."""

    geometry: Any = None
    properties: PartFacts


class Remainder(Struct, forbid_unknown_fields=True, kw_only=True):
    """The part that the others leave of a unit that is split; its outline and its area follow."""

    properties: PartFacts


class Split(Struct, forbid_unknown_fields=True, kw_only=True):
    """The parts into which a unit is split, and what is left where they do not tile it."""

    parts: Annotated[list[SplitPart], Meta(min_length=1, max_length=100)]
    remainder: Remainder | UnsetType = UNSET


class MergedSister(Struct, forbid_unknown_fields=True, kw_only=True):
    """Another part of the same whole, at the revision at which it was read."""

    asset_id: UUID
    revision: Annotated[int, Meta(ge=1)]


class Merge(Struct, forbid_unknown_fields=True, kw_only=True):
    """The units that become one with the unit named in the address, and facts of the one they become."""

    sisters: Annotated[list[MergedSister], Meta(min_length=1, max_length=99)]
    properties: PartFacts


class NewCheck(Struct, forbid_unknown_fields=True, kw_only=True):
    """How a listing was found true, on which day, and what was noted."""

    how: Literal[CHECK_METHODS]  # type: ignore[valid-type]
    checked_on: date | UnsetType = UNSET
    note: Text | UnsetType = UNSET


class BulkChange(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to become of many units of a park, by their ids, under the filters of the list, or row by row.

    `properties` is a merge patch of each, with `act` amend alone; rows have their own, and new units may come beside
    them. `check` says how each was checked, with `act` check alone. `dry_run` says what would happen, and keeps
    nothing.
    """

    park_id: UUID
    act: Literal["publish", "withdraw", "amend", "check"]
    asset_ids: Annotated[list[UUID], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    filter: AssetFilter | UnsetType = UNSET
    rows: Annotated[list[UnitPatch], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    new_units: Annotated[list[NewUnit], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    properties: AssetChanges | UnsetType = UNSET
    check: NewCheck | UnsetType = UNSET
    dry_run: bool = False


class ColumnReading(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a column of a file is, by its heading; with `field` null it is left out."""

    heading: Annotated[str, Meta(min_length=1, max_length=200)]
    field: Annotated[str, Meta(max_length=64)] | None
    unit: Annotated[str, Meta(max_length=20)] | None = None
    date_order: Literal["ymd", "mdy", "dmy"] | None = None


class FieldReading(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a field is in every row that says nothing of it."""

    field: Annotated[str, Meta(max_length=64)]
    value: Text


class FileReading(Struct, forbid_unknown_fields=True, kw_only=True):
    """How a file is read, where it does not say so itself; other columns are what their headings say."""

    columns: Annotated[list[ColumnReading], Meta(max_length=702)] = []
    constants: Annotated[list[FieldReading], Meta(max_length=100)] = []
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    crs: Annotated[str, Meta(max_length=200)] | None = None
    sheets: Annotated[list[Text], Meta(min_length=1, max_length=100)] | None = None
    encoding: Annotated[str, Meta(max_length=40)] | None = None
    layer: Text | None = None


class NewImport(Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of units for a park, and how it is read."""

    park_id: UUID
    file: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    reading: FileReading | UnsetType = UNSET


class ImportDecision(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is saved of a file that was tried; without decisions all of it or nothing."""

    only_sound: bool = False
    conflicts: Literal["file", "register"] | None = None
    left_out: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(max_length=100_000)] = []
    withdrawn: Annotated[list[UUID], Meta(max_length=1000)] = []


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
    lapse_after_days: Annotated[int, Meta(ge=0, le=3650)] | None = None
    illustrative: Names = []


class ParkFeature(Struct, forbid_unknown_fields=True, kw_only=True):
    """A new park or zone as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: FeatureId | UnsetType = UNSET
    geometry: Any
    properties: ParkFacts


@with_members(_facts(PARK))
class ParkChanges(Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes of the facts of a park or zone."""


class ParkPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of a park or zone: a merge patch on its Feature (RFC 7396)."""

    type: Literal["Feature"] | UnsetType = UNSET
    id: OwnId | UnsetType = UNSET
    geometry: Any | UnsetType = UNSET
    properties: ParkChanges | UnsetType = UNSET


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


@with_members(_facts(DEMAND))
class DemandFacts(Struct):
    """What a firm needs; a bound that is left out is not mentioned."""


class DemandPatch(DemandFacts, forbid_unknown_fields=True, kw_only=True):
    """A new version of a need: a merge patch (RFC 7396)."""

    importances: ImportancesPatch | UnsetType | None = UNSET  # a patch may take out
    attributes: dict[Annotated[str, Meta(max_length=64)], Any] | UnsetType | None = UNSET


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
    password: Password


class Refresh(Struct, forbid_unknown_fields=True, kw_only=True):
    """A refresh token."""

    refresh_token: Annotated[str, Meta(max_length=200)]


class NewAccount(Struct, forbid_unknown_fields=True, kw_only=True):
    """A login with its first password: of staff, a leader or an auditor of parks, of a firm, or an admin."""

    login: Annotated[str, Meta(max_length=64)]
    password: Password
    role: Literal["firm", "staff", "leader", "auditor", "admin"]
    park_ids: ParkIds = []
    firm_id: UUID | None = None


class NewPassword(Struct, forbid_unknown_fields=True, kw_only=True):
    """The new password of an account."""

    password: Password


class OwnPassword(Struct, forbid_unknown_fields=True, kw_only=True):
    """The password so far, and the new one."""

    old_password: Password
    password: Password


class AccountParks(Struct, forbid_unknown_fields=True, kw_only=True):
    """The parks an account works for."""

    park_ids: ParkIds


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
