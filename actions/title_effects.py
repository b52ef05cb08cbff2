"""Effects on titles and equity: what is examined, agreed, passed and registered, and what takes it back.

An effect is given the `StageChange` and answers the facts of the deal it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import law
from actions.authorization import new_id
from actions.stage_change import Changed, StageChange
from domain.errors import Conflict, Fault
from domain.facts import NUMBERS, refuse, value_faults
from outcomes import checks
from outcomes import law as rules
from outcomes import title as title_rules
from outcomes.stages import Stage
from store import asset, outcome
from store import law as law_store
from store import title as title_store
from store.db import Act


async def begin_swap(change: StageChange) -> Changed:
    """An equity swap has agreed nothing yet."""
    await outcome.insert_swap(change.act, change.outcome_id)
    return {}


async def examine(change: StageChange) -> Changed:
    """Nothing may stand against the titles."""
    titles = await asset.titles(change.act, change.asset_ids)
    checks.title(titles, evidence=change.record.evidence, secured=change.route.law.get("mortgage"))
    return {}


async def examine_investment(change: StageChange) -> Changed:
    """Granted land passes once enough of the investment is made."""
    investments = await law_store.investments(change.act, change.asset_ids)
    codes = rules.investment(investments, change.route.law, evidence=change.record.evidence)
    change.notes.extend(law.note(change.route, "invested", code) for code in codes)
    return {}


async def notify_tenants(change: StageChange) -> Changed:
    """Notices of the sale to the tenants, who are those in the space on the day of the notice."""
    tenants = change.facts.get("tenants") or []
    refuse([fault for n, tenant in enumerate(tenants) for fault in value_faults(tenant, f"tenants.{n}.")])
    sitting = await law.sitting_tenants(change.act, change.outcome_id, change.day, change.row["firm_id"])
    rules.notices(tenants, sitting, change.day, change.today)
    return {}


async def appraise(change: StageChange) -> Changed:
    until = change.facts.get("appraisal_valid_until")
    if until is None and change.record.happened_on is not None:
        until = checks.years_after(change.record.happened_on, 1)  # Source: DOMAIN handbook §1.6
    figures = {**change.facts, "appraised_on": change.record.happened_on, "appraisal_valid_until": until}
    await outcome.agree(change.act, change.outcome_id, figures)
    return {}


async def undo_appraise(act: Act, row: Any) -> Changed:
    names = ("appraiser", "appraisal_method", "appraised_on", "appraised_yuan", "appraisal_valid_until")
    await outcome.agree(act, row["id"], dict.fromkeys(names))
    return {}


async def contract(change: StageChange) -> Changed:
    agreed = await outcome.swap(change.act, change.outcome_id)
    checks.contract({**agreed, **change.facts}, change.record)
    await outcome.agree(change.act, change.outcome_id, change.facts)
    return {}


async def undo_contract(act: Act, row: Any) -> Changed:
    await outcome.agree(act, row["id"], {"contribution_yuan": None, "equity_share": None})
    return {}


async def certify(change: StageChange) -> Changed:
    await outcome.agree(change.act, change.outcome_id, change.facts)
    return {}


async def pass_title(change: StageChange) -> Changed:
    return await _pass(change, change.row["owner_firm_id"], change.row["firm_id"])


async def title_to_state(change: StageChange) -> Changed:
    return await _pass(change, change.row["owner_firm_id"], title_rules.STATE)


async def title_from_state(change: StageChange) -> Changed:
    return await _pass(change, title_rules.STATE, change.row["firm_id"])


async def _pass(change: StageChange, giver: UUID, taker: UUID) -> Changed:
    """Title passes, unit by unit."""
    for n, asset_id in enumerate(change.asset_ids):
        if await title_store.held_along(change.act, asset_id) is not None:
            raise Conflict("title_held_in_part", f"asset_ids.{n}")
        held = await _opened(change, asset_id, "title", giver)
        await _post(change, asset_id, "title", held, title_rules.transfer(asset_id, held, giver, taker))
    return {}


async def off_offer(change: StageChange) -> Changed:
    """The units are on offer no more."""
    for asset_id in await asset.withdraw_trees(change.act, change.asset_ids):
        change.act.did("asset.withdrawn", "asset", asset_id, outcome_id=change.outcome_id)
    return {}


async def issue_equity(change: StageChange) -> Changed:
    """The giver gets its share of the taker's equity. A share nobody stated moves nothing."""
    share = (await outcome.swap(change.act, change.outcome_id))["equity_share"]
    if share is not None:
        await _shares_pass(change, change.row["firm_id"], change.row["owner_firm_id"], share)
    return {}


async def buy_equity(change: StageChange) -> Changed:
    """The buyer gets the share of the owner's equity that was agreed, of every holder in proportion."""
    share = await outcome.stage_figure(change.act, change.outcome_id, Stage.contracted.value, "purchased_share")
    if share is not None:
        await _shares_pass(change, change.row["owner_firm_id"], change.row["firm_id"], share)
    return {}


async def absorb_equity(change: StageChange) -> Changed:
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
