"""What the law asks before an act: refusals where the act would not stand, notes where it stands and costs.

The numbers and the articles are data, `law` of a path (`stages.Route.law`); version 1 of the paths knows none but how
long land may be used temporarily. Each rule stands in docs/decisions/0010-law-before-the-act.md with what a lawyer is
to look at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.errors import Conflict, Fault, Invalid
from domain.words import Evidence, Kind, LandRight
from outcomes.checks import years_after

Law = Mapping[str, Mapping[str, Any]]
#: Notes on the notice to tenants, made anew by every act on a deal.
TENANT_NOTES = frozenset({"tenant_not_notified", "tenant_notified_late", "tenant_exercises"})


def term(
    starts_on: date, ends_on: date | None, law: Law, *, land_ends_on: date | None, head_ends_on: date | None = None
) -> None:
    """Raises Invalid for a lease longer than the law lets it be, or running on after the land or the head lease ends.

    An open-ended lease ends by notice and is never too long; it begins while the land's right lasts.
    Source: Civil Code 705, 717, 730.
    """
    last = starts_on if ends_on is None else ends_on
    if "term" in law:
        years = law["term"]["longest_years"]
        latest = years_after(starts_on, years)
        if last > latest:
            raise Invalid("too_long", "ends_on", years=years, latest=latest, article=law["term"]["article"])
    ends = {"land_end": ("beyond_the_land", land_ends_on), "head_lease": ("beyond_the_head_lease", head_ends_on)}
    for name, (code, limit) in ends.items():
        if name in law and limit is not None and last > limit:
            raise Invalid(code, "ends_on", latest=limit, article=law[name]["article"])


def investment(assets: Iterable[Mapping[str, Any]], law: Law, *, evidence: Evidence) -> list[str]:
    """What is to be noted of a transfer of granted land; the codes of the notes.

    A completed building is its investment made: it passes whatever figures anybody entered, and so does land of unknown
    figures that one stands on. A registered title of a building shows that it was completed. Land whose right nobody
    stated is noted, not refused.
    Raises: Conflict where less than the share asked for is invested, or where on a live transfer nobody knows.
    Source: Urban Real Estate Administration Law 39.
    """
    if "invested" not in law:
        return []
    least, article = Decimal(law["invested"]["least"]), law["invested"]["article"]
    notes = []
    for n, asset in enumerate(assets):
        right, share = asset["land_right"], asset["invested_share"]
        if right not in (None, LandRight.granted) or (
            asset["is_built"] and (share is None or asset["kind"] != Kind.land)
        ):
            continue
        if share is not None and share >= least:
            continue
        if right is None and (share is not None or evidence is Evidence.stated):
            notes.append("land_right_unknown")
        elif share is not None:
            raise Conflict("invested_too_little", f"asset_ids.{n}", share=f"{share:.1%}", article=article)
        elif evidence is Evidence.stated:
            raise Conflict("invested_unknown", f"asset_ids.{n}", article=article)
        else:
            notes.append("invested_share_unknown")
    return list(dict.fromkeys(notes))


def notices(tenants: Sequence[Mapping[str, Any]], sitting: Collection[UUID], notified_on: date, today: date) -> None:
    """Raises Invalid for a notice to a firm that is no tenant, one named twice, an answer without day or before it."""
    faults, seen = [], set()
    for n, tenant in enumerate(tenants):
        at, answered_on = f"tenants.{n}", tenant.get("answered_on")
        if tenant["firm_id"] not in sitting:
            faults.append(Fault("not_a_tenant", f"{at}.firm_id"))
        if tenant["firm_id"] in seen:
            faults.append(Fault("listed_twice", f"{at}.firm_id"))
        seen.add(tenant["firm_id"])
        if answered_on is not None and tenant.get("answer") is None:
            faults.append(Fault("goes_together", f"{at}.answered_on", {"other": "answer"}))
        if answered_on is not None and answered_on < notified_on:
            faults.append(Fault("dates_reversed", f"{at}.answered_on", {"other": notified_on}))
        if answered_on is not None and answered_on > today:
            faults.append(Fault("in_the_future", f"{at}.answered_on", {"today": today}))
    if faults:
        raise Invalid.of(faults)


def tenant_notes(
    sitting: Collection[UUID], answers: Mapping[UUID, str | None], notified_on: date | None, *, by: date, days: int
) -> list[str]:
    """What is to be noted of a sale while let: a tenant not notified, notified too late, or wanting to buy.

    `by`: the day of the contract or the auction. Who has waived needs no days. The sale stands all the same.
    Source: Civil Code 725–728.
    """
    notes = []
    if any(firm not in answers for firm in sitting):
        notes.append("tenant_not_notified")
    open_answers = [answers[firm] for firm in sitting if firm in answers and answers[firm] != "waived"]
    if "exercised" in open_answers:
        notes.append("tenant_exercises")
    is_late = notified_on is not None and notified_on + timedelta(days=days) > by
    if is_late and any(answer != "exercised" for answer in open_answers):
        notes.append("tenant_notified_late")
    return notes
