"""The rules of law on the units of a deal: `outcomes/law.py` judges, here is read what it looks at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import Invalid
from domain.words import DatePrecision, Path
from outcomes import law
from outcomes.checks import last_day
from outcomes.stages import Route, Stage
from store import claim, outcome
from store import law as law_store
from store.db import Act

Note = dict[str, str]


async def check_term(
    act: Act, route: Route, asset_ids: Sequence[UUID], starts_on: date, ends_on: date | None, lessor: UUID | None
) -> None:
    """Raises Invalid for days of a lease that the law does not let be; `lessor` is the tenant who lets on."""
    if ends_on is None and route.path is Path.temporary_use:
        raise Invalid("missing", "ends_on")
    land_ends_on = await law_store.land_ends_on(act, asset_ids) if "land_end" in route.law else None
    head_ends_on = None
    if "head_lease" in route.law and lessor is not None:
        head_ends_on = await law_store.head_lease_ends_on(act, asset_ids, lessor, starts_on)
    law.term(starts_on, ends_on, route.law, land_ends_on=land_ends_on, head_ends_on=head_ends_on)


async def sitting_tenants(act: Act, outcome_id: UUID, on: date, taker: UUID) -> list[UUID]:
    """The tenants of buildings that a deal takes, on a day."""
    return await law_store.tenants(act, await claim.leaves(act, outcome_id), on, taker)


def note(route: Route, rule: str, code: str) -> Note:
    """A note as the deal keeps it."""
    return {"code": code, "article": route.law[rule]["article"]}


async def notes(act: Act, route: Route, row: Any, new: Sequence[Note]) -> list[Note]:
    """The notes of a deal after an act: those it had, new ones, and how its sitting tenants were notified."""
    kept = [entry for entry in json.loads(row["notes"]) if entry["code"] not in law.TENANT_NOTES]
    standing = [*kept, *(entry for entry in new if entry not in kept)]
    rule = route.law.get("tenant_notice")
    if rule is None:
        return standing
    reached = {milestone["kind"]: milestone for milestone in await outcome.milestones(act, row["id"])}
    contracted, notice = reached.get(rule["before"]), reached.get(Stage.tenant_notified)
    if contracted is None or (by := contracted["happened_on"]) is None:
        return standing
    tenants = [] if notice is None else json.loads(notice["facts"]).get("tenants", [])
    codes = law.tenant_notes(
        await sitting_tenants(act, row["id"], by, row["firm_id"]),
        {UUID(tenant["firm_id"]): tenant.get("answer") for tenant in tenants},
        None if notice is None else last_day(notice["happened_on"], DatePrecision(notice["happened_on_precision"])),
        by=by,
        days=rule["days"],
    )
    return [*standing, *(note(route, "tenant_notice", code) for code in codes)]
