"""What the stages of a deal move: claims on leaves, tenancies, titles and equity. The data names them, stage by stage.

Each effect is a function of the `StageChange` and gives the facts of the deal it changes; UNDONE reverses some of them
where a deal goes back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import claim as claim_actions
from actions import law
from actions.authorization import new_id
from domain.errors import Conflict, Fault, Invalid
from domain.facts import NUMBERS, refuse, value_faults
from domain.words import DatePrecision
from outcomes import checks
from outcomes import law as rules
from outcomes import title as title_rules
from outcomes.checks import StageRecord
from outcomes.stages import Route, Stage
from store import asset, claim, outcome, tenancy
from store import law as law_store
from store import title as title_store
from store.db import Act

DAY = timedelta(days=1)
Changed = dict[str, Any]


@dataclass(frozen=True)
class StageChange:
    """One stage being reached: the deal, the record of the stage, the stages reached before; notes it leaves."""

    act: Act
    outcome_id: UUID
    route: Route
    row: Any
    asset_ids: Sequence[UUID]
    stage: Stage
    record: StageRecord
    facts: Mapping[str, Any]
    reached: Sequence[Mapping[str, Any]]
    today: date
    notes: list[law.Note] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The day of the stage; where nobody stated it, the latest day known of a stage before."""
        return self.record.happened_on or max(row["happened_on"] for row in self.reached if row["happened_on"])

    async def claim(self, source_kind: str, starts_on: date, ends_before: date | None) -> None:
        """Takes the use of every leaf for these days."""
        leaves = await claim.leaves(self.act, self.outcome_id)
        await self._claim(leaves, source_kind, starts_on, ends_before, self.row["firm_id"])

    async def claim_free(self, holder: UUID) -> None:
        """Takes the use of every leaf from the day of the stage on, save those that someone else has then or later."""
        leaves = await outcome.free_leaves(self.act, await claim.leaves(self.act, self.outcome_id), self.day)
        await self._claim(leaves, "own_use", self.day, None, holder)

    async def _claim(
        self, leaves: Sequence[UUID], kind: str, starts_on: date, ends_before: date | None, holder: UUID
    ) -> None:
        await claim_actions.add(self.act, self.outcome_id, leaves, "use", kind, holder, starts_on, ends_before)


def ids(leaves: Sequence[UUID]) -> list[UUID]:
    return [new_id() for _ in leaves]


