"""What is answered about figures, one record each; a sum is text with its two decimals, a share text with four."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from api.answers.ranking import OutBy, Relaxation
from api.record import Described
from domain.words import AreaUnit, DatePrecision, HazardClass, IdleBasis, Kind, Level, Path
from matching.rules import RULES
from outcomes.revival import RevivalVerdict
from outcomes.service_request import RequestStage, Topic

#: A sum or a share: exact where a number of JSON is not.
FigureName = Literal["output", "revenue", "tax", "added_value", "investment", "jobs", "energy", "research"]
FigureUnit = Literal["yuan", "person", "tce", "kwh"]
DecimalText = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", extra_json_schema={"format": "decimal"})]


class CountedLeaf(Described):
    """A leaf of a unit that was revived."""

    leaf_id: UUID
    clause: str
    version: str
    idle_since: date | None
    idle_ground: str | None
    firm_before_id: UUID | None


class _StatedArea(Described):
    park_id: UUID
    asset_id: UUID
    kind: Kind
    stated_area: float | None
    stated_area_unit: AreaUnit | None
    is_illustrative: bool
    area_mu: float | None
    area_m2: float | None
    recorded_at: datetime


class RevivedRecord(_StatedArea):
    """A unit that was revived, with its verdict: a record behind a figure."""

    outcome_id: UUID
    leaf_id: UUID
    path: Path
    verdict: RevivalVerdict
    clause: str
    version: str
    firm_before_id: UUID | None
    firm_id: UUID | None
    revived_on: date
    revived_on_precision: DatePrecision
    idle_since: date | None
    idle_ground: str | None
    idle_source: str | None
    is_idle_told_afterwards: bool | None
    leaves: list[CountedLeaf] | None


class StockRecord(_StatedArea):
    """A registered leaf and whether it stood idle: a record behind a figure."""

    level: Level
    idle_basis: IdleBasis | None
    is_to_verify: bool
    is_idle: bool
    idle_since: date | None


class WaitedRecord(Described):
    """A unit that was revived and since when it had stood idle: a record behind a figure."""

    park_id: UUID
    outcome_id: UUID
    asset_id: UUID
    kind: Kind
    path: Path
    revived_on: date
    recorded_at: datetime
    idle_since: date | None


class ShownRecord(Described):
    """A need that was shown space, or a deal without a ranking: a record behind a figure."""

    is_shown: bool
    firm_id: UUID | None
    demand_id: UUID | None
    outcome_id: UUID | None
    is_signed: bool
    is_producing: bool
    recorded_at: datetime
    is_viewed: bool | None
    is_visited: bool | None


class PromisedRecord(Described):
    """A promised figure and what was reported of it: a record behind a figure."""

    park_id: UUID
    outcome_id: UUID
    indicator_id: UUID
    path: Path
    firm_id: UUID | None
    name: FigureName
    unit: FigureUnit
    per: Literal["year", "total"]
    recorded_at: datetime
    promised: float | None
    promised_of_reported: float | None
    delivered: float | None


class RequestRecord(Described):
    """A request of a firm: a record behind a figure."""

    park_id: UUID
    request_id: UUID
    firm_id: UUID
    topic: Topic
    stage: RequestStage
    raised_on: date
    dispatched_on: date | None
    due_on: date | None
    answered_on: date | None
    closed_on: date | None
    is_satisfied: bool | None
    recorded_at: datetime


class Explained(Described, kw_only=True):
    """A figure; where its records were asked for, whether all of them are there."""

    as_of: datetime | None
    records_are_cut: bool | UnsetType = UNSET


class OfPeriod(Explained, rename={"starts_on": "from", "ends_on": "to"}):
    """A figure of a period."""

    starts_on: date
    ends_on: date


class Period(Described, rename={"starts_on": "from", "ends_on": "to"}):
    """Two days, both included."""

    starts_on: date
    ends_on: date


class RevivedLand(Described):
    """Land put back to use."""

    area_mu: DecimalText
    area_m2: DecimalText
    cases: int
    illustrative_area_mu: DecimalText
    cases_without_area: int


class RevivedFactory(Described):
    """Factory space put back to use."""

    area_m2: DecimalText
    cases: int
    illustrative_area_m2: DecimalText
    cases_without_area: int


class Revived(Described):
    """What was put back to use, land and factory space apart."""

    land: RevivedLand
    factory: RevivedFactory


class RevivedGroup(Revived, kw_only=True):
    """What was put back to use, of one group."""

    key: str | None
    name_zh: str | UnsetType = UNSET
    name_en: str | UnsetType | None = UNSET


class RevivedBeside(Described):
    """What the rule of counting leaves out of the figure, by its verdict."""

    temporary_use: Revived
    first_letting: Revived
    renewal: Revived
    no_idle_period: Revived
    not_started: Revived
    repeated: Revived


class LandArea(Described):
    """An area of land."""

    area_mu: DecimalText


class FactoryArea(Described):
    """An area of factory space."""

    area_m2: DecimalText


class Areas(Described):
    """Areas of land and of factory space."""

    land: LandArea
    factory: FactoryArea


class ClosedYearFigure(Period):
    """The figure of a closed year: as it was when it was closed, as it is known now, and the difference."""

    year: int
    closed: bool
    closed_at: datetime
    as_closed: Areas
    as_known_now: Areas
    difference: Areas


class StatedTotal(Described, kw_only=True):
    """A total that a source states by itself, to hold beside the figure."""

    area_mu: DecimalText | UnsetType = UNSET
    area_m2: DecimalText | UnsetType = UNSET
    source: str


class RevitalizedFigure(OfPeriod, kw_only=True):
    """What was put back to use in a period."""

    land: RevivedLand
    factory: RevivedFactory
    beside: RevivedBeside
    closed_years: list[ClosedYearFigure]
    stated_by_source: list[StatedTotal]
    group_by: Literal["park", "path", "kind", "industry"] | UnsetType = UNSET
    groups: list[RevivedGroup] | UnsetType = UNSET
    records: list[RevivedRecord] | UnsetType = UNSET


class _Growth(Described):
    cases: int
    cases_before: int
    area_growth: DecimalText | None
    cases_growth: DecimalText | None


class LandGrowth(_Growth):
    """Land put back to use in both periods."""

    area_mu: DecimalText
    area_mu_before: DecimalText


class FactoryGrowth(_Growth):
    """Factory space put back to use in both periods."""

    area_m2: DecimalText
    area_m2_before: DecimalText


class GrowthFigure(OfPeriod, kw_only=True):
    """What was put back to use in a period and a year before."""

    before: Period
    land: LandGrowth
    factory: FactoryGrowth
    records: list[RevivedRecord] | UnsetType = UNSET


class FactoryToVerify(Described):
    """Factory space whose term is over and of which nobody said whether the tenant left."""

    area_m2: DecimalText
    units: int
    units_without_area: int


class LandToVerify(FactoryToVerify):
    """Land whose term is over and of which nobody said whether the tenant left."""

    area_mu: DecimalText


class _Waiting(Described):
    units: int
    median_idle_days: float | None
    units_without_day: int


class IdleLand(_Waiting):
    """Land that stands idle."""

    area_mu: DecimalText
    area_m2: DecimalText
    illustrative_area_mu: DecimalText
    units_without_area: int
    to_verify: LandToVerify


class IdleFactory(_Waiting):
    """Factory space that stands idle."""

    area_m2: DecimalText
    illustrative_area_m2: DecimalText
    units_without_area: int
    to_verify: FactoryToVerify


class IdleGroup(Described, kw_only=True):
    """The idle stock of one group."""

    key: str | None
    name_zh: str | UnsetType = UNSET
    name_en: str | UnsetType | None = UNSET
    land: IdleLand
    factory: IdleFactory


class IdleFigure(Explained, kw_only=True):
    """The idle stock on a day."""

    on: date
    land: IdleLand
    factory: IdleFactory
    group_by: Literal["park", "kind", "basis"] | UnsetType = UNSET
    groups: list[IdleGroup] | UnsetType = UNSET
    records: list[StockRecord] | UnsetType = UNSET


class Waiting(_Waiting):
    """How long units have waited, or had."""


class WaitingStock(Described):
    """How long the stock has waited on a day."""

    on: date
    land: Waiting
    factory: Waiting


class WaitingRevived(Described):
    """How long what was put back to use had waited."""

    land: Waiting
    factory: Waiting


class IdleDaysFigure(OfPeriod, kw_only=True):
    """Median days idle."""

    stock: WaitingStock
    revived: WaitingRevived
    records: list[WaitedRecord] | UnsetType = UNSET


class Vacancy(Described):
    """How much of what is registered stands idle, and how much is registered."""

    vacancy: DecimalText | None
    coverage: DecimalText | None
    idle_area_m2: DecimalText
    registered_area_m2: DecimalText
    whole_area_m2: DecimalText | None
    units_without_area: int


class VacancyFigure(Explained, kw_only=True):
    """Idle area over registered area on a day."""

    on: date
    land: Vacancy
    factory: Vacancy
    records: list[StockRecord] | UnsetType = UNSET


class FunnelNeeds(Described):
    """How far the needs have come that were shown space."""

    shown: int
    viewed: int
    visited: int
    signed: int
    producing: int


class FunnelOutcomes(Described):
    """Deals that no ranking stands behind."""

    signed: int
    producing: int


class FunnelEnquiries(Described):
    """Enquiries of a period and what came of them."""

    received: int
    answered: int
    visits: int
    outcomes: int


class FunnelFigure(OfPeriod, kw_only=True):
    """From needs to deals."""

    needs: FunnelNeeds
    deals_without_ranking: FunnelOutcomes
    enquiries: FunnelEnquiries
    records: list[ShownRecord] | UnsetType = UNSET


class Delivered(Described):
    """A figure promised and delivered."""

    name: FigureName
    unit: FigureUnit
    per: Literal["year", "total"]
    promised: DecimalText | None
    promised_of_reported: DecimalText | None
    delivered: DecimalText | None
    delivered_share: DecimalText | None
    promises: int
    promises_without_report: int


class DeliveredGroup(Described, kw_only=True):
    """What was promised and delivered, of one group."""

    key: str | None
    name_zh: str | UnsetType = UNSET
    name_en: str | UnsetType | None = UNSET
    figures: list[Delivered]


class DeliveryFigure(Explained, kw_only=True):
    """What was promised for a year and delivered in it."""

    year: int
    figures: list[Delivered]
    group_by: Literal["park", "path", "industry"] | UnsetType = UNSET
    groups: list[DeliveredGroup] | UnsetType = UNSET
    records: list[PromisedRecord] | UnsetType = UNSET


class ServiceRequestFigure(OfPeriod, kw_only=True):
    """Requests of firms raised in a period."""

    raised: int
    dispatched: int
    answered: int
    closed: int
    closure_rate: DecimalText | None
    satisfied_share: DecimalText | None
    median_days_to_close: float | None
    median_age_open: float | None
    oldest_open: int | None
    records: list[RequestRecord] | UnsetType = UNSET


class OtherRefusals(Described):
    """How often units of other parks were refused for a rule or a criterion."""

    id: str
    name: str
    refusals: int | None


class OwnRefusals(OtherRefusals):
    """How often units of a park were refused for a rule or a criterion."""

    park_id: UUID
    firms: int
    units: int


class RefusalFigure(Period):
    """Why firms refused units: of the caller's parks, and of others where enough firms refused."""

    fewest: int
    own: list[OwnRefusals]
    others: list[OtherRefusals]


