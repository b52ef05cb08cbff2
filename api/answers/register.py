"""What is answered about units, parks, firms, needs, and what belongs to them, one record each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answers.documents import members_of
from api.answers.geometry import MultiPolygon, UnitGeometry
from api.answers.outcome import RecordedAct
from api.record import Described, answering
from domain.words import (
    Availability,
    DatePrecision,
    IdleBasis,
    InterestAct,
    Kind,
    Listing,
    Path,
    Purpose,
)
from outcomes.idle_clock import Cause, ClockGround, ClockStatus
from outcomes.stages import Stage


@answering(members_of("asset", "public", without=("id",)))
class AssetProperties(Described):
    """Facts of a unit."""


@answering(members_of("asset", "staff"))
class AssetStaff(Described):
    """What staff of its park read of a unit."""


class Asset(Described, kw_only=True):
    """A unit as a GeoJSON Feature; `staff` is for the staff of its park."""

    type: Literal["Feature"]
    id: UUID
    geometry: UnitGeometry
    properties: AssetProperties
    staff: AssetStaff | UnsetType = UNSET


class UnitCompleteness(Described):
    """Which important facts of a unit are known and which are missing."""

    percent: int
    known: list[str]
    missing: list[str]


class PublishedAsset(Asset, kw_only=True):
    """A unit that was just published, and how complete it is."""

    completeness: UnitCompleteness


class AssetCompleteness(UnitCompleteness, kw_only=True):
    """How complete a unit is."""

    asset_id: UUID


class Link(Described):
    """The address of the following page."""

    rel: Literal["next"]
    type: Literal["application/geo+json"]
    href: str


class Assets(Described, kw_only=True):
    """A page of units as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    numberReturned: int
    numberMatched: int | UnsetType = UNSET
    links: list[Link]
    features: list[Asset]


class FlatFeature(Described):
    """A row of a table as a GeoJSON Feature; its properties are called by the parameters `fields` and `titles`."""

    type: Literal["Feature"]
    id: str
    geometry: UnitGeometry
    properties: dict[str, str | float | bool | None]


class FlatFeatures(Described):
    """A whole table as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    features: list[FlatFeature]


class UnitState(Described):
    """Where a unit stands after a change."""

    listing: Listing
    availability: Availability
    revision: int


class RowFault(Described):
    """What is wrong with a unit of a change."""

    field: str
    code: str
    message: str


class ChangedUnit(Described):
    """A unit of a change, as it was; what becomes of it, or what is wrong."""

    row: int
    asset_id: UUID | None
    code: str | None
    listing: Listing | None
    availability: Availability | None
    revision: int | None
    becomes: UnitState | None
    faults: list[RowFault]


class ChangedUnits(Described):
    """What became of many units, or would become."""

    act: Literal["published", "withdrawn", "amended", "checked"]
    batch_id: UUID | None
    units: int
    units_at_fault: int
    token: str
    rows: list[ChangedUnit]


class RearrangedUnit(Described):
    """A part that a split made, or a unit that a merge retired."""

    asset_id: UUID
    code: str
    listing: Listing
    availability: Availability
    revision: int


class RearrangedUnits(Described):
    """The unit that was split with its parts, or the one that others became with those."""

    batch_id: UUID
    asset_id: UUID
    units: list[RearrangedUnit]


class UnitBatch(Described):
    """An act on many units at once."""

    id: UUID
    park_id: UUID
    kind: Literal["import", "change", "undo", "split", "merge"]
    account_id: UUID
    file_name: str | None
    file_sha256: str | None
    registered: int
    amended: int
    published: int
    withdrawn: int
    voided: int
    checked: int
    undoes: UUID | None
    undone_by: UUID | None
    recorded_at: datetime


@answering(members_of("park", without=("id", "recorded_at")))
class ParkProperties(Described):
    """Facts of a park, or of a zone in it."""

    zone_of: UUID | None


class Park(Described):
    """A park or a zone as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: UUID
    geometry: MultiPolygon
    properties: ParkProperties