def days_of(starts_on: date, ends_on: date | None) -> str:
    """A PostgreSQL daterange of days that include both ends. Raises Invalid where they are reversed."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("dates_reversed", "ends_on", other=starts_on)
    return f"[{starts_on},{'' if ends_on is None else ends_on + DAY})"


async def _hold(change: StageChange) -> Changed:
    """Holds the space for the intended days until a day, after which the daily update lets it go."""
    until = change.facts.get("reserved_until")
    if until is None or until < change.today:
        raise Invalid("in_the_past", "reserved_until", today=change.today)
    if change.row["intended_from"] is not None:
        await change.claim("reservation", change.row["intended_from"], change.row["intended_to"])
    return {"reserved_until": until}


async def _let(change: StageChange) -> Changed:
    """Makes the tenancy, for the intended days where none are given."""
    intended_to = change.row["intended_to"]
    starts_on = change.facts.get("starts_on", change.row["intended_from"])
    ends_on = change.facts.get("ends_on", None if intended_to is None else intended_to - DAY)
    during = days_of(starts_on, ends_on)
    await law.check_term(change.act, change.route, change.asset_ids, starts_on, ends_on, change.row["owner_firm_id"])
    await outcome.release(change.act, change.outcome_id, ["reservation"])
    await change.claim("tenancy", starts_on, None if ends_on is None else ends_on + DAY)
    common = {
        "park_id": change.act.scope_id,
        "outcome_id": change.outcome_id,
        "firm_id": change.row["firm_id"],
        "during": during,
        "rent_yuan_m2_month": change.facts.get("rent_yuan_m2_month"),
        "illustrative": change.row["illustrative"],
    }
    for asset_id in change.asset_ids:
        await outcome.insert_tenancy(change.act, common | {"id": new_id(), "asset_id": asset_id})
    return {}


async def _bind(change: StageChange) -> Changed:
    """The deal binds: what it counts is the stated area of this day, or the part of it that is agreed."""
    await outcome.copy_areas(change.act, change.outcome_id)
    area_m2 = change.facts.get("area_m2")
    if area_m2 is not None:
        checks.area(area_m2, await asset.areas(change.act, change.asset_ids))
        await outcome.agree_area(change.act, change.outcome_id, area_m2)
    return {"signed_on": change.day, "reserved_until": None} if change.stage is Stage.signed else {}


async def revival(change: StageChange) -> tuple[date, DatePrecision]:
    """The day the revival counts on: of the stage; of let space the term's first day or the handover, the later one.

    They are compared by the last days they can have been, and the later one says how exactly the day is known.
    """
    if "hand_over" in change.route.effects.get(change.stage, ()):
        starts_on: date = (await outcome.tenancy_days(change.act, change.outcome_id))["starts_on"]
        is_renewal = change.row["renews_tenancy_id"] is not None  # reached on its first day, whenever it was signed
        if is_renewal or checks.last_day(change.day, change.record.precision) <= starts_on:
            return starts_on, DatePrecision.day
    return change.day, change.record.precision


async def _hand_over(change: StageChange) -> Changed:
    """The tenant has the space; who renews has it already."""
    starts_on = (await outcome.tenancy_days(change.act, change.outcome_id))["starts_on"]
    if starts_on > change.today:
        raise Conflict("not_begun", "handed_over_on", starts_on=starts_on)
    if change.row["renews_tenancy_id"] is None:
        await _require_empty(change, starts_on)
        await outcome.hand_over(change.act, change.outcome_id, change.day)
    return {}


async def _require_empty(change: StageChange, starts_on: date) -> None:
    """Raises Conflict until the tenant before is recorded as gone, Invalid for a day when it was there."""
    leaves = await claim.leaves(change.act, change.outcome_id)
    before = await tenancy.to_verify_before(change.act, change.outcome_id, leaves, starts_on, change.today)
    if before is not None:
        raise Conflict("tenant_to_verify", "handed_over_on", tenancy=before["id"], ends_on=before["ends_on"])
    claimed_from = await tenancy.claimed_from(change.act, change.outcome_id)
    if claimed_from is not None and change.day < claimed_from and claimed_from > starts_on:
        raise Invalid("dates_reversed", "handed_over_on", other=claimed_from)


async def _release(change: StageChange) -> Changed:
    """The deal no longer binds: others may follow. One recorded late must have been over before the next began."""
    days = await outcome.tenancy_days(change.act, change.outcome_id)
    await outcome.cut(change.act, change.outcome_id, "deal", max(change.day, days["starts_on"] or change.day))
    if await claim.is_in_pieces(change.act, change.outcome_id):
        raise Conflict("already_taken", "asset_ids")
    return {}


async def _tenant_leaves(change: StageChange) -> Changed:
    """The tenant leaves; the day is its last, after the term only once it is past. The revival stays counted.

    Who follows from then on has the space the day after, if nobody has moved in yet; the term that was agreed stays.
    """
    days = await outcome.tenancy_days(change.act, change.outcome_id)
    if change.day < days["starts_on"]:
        raise Invalid("dates_reversed", "ended_on", other=days["starts_on"])
    if change.day > max(days["ends_before"] - DAY, change.today):
        raise Invalid("after_the_tenancy", "ended_on", other=days["ends_before"] - DAY)
    until = change.day + DAY
    if days["renewed_from"] is not None:
        if until != days["renewed_from"]:
            raise Conflict("renewed", "ended_on", renewed_from=days["renewed_from"])
        return {"ended_on": change.day}
    if until > days["used_until"]:
        for moved in await tenancy.make_way(change.act, change.outcome_id, days["used_until"], until):
            change.act.did("outcome.use_moved", "outcome", moved, starts_on=until, outcome_id=change.outcome_id)
        await claim_actions.prolong(change.act, change.outcome_id, days["used_until"], until)
    else:
        await outcome.cut(change.act, change.outcome_id, "tenancy", until)
    await tenancy.leave(change.act, change.outcome_id, change.day, days["ends_before"])
    return {"ended_on": change.day}


async def _yield_use(change: StageChange) -> Changed:
    """The tenant who lets on is out of there for the days of the sublease."""
    leaves = await claim.leaves(change.act, change.outcome_id)
    starts_on = change.facts.get("starts_on", change.row["intended_from"])
    await outcome.yield_use(change.act, leaves, change.row["owner_firm_id"], starts_on)
    return {}


async def _resume_use(change: StageChange) -> Changed:
    await give_use_back(change.act, change.row, change.day + DAY)
    return {}


async def give_use_back(act: Act, row: Any, starts_on: date | None) -> None:
    """The tenant who had let on has the space again, for what is left of the own tenancy; None: as if it never had."""
    leaves = await claim.leaves(act, row["id"])
    await outcome.resume_use(act, ids(leaves), leaves, row["owner_firm_id"], starts_on)


async def _examine(change: StageChange) -> Changed:
    """Nothing may stand against the titles."""
    titles = await asset.titles(change.act, change.asset_ids)
    checks.title(titles, evidence=change.record.evidence, secured=change.route.law.get("mortgage"))
    return {}


async def _examine_investment(change: StageChange) -> Changed:
    """Granted land passes once enough of the investment is made."""
    investments = await law_store.investments(change.act, change.asset_ids)
    codes = rules.investment(investments, change.route.law, evidence=change.record.evidence)
    change.notes.extend(law.note(change.route, "invested", code) for code in codes)
    return {}


async def _notify_tenants(change: StageChange) -> Changed:
    """Notices of the sale to the tenants, who are those in the space on the day of the notice."""
    tenants = change.facts.get("tenants") or []
    refuse([fault for n, tenant in enumerate(tenants) for fault in value_faults(tenant, f"tenants.{n}.")])
    sitting = await law.sitting_tenants(change.act, change.outcome_id, change.day, change.row["firm_id"])
    rules.notices(tenants, sitting, change.day, change.today)
    return {}


async def _appraise(change: StageChange) -> Changed:
    until = change.facts.get("appraisal_valid_until")
    if until is None and change.record.happened_on is not None:
        until = checks.years_after(change.record.happened_on, 1)  # Source: DOMAIN handbook §1.6
    figures = {**change.facts, "appraised_on": change.record.happened_on, "appraisal_valid_until": until}
    await outcome.agree(change.act, change.outcome_id, figures)
    return {}


async def _contract(change: StageChange) -> Changed:
    agreed = await outcome.swap(change.act, change.outcome_id)
    checks.contract({**agreed, **change.facts}, change.record)
    await outcome.agree(change.act, change.outcome_id, change.facts)
    return {}


async def _certify(change: StageChange) -> Changed:
    await outcome.agree(change.act, change.outcome_id, change.facts)
    return {}


async def _pass_title(change: StageChange) -> Changed:
    return await _pass(change, change.row["owner_firm_id"], change.row["firm_id"])


async def _title_to_state(change: StageChange) -> Changed:
    return await _pass(change, change.row["owner_firm_id"], title_rules.STATE)


async def _title_from_state(change: StageChange) -> Changed:
    return await _pass(change, title_rules.STATE, change.row["firm_id"])


async def _pass(change: StageChange, giver: UUID, taker: UUID) -> Changed:
    """Title passes, unit by unit."""
    for n, asset_id in enumerate(change.asset_ids):
        if await title_store.held_along(change.act, asset_id) is not None:
            raise Conflict("title_held_in_part", f"asset_ids.{n}")
        held = await _opened(change, asset_id, "title", giver)
        await _post(change, asset_id, "title", held, title_rules.transfer(asset_id, held, giver, taker))
    return {}


async def _off_offer(change: StageChange) -> Changed:
    """The units are on offer no more."""
    for asset_id in await asset.withdraw_trees(change.act, change.asset_ids):
        change.act.did("asset.withdrawn", "asset", asset_id, outcome_id=change.outcome_id)
    return {}


async def _issue_equity(change: StageChange) -> Changed:
    """The giver gets its share of the taker's equity. A share nobody stated moves nothing."""
    share = (await outcome.swap(change.act, change.outcome_id))["equity_share"]
    if share is not None:
        await _shares_pass(change, change.row["firm_id"], change.row["owner_firm_id"], share)
    return {}


