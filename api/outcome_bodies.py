"""The bodies of deals: one record to open each path with, one step for all of them, and what is shown of where a deal
may go. As in `bodies`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from api.bodies import Text
from domain.fields import OUTCOME
from domain.words import DatePrecision, Evidence, IdleBasis
from outcomes.stages import Stage
from outcomes.standing import Direction
from texts.lookup import side_by_side


class _OutcomeBody(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="path"):
    asset_ids: Annotated[list[UUID], Meta(min_length=1, max_length=50)]
    firm_id: UUID
    opened_on: date | None = None
    demand_id: UUID | None = None
    ranking_id: UUID | None = None
    is_land_alone: bool = False
    revenue_yuan_year: Decimal | None = None
    output_yuan_year: Decimal | None = None
    tax_yuan_year: Decimal | None = None
    source: Text | None = None


class _NewLet(_OutcomeBody, forbid_unknown_fields=True, kw_only=True, tag_field="path"):
    starts_on: date
    ends_on: date | None = None


class _NewPassing(_OutcomeBody, forbid_unknown_fields=True, kw_only=True, tag_field="path"):
    owner_firm_id: UUID


class NewLease(_NewLet, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="lease"):
    """A lease to open on units of one park; the last day is included."""


class NewSublease(_NewLet, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="sublease"):
    """A sublease to open: the tenant `owner_firm_id` lets on to `firm_id`."""

    owner_firm_id: UUID


class NewPartUse(_NewLet, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="part_use"):
    """A part of one unit to let; how much is said when it is signed."""


class NewTemporaryUse(_NewLet, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="temporary_use"):
    """A temporary use to open, of land for two years at most; it is counted apart."""

    ends_on: date


class NewOwnerRestart(_OutcomeBody, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="owner_restart"):
    """The owner, `firm_id`, puts its own space back to use."""


class NewJointDevelopment(
    _OutcomeBody, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="joint_development"
):
    """A development that `firm_id` builds together with the owner."""


class NewBuiltToSuit(_OutcomeBody, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="built_to_suit"):
    """Space to be built to the needs of `firm_id`."""


class NewSale(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="sale"):
    """A sale to propose: `owner_firm_id` sells, `firm_id` buys."""


class NewEquitySwap(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="equity_swap"):
    """An equity swap to propose on units of one park: `owner_firm_id` gives the title, `firm_id` takes it."""


class NewSharePurchase(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="share_purchase"):
    """A share purchase to propose: `firm_id` buys shares of `owner_firm_id`, which keeps the title."""


class NewAuction(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="judicial_auction"):
    """A judicial auction to follow: the title of `owner_firm_id` is sold by a court, `firm_id` bids."""


class NewResupply(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="repurchase_resupply"):
    """Land to be taken back from `owner_firm_id` and supplied anew to `firm_id`."""


class NewMerger(_NewPassing, forbid_unknown_fields=True, kw_only=True, tag_field="path", tag="merger"):
    """A merger to propose: `firm_id` stays, `owner_firm_id` is absorbed."""


NewOutcome = (
    NewLease
    | NewSublease
    | NewPartUse
    | NewTemporaryUse
    | NewOwnerRestart
    | NewJointDevelopment
    | NewBuiltToSuit
    | NewSale
    | NewEquitySwap
    | NewSharePurchase
    | NewAuction
    | NewResupply
    | NewMerger
)


class Holder(Struct, forbid_unknown_fields=True, kw_only=True):
    """A holder of equity as the register has it; without a firm: the rest, not recorded one by one."""

    firm_id: UUID | None
    share: Decimal


class NotifiedTenant(Struct, forbid_unknown_fields=True, kw_only=True):
    """A tenant who was told of a sale, and what came of it: waived, exercised, or none within the days."""

    firm_id: UUID
    answer: Literal["waived", "exercised", "none"] | None = None
    answered_on: date | None = None


class Step(Struct, forbid_unknown_fields=True, kw_only=True):
    """One step of a deal; which dates and figures it takes depends on its path and the stage it leads to.

    Back to an earlier stage, the ways out, and a stage beside the route taken back, take a reason alone.
    """

    stage: Stage
    reserved_until: date | None = None
    signed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    rent_yuan_m2_month: Decimal | None = None
    handed_over_on: date | None = None
    ended_on: date | None = None
    happened_on: date | None = None
    precision: DatePrecision | None = None
    evidence: Evidence | None = None
    source: Text | None = None
    appraiser: Text | None = None
    appraisal_method: Text | None = None
    appraised_yuan: Decimal | None = None
    appraisal_valid_until: date | None = None
    contribution_yuan: Decimal | None = None
    equity_share: Decimal | None = None
    purchased_share: Decimal | None = None
    price_yuan: Decimal | None = None
    reserve_price_yuan: Decimal | None = None
    area_m2: Decimal | None = None
    holders: Annotated[list[Holder], Meta(min_length=1, max_length=OUTCOME["holders"].most)] | None = None
    tenants: Annotated[list[NotifiedTenant], Meta(min_length=1, max_length=OUTCOME["tenants"].most)] | None = None
    certificate_no: Text | None = None
    contract_no: Text | None = None
    consent_no: Text | None = None
    permit_no: Text | None = None
    plan_no: Text | None = None
    acceptance_no: Text | None = None
    decision_no: Text | None = None
    registration_no: Text | None = None
    ruling_no: Text | None = None
    case_no: Text | None = None
    court: Text | None = None
    document_no: Text | None = None
    amount_yuan: Decimal | None = None
    reason: Text | None = None


def _text(member: str) -> str:
    return side_by_side("description", "member", member)


class NextField(Struct):
    """A field that a step may take."""

    name: str
    is_needed: Annotated[bool, Meta(description=_text("next_is_needed"))]
    schema: Annotated[dict[str, Any], Meta(description=_text("next_schema"))]


class NextStage(Struct):
    """A stage that a deal may go to, and what the step there takes."""

    stage: Stage
    direction: Annotated[Direction, Meta(description=_text("next_direction"))]
    fields: Annotated[list[NextField], Meta(description=_text("next_fields"))]


class IdleCorrection(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the idle period of a revived unit was: start and ground, or null for both where there was none."""

    asset_id: UUID
    stated_idle_since: date | None
    idle_basis: IdleBasis | None
    stated_idle_since_precision: DatePrecision | None = None
    source: Text
    reason: Text