class Parks(Described, kw_only=True):
    """A page of parks and zones as a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    numberReturned: int
    numberMatched: int | UnsetType = UNSET
    links: list[Link]
    features: list[Park]


@answering(members_of("firm"))
class Firm(Described):
    """A firm."""


@answering(members_of("demand"))
class Demand(Described):
    """A need of a firm."""


#: What no version keeps, as it follows from other records or does not change.
NOT_KEPT = (
    *("id", "park_id", "root_id", "idle_since", "idle_since_precision", "area_m2", "area_mu", "usable_area_m2"),
    *("inherited", "availability", "revision", "recorded_at", "issues", "lapsed_on", "is_lapsed"),
)


@answering(members_of("asset", "public", "staff", without=NOT_KEPT))
class AssetVersion(Described):
    """The facts of a unit as they stood for a time."""

    recorded_at: datetime
    superseded_at: datetime | None


class AssetHistory(Described):
    """How a unit came to stand as it does."""

    asset_id: UUID
    versions: list[AssetVersion]
    events: list[RecordedAct]


@answering(members_of("park", without=("id", "recorded_at")))
class ParkVersion(Described):
    """The facts of a park as they were known for a time."""

    known_from: datetime
    known_until: datetime | None
    geometry: MultiPolygon


class ParkHistory(Described):
    """How a park came to stand as it does."""

    park_id: UUID
    versions: list[ParkVersion]
    events: list[RecordedAct]


class Voided(Described):
    """A draft that is voided."""

    id: UUID
    code: str
    voided: Literal[True]


class Separation(Described):
    """Two units that overlap on paper and are separate."""

    asset_id: UUID
    other_id: UUID
    reason: str


class RightHolder(Described):
    """Who holds how much of the title of a unit."""

    firm_id: UUID | None
    name: str | None
    share: float


class LedgerTransaction(Described):
    """A movement of title in the ledger: its lines add up to nothing."""

    id: UUID
    outcome_id: UUID | None
    effective_on: date
    effective_on_precision: DatePrecision
    reverses: UUID | None
    recorded_at: datetime
    lines: list[RightHolder]


class Rights(Described):
    """Who holds the title of a unit on a day, and by which movements."""

    asset_id: UUID
    on: date
    as_of: datetime | None
    holders: list[RightHolder]
    transactions: list[LedgerTransaction]


class Development(Described):
    """What was agreed for a plot and what came of it."""

    source: str
    agreed_start_on: date | None
    delivered_on: date | None
    land_permit_on: date | None
    has_started: bool | None
    started_on: date | None
    stopped_on: date | None
    due_area_m2: str | None
    developed_area_m2: str | None
    planned_investment_yuan: str | None
    invested_yuan: str | None
    land_price_yuan: str | None
    determination_no: str | None
    determined_on: date | None
    cause: Cause | None


class KnownDevelopment(Development):
    """What is known of it, and since when."""

    recorded_at: datetime


class ClockFinding(Described):
    """What follows for a plot, by its article."""

    code: str
    article: str
    text: str


class ClockState(Described):
    """Where a plot stands under Order 53."""

    status: ClockStatus
    ground: ClockGround | None
    start_due_on: date | None
    since: date | None
    runs_out_on: date | None
    fee_from: date | None
    fee_yuan: str | None
    repurchase_from: date | None
    law: str
    findings: list[ClockFinding]


class ClockLabels(Described):
    """Local labels, which have no force under the order."""

    idle_basis: IdleBasis | None
    stuck_type: str | None
    note: str


class IdleClock(Described):
    """The clock of idle land on a day."""

    asset_id: UUID
    on: date
    as_of: datetime | None
    facts: KnownDevelopment | None
    clock: ClockState
    labels: ClockLabels


class NamedPerson(Described):
    """A person who agreed to be named to the public."""

    name: str
    phone: str | None


class PersonAgreement(Described):
    """How a person agreed to be named; for the staff of the park."""

    contact_id: UUID
    agreed_on: date
    agreement: str


class PublicContact(Described):
    """Whom the public calls about a park or a unit."""

    park_id: UUID
    asset_id: UUID | None
    office: str
    phone: str | None
    mail: str | None
    hours: str | None
    person: NamedPerson | None
    agreement: PersonAgreement | None
    illustrative: list[str]
    revision: int
    recorded_at: datetime


class StatedContact(Described):
    """Where it was said whom the public calls; a person by the id of their record."""

    park_id: UUID
    asset_id: UUID | None
    contact_id: UUID | None


class RemovedContact(Described):
    """Where nobody is named to the public any more."""

    park_id: UUID
    asset_id: UUID | None
    removed: Literal[True]


class ParkTotalArea(Described):
    """The whole area of a park, as it is stated."""

    park_id: UUID
    kind: Kind
    area_m2: str
    source: str


class ClosedReportingYear(Described):
    """A year whose figures are closed."""

    year: int
    closed_at: datetime
    note: str | None


class ClosedYearOfPark(ClosedReportingYear):
    """A year that a park closed."""

    park_id: UUID


class Industry(Described):
    """An industry of GB/T 4754-2017."""

    code: str
    level: int
    parent: str | None
    name_zh: str


class Scheme(Described):
    """A version of rules or parameters; its body is data of its kind."""

    kind: str
    version: str
    recorded_at: datetime
    body: dict[str, Any]


class Mandate(Described):
    """By which staff of a park write for a firm."""

    id: UUID
    firm_id: UUID
    park_id: UUID
    purposes: list[Purpose]
    ends_on: date | None
    source: str | None
    is_in_force: bool
    withdrawn_at: datetime | None
    recorded_at: datetime


class PinnedUnit(Described):
    """A unit that was just pinned or set aside."""

    asset_id: UUID
    park_id: UUID
    demand_id: UUID
    placement: Literal["pinned", "set_aside"]
    reason: str
    note: str | None


class ListedPin(Described, kw_only=True):
    """A unit pinned for a need, or set aside; taken away ones where they are asked for."""

    asset_id: UUID
    park_id: UUID
    placement: Literal["pinned", "set_aside"]
    reason: str
    note: str | UnsetType | None = UNSET
    recorded_at: datetime
    removed_at: datetime | UnsetType | None = UNSET


class Pins(Described):
    """The pins of a need."""

    items: list[ListedPin]


class Unpinned(Described):
    """A pin that was taken away."""

    demand_id: UUID
    asset_id: UUID
    removed: Literal[True]


class Interest(Described):
    """What a firm did with a unit."""

    id: UUID
    park_id: UUID
    asset_id: UUID
    demand_id: UUID
    ranking_id: UUID
    was_shown: bool
    act: InterestAct
    happened_on: date
    refused_for: str | None
    note: str | None
    recorded_at: datetime


class FollowingOutcome(Described):
    """A deal of the same need on the same unit."""

    id: UUID
    ranking_id: UUID | None
    path: Path
    stage: Stage
    signed_on: date | None
    revived_on: date | None
    ended_on: date | None


class FollowedInterest(Interest):
    """What a firm did with a unit, and the deals that followed."""

    outcomes: list[FollowingOutcome]