class Band(Described, rename={"least": "from"}):
    """Needs that ask for so much, and how many of them nothing fits."""

    least: float | None
    below: float | None
    asked: int
    unmet: int


class HazardCount(Described):
    """Needs of a hazard class, and how many of them nothing fits."""

    value: HazardClass
    asked: int
    unmet: int


class IndustryCount(Described):
    """Needs of a division of industry, and how many of them nothing fits."""

    value: str
    asked: int
    unmet: int


class CountsByNeed(Described):
    """Needs by what they ask for."""

    clear_height_m_min: list[Band]
    floor_load_kn_m2_min: list[Band]
    power_kva_min: list[Band]
    floor_area_m2_min: list[Band]
    land_area_m2_min: list[Band]
    fire_hazard_class: list[HazardCount]
    industry: list[IndustryCount]


class NearestRules(Described):
    """Rules that would have to give, and for how many needs."""

    rules: list[Literal[RULES]]  # type: ignore[valid-type]
    needs: int


class UnmetKind(Described):
    """How the units of a kind stand to a need that nothing fits."""

    compared: int
    to_confirm: int
    out_by: OutBy


class UnmetNeed(Described):
    """A need that nothing fits, and what would help it most."""

    demand_id: UUID
    title: str
    kinds: dict[Kind, UnmetKind]
    nearest: Relaxation | None


class GapFigure(Described):
    """Which published needs nothing on offer fits."""

    day: date
    capped: bool
    not_ranked: int
    published: int
    unmet: int
    unmet_yet_to_confirm: int
    by: CountsByNeed
    nearest: list[NearestRules]
    needs: list[UnmetNeed]