async def _buy_equity(change: StageChange) -> Changed:
    """The buyer gets the share of the owner's equity that was agreed, of every holder in proportion."""
    share = await outcome.stage_figure(change.act, change.outcome_id, Stage.contracted.value, "purchased_share")
    if share is not None:
        await _shares_pass(change, change.row["owner_firm_id"], change.row["firm_id"], share)
    return {}


async def _absorb_equity(change: StageChange) -> Changed:
    """The merged firm belongs to the one that stays."""
    await _shares_pass(change, change.row["owner_firm_id"], change.row["firm_id"], Decimal(1))
    return {}


async def _shares_pass(change: StageChange, firm: UUID, taker: UUID, share: Decimal) -> None:
    """A share of a firm's equity passes; where the register's list of holders is given, it must agree, and stands."""
    held = await _opened(change, firm, "equity", title_rules.OTHERS)
    lines = title_rules.issue(firm, held, taker, share)
    if change.facts.get("holders") is not None:
        after = checks.whole(_holders(change.facts["holders"]))
        expected = title_rules.applied(held, lines)[taker]
        if after.get(taker) != expected:
            raise Conflict("shares_differ", "holders", firm=taker, share=expected)
        lines = title_rules.became(firm, held, after)
    if lines:
        await _post(change, firm, "equity", held, lines)


