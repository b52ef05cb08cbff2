"""An equity swap (厂房入股): the owner gives a unit's title for a share of the taker's equity.

From proposal over due diligence, valuation and contract to registered title and equity, then to production. The
revival counts on the day the title is registered; from then on it can only be corrected. Source: DOMAIN handbook §1.6.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions.deals import DAY, Step, open_deal
from actions.desk import new_id
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Invalid
from domain.facts import refuse, value_faults
from domain.words import DatePrecision, Evidence, Path
from outcomes import checks, ledger
from outcomes.checks import Told
from outcomes.stages import Stage
from store import asset, outcome
from store import ledger as book
from store.db import Act, Database


async def propose(
    db: Database,
    actor: Actor,
    asset_ids: Sequence[UUID],
    firm_id: UUID,
    owner_firm_id: UUID,
    *,
    opened_on: date | None = None,
    demand_id: UUID | None = None,
    ranking_id: UUID | None = None,
    promises: Mapping[str, Decimal | None] | None = None,
    source: str | None = None,
    illustrative: Sequence[str] = (),
    once: Once | None,
    today: date,
) -> Answer:
    """A new swap on units of one park. Raises as `open_deal`, and Invalid where giver and taker are the same."""
    if owner_firm_id == firm_id:
        raise Invalid("giver_is_taker", "owner_firm_id")
    facts = {
        **(promises or {}),
        "firm_id": firm_id,
        "owner_firm_id": owner_firm_id,
        "demand_id": demand_id,
        "ranking_id": ranking_id,
        "source": source,
        "illustrative": list(illustrative),
    }
    day = today if opened_on is None else opened_on

    async def begin(act: Act, outcome_id: UUID) -> None:
        await outcome.insert_swap(act, outcome_id)
        await _reach(act, outcome_id, Stage.proposed, Told(day, source=source))

    return await open_deal(
        db, actor, Path.equity_swap, Stage.proposed, asset_ids, facts, opened_on=day, once=once, today=today, also=begin
    )


async def advance(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    stage: str,
    given: Mapping[str, Any],
    *,
    happened_on: date | None = None,
    precision: DatePrecision = DatePrecision.day,
    evidence: Evidence = Evidence.stated,
    source: str | None = None,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """The next stage of a swap; `given` are the figures it needs, see `checks.SWAP_FIGURES`.

    Raises: Invalid for figures, days or evidence that are not right; Conflict where the title may not pass.
    """
    stage = Stage(stage)
    told = Told(happened_on, precision, evidence, source)
    checks.figures(stage, told, given)
    refuse(value_faults({**given, "source": told.source, "happened_on": told.happened_on}))
    async with Step(db, actor, outcome_id, Path.equity_swap, stage, if_match, once) as deal:
        reached = await outcome.milestones(deal.act, outcome_id)
        known = [row["happened_on"] for row in reached if row["happened_on"] is not None]
        checks.days(told, known, recorded_on=reached[0]["recorded_on"], today=today)
        if told.happened_on is not None:
            told = replace(told, happened_on=checks.first_day(told.happened_on, told.precision))
        turn = _Turn(deal, stage, told, given, reached)
        changed = await _TURNS[stage](turn) if stage in _TURNS else None
        await _reach(deal.act, outcome_id, stage, told, given.get("amount_yuan"))
        await deal.move(today, **(changed or {}))
    return deal.answer


async def give_up(
    db: Database,
    actor: Actor,
    outcome_id: UUID,
    stage: Stage,
    *,
    reason: str,
    if_match: str | None,
    once: Once | None,
    today: date,
) -> Answer:
    """Withdrawn by the parties, rejected, or corrected: it never happened, and what the ledger says of it is reversed.

    Raises: Conflict (passed_on) where a title that would come back has passed on since.
    """
    refuse(value_faults({"reason": reason}))
    async with Step(db, actor, outcome_id, Path.equity_swap, stage, if_match, once) as deal:
        await outcome.release(deal.act, outcome_id, ["deal", "own_use"])
        await _reverse(deal.act, outcome_id)
        await deal.move(today, reason=reason, revived_on=None, revived_on_precision=None, ended_on=None)
    return deal.answer


@dataclass(frozen=True)
class _Turn:
    """What a stage's own rule looks at."""

    deal: Step
    stage: Stage
    told: Told
    given: Mapping[str, Any]
    reached: Sequence[Mapping[str, Any]]

    @property
    def day(self) -> date:
        """The day of the stage; where nobody stated it, the latest day known of a stage before."""
        return self.told.happened_on or max(row["happened_on"] for row in self.reached if row["happened_on"])

    async def agree(self, **figures: Any) -> None:
        await outcome.agree(self.deal.act, self.deal.outcome_id, {**self.given, **figures})


async def _examine(turn: _Turn) -> None:
    """Due diligence: nothing may stand against the titles."""
    checks.title(await asset.titles(turn.deal.act, turn.deal.asset_ids), evidence=turn.told.evidence)