class TenantLeft(Struct, forbid_unknown_fields=True, kw_only=True):
    """The tenant left: its last day there; said again, on another day, with the reason."""

    left_on: date
    source: Text | None = None
    reason: Text | None = None


class TenantStays(Struct, forbid_unknown_fields=True, kw_only=True):
    """The tenant stays after its term and nobody objects (Civil Code art. 734)."""

    source: Text | None = None


class NewRenewal(Struct, forbid_unknown_fields=True, kw_only=True):
    """A tenancy renewed; by default it begins the day after the old term and is signed today.

    `reason`: why a closed year changes, where the first day lies in one.
    """

    ends_on: date
    starts_on: date | None = None
    signed_on: date | None = None
    rent_yuan_m2_month: Decimal | None = None
    contract_no: Text | None = None
    consent_no: Text | None = None
    permit_no: Text | None = None
    source: Text | None = None
    reason: Text | None = None


class Promise(Struct, forbid_unknown_fields=True, kw_only=True):
    """A promised figure: so much a year from a day on, or so much in all by a day; the first year counts by days."""

    name: Literal["output", "revenue", "tax", "added_value", "investment", "jobs", "energy", "research"]
    value: Decimal
    unit: Literal["yuan", "person", "tce", "kwh"]
    per: Literal["year", "total"]
    starts_on: date | None = None
    due_on: date | None = None


class NewPlan(Struct, forbid_unknown_fields=True, kw_only=True):
    """When a stage of the deal is planned for."""

    stage: Stage
    planned_on: date
    precision: DatePrecision | None = None


class _Agreement(Struct, forbid_unknown_fields=True, kw_only=True):
    signed_on: date
    source: Text
    indicators: Annotated[list[Promise], Meta(min_length=1, max_length=50)]
    signed_on_precision: DatePrecision | None = None
    ends_on: date | None = None
    document_no: Text | None = None


class NewAgreement(_Agreement, forbid_unknown_fields=True, kw_only=True):
    """A supervision agreement: figures promised from its day on where no other is said, days planned for stages.

    `replaces` names an agreement of the same deal whose place it takes; `reason` is needed where a closed year changes.
    """

    milestones: Annotated[list[NewPlan], Meta(max_length=30)] = []
    replaces: UUID | None = None
    reason: Text | None = None


class CorrectedAgreement(_Agreement, forbid_unknown_fields=True, kw_only=True):
    """The whole agreement as it should have been told, and why; days planned are planned anew by themselves."""

    reason: Text


class Withdrawal(Struct, forbid_unknown_fields=True, kw_only=True):
    """Why an agreement is taken back."""

    reason: Text


class NewReport(Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of a promised figure in a quarter, or without one in the whole year; told again it gives a reason."""

    indicator_id: UUID
    year: Annotated[int, Meta(ge=1990, le=2199)]
    quarter: Annotated[int, Meta(ge=1, le=4)] | None = None
    value: Decimal
    unit: Literal["yuan", "person", "tce", "kwh"]
    source: Text
    reason: Text | None = None


class ApprovalItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """An item of the checklist: one of the scheme by its code, or another with a name."""

    #: `$` alone lets a line end pass.
    item: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,63}(?!\n)$", extra={"fault": "item_form"})]
    name: Text | None = None


class NewApprovals(Struct, forbid_unknown_fields=True, kw_only=True):
    """Items to add to the checklist of a deal; left out: all of the scheme. `agent_id` is who handles them."""

    items: Annotated[list[ApprovalItem], Meta(min_length=1, max_length=100)] | None = None
    agent_id: UUID | None = None


class ApprovalPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of one item: applied for, decided, handed to an agent."""

    agent_id: UUID | UnsetType | None = UNSET
    applied_on: date | UnsetType | None = UNSET
    done_on: date | UnsetType | None = UNSET
    result: Literal["approved", "refused"] | UnsetType | None = UNSET
    document_no: Text | UnsetType | None = UNSET
    note: Text | UnsetType | None = UNSET