def _holders(holders: Sequence[Mapping[str, Any]]) -> list[tuple[UUID, Decimal]]:
    """The register's list; a holder without an id stands for those nobody recorded one by one."""
    faults = [
        Fault(fault.code, f"holders.{n}.share", fault.params)
        for n, holder in enumerate(holders)
        if (fault := NUMBERS["share"].fault(holder["share"])) is not None
    ]
    refuse(faults)
    return [(title_rules.OTHERS if row["firm_id"] is None else row["firm_id"], row["share"]) for row in holders]


async def _move_in(change: StageChange) -> Changed:
    """The taker is in there from now on, save where a tenant sits."""
    await change.claim_free(change.row["firm_id"])
    return {}


async def _owner_moves_in(change: StageChange) -> Changed:
    """The firm that was bought is in there: title has not moved."""
    await change.claim_free(change.row["owner_firm_id"])
    return {}


async def _move_out(change: StageChange) -> Changed:
    await outcome.cut(change.act, change.outcome_id, "own_use", change.day + DAY)
    await outcome.cut(change.act, change.outcome_id, "deal", change.day + DAY)
    return {"ended_on": change.day}


async def _nothing(change: StageChange) -> Changed:
    """Done when the deal was opened."""
    return {}


EFFECTS: Mapping[str, Callable[[StageChange], Awaitable[Changed]]] = {
    "begin_swap": _nothing,
    "hold": _hold,
    "let": _let,
    "bind": _bind,
    "hand_over": _hand_over,
    "release": _release,
    "tenant_leaves": _tenant_leaves,
    "yield_use": _yield_use,
    "resume_use": _resume_use,
    "examine": _examine,
    "examine_investment": _examine_investment,
    "notify_tenants": _notify_tenants,
    "appraise": _appraise,
    "contract": _contract,
    "certify": _certify,
    "pass_title": _pass_title,
    "title_to_state": _title_to_state,
    "title_from_state": _title_from_state,
    "off_offer": _off_offer,
    "issue_equity": _issue_equity,
    "buy_equity": _buy_equity,
    "absorb_equity": _absorb_equity,
    "move_in": _move_in,
    "owner_moves_in": _owner_moves_in,
    "move_out": _move_out,
}