async def _appraise(turn: _Turn) -> None:
    until = turn.given.get("appraisal_valid_until")
    if until is None and turn.told.happened_on is not None:
        until = checks.one_year_after(turn.told.happened_on)
    await turn.agree(appraised_on=turn.told.happened_on, appraisal_valid_until=until)


async def _contract(turn: _Turn) -> None:
    """The contract binds: what it counts is the stated area of this day."""
    agreed = await outcome.swap(turn.deal.act, turn.deal.outcome_id)
    checks.contract({**agreed, **turn.given}, turn.told)
    await turn.agree()
    await outcome.copy_areas(turn.deal.act, turn.deal.outcome_id)


async def _register_title(turn: _Turn) -> dict[str, Any]:
    """Title passes, unit by unit; the units are on offer no more, and other deals may follow."""
    deal, day = turn.deal, turn.day
    is_live = checks.last_day(day, turn.told.precision) >= turn.reached[0]["recorded_on"]
    unproven = [row["kind"] for row in turn.reached if row["evidence"] == Evidence.not_stated]
    if is_live and unproven:
        raise Conflict("evidence_missing", "stage", stages=unproven)
    checks.title(await asset.titles(deal.act, deal.asset_ids), evidence=turn.told.evidence)
    await turn.agree()
    for n, asset_id in enumerate(deal.asset_ids):
        if await book.held_along(deal.act, asset_id) is not None:
            raise Conflict("title_held_in_part", f"asset_ids.{n}")
        held = await _opened(turn, asset_id, "title", deal.row["owner_firm_id"])
        lines = ledger.transfer(asset_id, held, deal.row["owner_firm_id"], deal.row["firm_id"])
        await _post(turn, asset_id, "title", held, lines)
    for asset_id in await asset.withdraw_trees(deal.act, deal.asset_ids):
        deal.act.did("asset.withdrawn", "asset", asset_id, outcome_id=deal.outcome_id)
    await outcome.cut(deal.act, deal.outcome_id, "deal", day)
    return {"revived_on": day, "revived_on_precision": turn.told.precision.value}


async def _register_equity(turn: _Turn) -> None:
    """The giver gets its share of the taker's equity. A share nobody stated moves nothing."""
    deal, share = turn.deal, (await outcome.swap(turn.deal.act, turn.deal.outcome_id))["equity_share"]
    if share is None:
        return
    taker, giver = deal.row["firm_id"], deal.row["owner_firm_id"]
    held = await _opened(turn, taker, "equity", ledger.OTHERS)
    await _post(turn, taker, "equity", held, ledger.issue(taker, held, giver, share))


async def _move_in(turn: _Turn) -> None:
    """The taker is in there from now on, save where a tenant sits."""
    await turn.deal.claim_free("own_use", turn.day)


async def _move_out(turn: _Turn) -> dict[str, Any]:
    await outcome.cut(turn.deal.act, turn.deal.outcome_id, "own_use", turn.day + DAY)
    return {"ended_on": turn.day}


_TURNS: Mapping[Stage, Callable[[_Turn], Awaitable[dict[str, Any] | None]]] = {
    Stage.due_diligence: _examine,
    Stage.valuation: _appraise,
    Stage.contracted: _contract,
    Stage.title_registered: _register_title,
    Stage.equity_registered: _register_equity,
    Stage.handed_over: _move_in,
    Stage.ended: _move_out,
}


async def _opened(turn: _Turn, title: UUID, instrument: ledger.Instrument, holder: UUID) -> dict[UUID, Decimal]:
    """Who holds a title, locked; one never recorded is recorded first as its holder's, and stays so when corrected."""
    held = await book.held(turn.deal.act, title)
    return held or await _post(turn, title, instrument, {}, ledger.opening(title, instrument, holder))


async def _post(
    turn: _Turn,
    title: UUID,
    instrument: ledger.Instrument,
    held: Mapping[UUID, Decimal],
    lines: Sequence[ledger.Line],
) -> dict[UUID, Decimal]:
    act, outcome_id, told = turn.deal.act, turn.deal.outcome_id, turn.told
    after = ledger.applied(held, lines)
    await book.append(act, new_id(), outcome_id, lines, effective_on=turn.day, precision=told.precision.value)
    await book.put(act, title, instrument, after)
    return after


async def _reverse(act: Act, outcome_id: UUID) -> None:
    for transaction_id, (day, precision, lines) in (await book.of_outcome(act, outcome_id)).items():
        if any(line.party == ledger.NOBODY for line in lines):
            continue  # that a title was its holder's before the deal stays true
        title, back = lines[0].title, ledger.reversal(lines)
        after = ledger.applied(await book.held(act, title), back)
        await book.append(
            act, new_id(), outcome_id, back, effective_on=day, precision=precision, reverses=transaction_id
        )
        await book.put(act, title, lines[0].instrument, after)


async def _reach(act: Act, outcome_id: UUID, stage: Stage, told: Told, amount_yuan: Decimal | None = None) -> None:
    precision = None if told.happened_on is None else told.precision.value
    await outcome.insert_milestone(
        act, outcome_id, stage.value, told.happened_on, precision, told.evidence.value, amount_yuan, told.source
    )
