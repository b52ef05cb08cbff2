"""What a firm does with a unit it was shown or asked about: viewed, shortlisted, visited, refused, withdrawn.

What follows (signed, moved in, producing) is recorded with the deal, which names the need and the ranking it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require
from actions.demand import demand_home
from actions.mandate import write_for_firm
from domain.actor import Actor, may
from domain.answer import Answer, Once
from domain.errors import Fault, Invalid, NotFound
from domain.facts import refuse, value_faults
from domain.words import InterestAct, Role
from matching.rules import CRITERIA, RULES
from store import asset, demand, interest
from store.db import Database

#: A reason the ranking has no word for; it stands in the note.
OTHER = "other"
REASONS = (*RULES, *CRITERIA, OTHER)
#: A count of refusals below this says too much of one firm to those who are not staff of the park.
FEWEST_SHOWN = 5


async def record_interest(
    db: Database, actor: Actor, demand_id: UUID, facts: Mapping[str, Any], *, once: Once | None, today: date
) -> Answer:
    """Records one thing a firm did with a unit, on a day (today where none is given); nothing recorded is changed.

    Staff do so for units of their park, by the firm's mandate.
    Raises: Invalid where the ranking is not of this need, where the unit can be neither shown nor asked about, for a
    refusal that does not say what for, and for a day to come or before that ranking.
    """
    firm_id = await demand_home(db, actor, demand_id, verb="interest.write")
    happened_on = facts.get("happened_on") or today
    refuse(_faults(facts, happened_on, today))
    asset_id = facts["asset_id"]
    home = await asset.home(db, asset_id)
    if home is not None and home.is_public:
        require(actor, "interest.read", park_id=home.park_id, firm_id=firm_id)
    interest_id = new_id()
    async with write_for_firm(db, actor, "interest.write", firm_id, once=once) as act:
        if await demand.lock(act, demand_id) is None:
            raise NotFound("no_such")
        ranking = await interest.shown(act, demand_id, facts["ranking_id"], asset_id)
        if ranking is None:
            raise Invalid("unknown_reference", "ranking_id")
        was_shown = ranking["was_shown"]
        if home is None or not _may_name(actor, home, firm_id, was_shown=was_shown):
            raise Invalid("unknown_reference", "asset_id")
        if happened_on < ranking["day"]:
            raise Invalid("dates_reversed", "happened_on", other=ranking["day"])
        row = {**facts, "happened_on": happened_on, "was_shown": was_shown, "park_id": home.park_id, "firm_id": firm_id}
        await interest.insert(act, {**row, "demand_id": demand_id, "id": interest_id})
        details = {name: value for name, value in row.items() if name != "act"}
        act.did(f"interest.{facts['act']}", "demand", demand_id, **details)
        act.answer = Answer(
            await interest.document(act, interest_id), 201, location=f"/api/v1/demands/{demand_id}/interests"
        )
    return act.answer


def _may_name(actor: Actor, home: asset.AssetHome, firm_id: UUID, *, was_shown: bool) -> bool:
    """Whether the unit was shown or can be asked about, and for staff is of their park; else it is as if not there."""
    return (was_shown or home.is_public) and may(actor, "interest.read", park_id=home.park_id, firm_id=firm_id)


def _faults(facts: Mapping[str, Any], happened_on: date, today: date) -> list[Fault]:
    faults = value_faults(facts)
    reason = facts.get("refused_for")
    is_refusal = facts["act"] == InterestAct.refused
    if is_refusal and reason is None:
        faults.append(Fault("missing", "refused_for"))
    if not is_refusal and reason is not None:
        faults.append(Fault("refusals_alone", "refused_for"))
    if reason is not None and reason not in REASONS:
        faults.append(Fault("not_in_vocabulary", "refused_for", {"allowed": list(REASONS)}))
    if reason == OTHER and facts.get("note") is None:
        faults.append(Fault("missing", "note"))
    if happened_on > today:
        faults.append(Fault("in_the_future", "happened_on", {"today": today}))
    return faults


async def refusals(
    db: Database, actor: Actor, starts_on: date, ends_on: date, *, park_id: UUID | None
) -> dict[str, list[dict[str, Any]]]:
    """What units were refused for: the caller's own parks exactly, all others together and small counts hidden.

    Empty: an admin has every park for its own; a park with no refusal has no entry.
    """
    require(actor, "refusals.read")
    rows = await interest.refusals(db, starts_on, ends_on, park_id)
    own = [row for row in rows if actor.role is Role.admin or row["park_id"] in actor.park_ids]
    others: dict[str, list[Any]] = {}
    for row in rows:
        if row not in own:
            others.setdefault(row["refused_for"], []).append(row)
    return {
        "own": [
            {"park_id": str(row["park_id"]), "id": row["refused_for"], **{name: row[name] for name in _COUNTS}}
            for row in own
        ],
        "others": [
            {"id": reason, "refusals": sum(row["refusals"] for row in refused)}
            if sum(row["refusals"] for row in refused) >= FEWEST_SHOWN
            else {"id": reason, "refusals": None}
            for reason, refused in sorted(others.items())
        ],
    }


_COUNTS = ("refusals", "firms", "units")