async def _unhold(act: Act, outcome_id: UUID) -> Changed:
    await outcome.release(act, outcome_id, ["reservation"])
    return {"reserved_until": None}


async def _unlet(act: Act, outcome_id: UUID) -> Changed:
    await outcome.release(act, outcome_id, ["tenancy"])
    await outcome.void_tenancies(act, outcome_id)
    return {}


async def unrenew(act: Act, tenancy_id: UUID) -> None:
    """What renewed a tenancy is given up: its use ends with its term again, and how it ends is for somebody to say."""
    old = await tenancy.renewed(act, tenancy_id)
    if old is not None:
        await tenancy.move_end(act, old["outcome_id"], old["renewed_from"], old["ends_before"])
        await tenancy.renew(act, old["outcome_id"], None)
        act.did("tenancy.renewal_given_up", "tenancy", tenancy_id, renewed_from=old["renewed_from"])


async def _unbind(act: Act, outcome_id: UUID) -> Changed:
    return {"signed_on": None}


async def _unmove(act: Act, outcome_id: UUID) -> Changed:
    await outcome.release(act, outcome_id, ["own_use"])
    return {}


async def _unappraise(act: Act, outcome_id: UUID) -> Changed:
    names = ("appraiser", "appraisal_method", "appraised_on", "appraised_yuan", "appraisal_valid_until")
    await outcome.agree(act, outcome_id, dict.fromkeys(names))
    return {}


async def _uncontract(act: Act, outcome_id: UUID) -> Changed:
    await outcome.agree(act, outcome_id, {"contribution_yuan": None, "equity_share": None})
    return {}


UNDONE: Mapping[str, Callable[[Act, UUID], Awaitable[Changed]]] = {
    "hold": _unhold,
    "let": _unlet,
    "bind": _unbind,
    "move_in": _unmove,
    "owner_moves_in": _unmove,
    "appraise": _unappraise,
    "contract": _uncontract,
}


async def _opened(
    change: StageChange, title: UUID, instrument: title_rules.Instrument, holder: UUID
) -> dict[UUID, Decimal]:
    """Who holds a title, locked; one never recorded is recorded first as its holder's, and stays so when corrected."""
    held = await title_store.held(change.act, title)
    return held or await _post(change, title, instrument, {}, title_rules.opening(title, instrument, holder))


async def _post(
    change: StageChange,
    title: UUID,
    instrument: title_rules.Instrument,
    held: Mapping[UUID, Decimal],
    lines: Sequence[title_rules.Line],
) -> dict[UUID, Decimal]:
    after = title_rules.applied(held, lines)
    precision = change.record.precision.value
    await title_store.append(
        change.act, new_id(), change.outcome_id, lines, effective_on=change.day, precision=precision
    )
    await title_store.put(change.act, title, instrument, after)
    return after


async def take_back(act: Act, outcome_id: UUID) -> None:
    """Reverses what the ledger says of a deal, the latest first."""
    for transaction_id, (day, precision, lines) in reversed((await title_store.of_outcome(act, outcome_id)).items()):
        if any(line.party == title_rules.NOBODY for line in lines):
            continue  # that a title was its holder's before the deal stays true
        title, back = lines[0].title, title_rules.reversal(lines)
        after = title_rules.applied(await title_store.held(act, title), back)
        await title_store.append(
            act, new_id(), outcome_id, back, effective_on=day, precision=precision, reverses=transaction_id
        )
        await title_store.put(act, title, lines[0].instrument, after)
