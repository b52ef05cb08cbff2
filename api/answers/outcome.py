"""What is answered about deals, their supervision and tenancies, one record each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.answers.documents import members_of
from api.answers.figures import FigureName, FigureUnit
from api.outcome_bodies import NextStage
from api.record import Described, answering
from domain.words import (
    AreaUnit,
    DatePrecision,
    Evidence,
    Kind,
    Path,
)
from outcomes.revival import RevivalVerdict
from outcomes.stages import Stage
from outcomes.supervision import Colour, LightReason


class OutcomeUnit(Described):
    """A unit of a deal, with its area as it was when the deal was opened."""

    asset_id: UUID
    kind: Kind
    stated_area: float | None
    stated_area_unit: AreaUnit | None
    is_illustrative: bool


class JudgedRevival(Described):
    """What a unit of a deal counts as, by which clause of the rule of counting."""

    asset_id: UUID
    verdict: RevivalVerdict
    clause: str
    version: str
    revived_on: date
    revived_on_precision: DatePrecision
    idle_since: date | None
    idle_ground: str | None
    is_idle_told_afterwards: bool | None


class ReachedStage(Described):
    """A stage that a deal reached, with what was stated of it."""

    stage: Stage
    happened_on: date | None
    precision: DatePrecision | None
    evidence: Evidence | None
    amount_yuan: float | None
    facts: dict[str, Any]
    source: str | None
    recorded_at: datetime


@answering(members_of("outcome", without=("asset_ids",)))
class Outcome(Described, kw_only=True):
    """A deal."""

    light: Colour | None
    assets: list[OutcomeUnit] | None
    revivals: list[JudgedRevival] | None
    milestones: list[ReachedStage] | None
    next: list[NextStage] | UnsetType = UNSET
    #: Of an equity swap.
    appraiser: str | UnsetType | None = UNSET
    appraisal_method: str | UnsetType | None = UNSET
    appraised_on: date | UnsetType | None = UNSET
    appraised_yuan: float | UnsetType | None = UNSET
    appraisal_valid_until: date | UnsetType | None = UNSET
    contribution_yuan: float | UnsetType | None = UNSET
    equity_share: float | UnsetType | None = UNSET
    certificate_no: str | UnsetType | None = UNSET


class RecordedAct(Described, kw_only=True):
    """An act as its event keeps it."""

    rev: int
    n: int
    at: datetime
    act: str
    actor_id: UUID | UnsetType | None = UNSET
    changed: dict[str, Any] | None


class OutcomeHistory(Described):
    """How a deal came to stand as it does."""

    outcome_id: UUID
    events: list[RecordedAct]


class _Agreement(Described):
    id: UUID
    document_no: str | None
    signed_on: date
    signed_on_precision: DatePrecision
    ends_on: date | None
    source: str
    illustrative: list[str]
    state: Literal["in_force", "replaced", "withdrawn"]
    replaces: UUID | None
    reason: str | None


class ListedAgreement(_Agreement):
    """A supervision agreement."""

    recorded_at: datetime


class _Indicator(Described):
    id: UUID
    agreement_id: UUID
    name: FigureName
    value: float
    unit: FigureUnit
    per: Literal["year", "total"]
    starts_on: date
    agreed_due_on: date | None
    due_on: date | None
    state: Literal["in_force", "replaced", "withdrawn"]


class PromisedIndicator(_Indicator):
    """A figure promised in an agreement."""

    park_id: UUID
    outcome_id: UUID


class Agreement(_Agreement):
    """A supervision agreement with the figures it promises."""

    park_id: UUID
    outcome_id: UUID
    indicators: list[PromisedIndicator]


class YearFulfilment(Described):
    """What came of a promised figure in a year, or in all."""

    year: int | None
    period: str
    target: float
    actual: float | None
    is_complete: bool
    shortfall: float | None
    is_breach: bool | None


class FollowedIndicator(_Indicator):
    """A promised figure and what came of it, year by year."""

    years: list[YearFulfilment]


class Agreements(Described):
    """The supervision of a deal."""

    outcome_id: UUID
    agreements: list[ListedAgreement]
    indicators: list[FollowedIndicator]


class PlannedStage(Described):
    """When a stage of a deal is planned for."""

    stage: Stage
    planned_on: date
    planned_on_precision: DatePrecision


class _Report(Described):
    id: UUID
    indicator_id: UUID
    year: int
    quarter: int | None
    value: float
    unit: FigureUnit
    source: str
    reason: str | None
    illustrative: list[str]


class Report(_Report):
    """What was reported of a promised figure."""

    park_id: UUID
    outcome_id: UUID


class ListedReport(_Report):
    """A report, and whether it counts: a later one takes its place."""

    is_counted: bool
    recorded_at: datetime


class OverdueReport(Described):
    """A report that should have come and did not."""

    indicator_id: UUID
    name: FigureName
    year: int
    quarter: int | None


class Reports(Described):
    """The reports of a deal."""

    outcome_id: UUID
    reports: list[ListedReport]
    overdue: list[OverdueReport]


class AddedApprovals(Described):
    """Items added to the checklist of a deal."""

    added: list[str]


class Approval(Described):
    """An item of the checklist of a deal."""

    id: UUID
    item: str
    series: str | None
    target_days: int | None
    agent_id: UUID | None
    applied_on: date | None
    done_on: date | None
    result: Literal["approved", "refused"] | None
    document_no: str | None
    note: str | None
    revision: int


class ListedApproval(Approval):
    """An item of the checklist with how long it takes."""

    name: str
    recorded_at: datetime
    days: int | None
    is_over_target: bool
    status: Literal["open", "applied", "overdue", "approved", "refused"]


class TargetDays(Described, rename={"since": "from"}):
    """Days in which an approval should come, since a day."""

    days: int
    since: date | None


class ApprovalSeries(Described):
    """The target days of one kind of approval."""

    en: str
    zh: str
    targets: list[TargetDays]


class Approvals(Described):
    """The checklist of a deal."""

    outcome_id: UUID
    approvals: list[ListedApproval]
    series: dict[str, ApprovalSeries]


class LightWord(Described):
    """Why a light is what it is."""

    code: LightReason
    zh: str
    en: str


class Light(Described):
    """The light of a deal today."""

    colour: Colour
    behind_points: float | None
    late_days: int | None
    reasons: list[LightWord]
    next_on: date | None
    word_zh: str
    word_en: str


class OutcomeLight(Described):
    """The light of a deal, and the thresholds by which it is judged."""

    outcome_id: UUID
    light: Light | None
    thresholds: dict[str, Any]


class Span(Described):
    """Days from the first to the last; open: the last is not over."""

    first: date | None
    last: date | None
    precision: DatePrecision | None
    is_open: bool


class TimelineRow(Described):
    """A stage on the chart: planned and reached."""

    stage: Stage
    name_zh: str
    name_en: str
    plan: Span | None
    actual: Span | None
    is_reached: bool
    is_not_stated: bool
    is_late: bool


class TimelineProgress(YearFulfilment):
    """A promised figure on the chart."""

    name: str
    name_zh: str
    unit: str


class Timeline(Described):
    """A deal on one chart."""

    outcome_id: UUID
    firm_name: str | None
    path: Path
    stage: Stage
    light: Light | None
    rows: list[TimelineRow]
    progress: list[TimelineProgress]
    is_illustrative: bool
    today: date


class Tenancy(Described):
    """Who has a unit, from when to when."""

    park_id: UUID
    id: UUID
    outcome_id: UUID
    asset_id: UUID
    firm_id: UUID | None
    starts_on: date
    ends_on: date | None
    state: Literal["in_term", "to_verify", "stays", "renewed", "left", "corrected"]
    left_on: date | None
    stays_since: date | None
    renewed_from: UUID | None
    law: str | None
    rent_yuan_m2_month: float | None
    handed_over_on: date | None
    is_corrected: bool
    illustrative: list[str]
    revision: int
    recorded_at: datetime
