"""What counts, since when a unit is idle and how much a year can count, by definition from the raw tables.

Shares nothing with `outcomes/revival.py`: a checker beside the rule.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

#: $1 units in each of these.
UNITS = """
SELECT id, parent_id, is_leaf, kind, availability, idle_since, stated_idle_since, area_m2 FROM asset
WHERE root_id = ANY ($1)
"""
DEALS = """
SELECT o.id, o.path, o.firm_id, o.stage, o.revived_on, n.asset_id,
  (SELECT m.happened_on FROM milestone AS m
   WHERE m.outcome_id = o.id AND m.kind = 'construction_started' AND NOT m.is_reversed) AS started_on,
  least(o.recorded_at, (SELECT min(h.recorded_at) FROM history.outcome AS h WHERE h.id = o.id)) AS opened_at
FROM outcome AS o JOIN outcome_asset AS n ON n.outcome_id = o.id JOIN asset AS a ON a.id = n.asset_id
WHERE a.root_id = ANY ($1)
"""
USES = """
SELECT o.leaf_id, o.source_id, o.holder_id, lower(o.during) AS starts_on, upper(o.during) AS free_on,
  EXISTS (SELECT FROM tenancy AS t WHERE t.outcome_id = o.source_id AND o.source_kind = 'tenancy' AND NOT t.is_corrected
    AND t.left_on IS NULL AND t.renewed_from IS NULL AND upper(t.during) = upper(o.during)) AS is_unsaid,
  o.source_kind = 'tenancy' AS is_let, (SELECT d.path FROM outcome AS d WHERE d.id = o.source_id) AS path
FROM occupancy AS o JOIN asset AS a ON a.id = o.leaf_id
WHERE a.root_id = ANY ($1) AND o.claim = 'use' AND o.source_kind IN ('tenancy', 'own_use')
"""
REVIVALS = """
SELECT r.outcome_id, r.leaf_id, r.verdict, r.revived_from, r.revived_to, r.adds, r.stated_area,
  r.recorded_at <= r.closed_at OR r.reason IS NOT NULL AS is_in_order, r.basis::text AS basis
FROM revival AS r JOIN asset AS a ON a.id = r.leaf_id WHERE a.root_id = ANY ($1)
"""
FIRMS = "SELECT id, credit_code, parent_credit_code FROM firm"
AT_START = {"lease", "sublease", "sale"}
IDLE_DAYS = timedelta(days=30)


@dataclass
class District:
    """Rows as they are, of some trees."""

    units: dict[UUID, Any]
    deals: list[Any]
    uses: dict[UUID, list[Any]]
    revivals: dict[tuple[UUID, UUID], Any]
    firms: dict[UUID, Any]

    def leaves(self, unit_id: UUID) -> list[UUID]:
        """The leaves at or below a unit."""
        if self.units[unit_id]["is_leaf"]:
            return [unit_id]
        return [leaf for one in self.units.values() if one["parent_id"] == unit_id for leaf in self.leaves(one["id"])]

    def above(self, unit_id: UUID) -> list[Any]:
        unit = self.units[unit_id]
        return [unit, *([] if unit["parent_id"] is None else self.above(unit["parent_id"]))]


async def read(conn: asyncpg.Connection, roots: list[UUID]) -> District:
    uses: dict[UUID, list[Any]] = defaultdict(list)
    for row in await conn.fetch(USES, roots):
        uses[row["leaf_id"]].append(row)
    return District(
        {row["id"]: row for row in await conn.fetch(UNITS, roots)},
        list(await conn.fetch(DEALS, roots)),
        uses,
        {(row["outcome_id"], row["leaf_id"]): row for row in await conn.fetch(REVIVALS, roots)},
        {row["id"]: row for row in await conn.fetch(FIRMS)},
    )


def verdicts(known: District) -> dict[tuple[UUID, UUID], str]:
    """By deal and leaf what it is to the figure, the facts of the unit as they were when it was reached."""
    found: dict[tuple[UUID, UUID], str] = {}
    for leaf, unit in known.units.items():
        if not unit["is_leaf"]:
            continue
        names = [one["id"] for one in known.above(leaf)]
        reached = []
        for deal in known.deals:
            day, awaits = _day(deal, unit["kind"])
            if deal["asset_id"] in names and day is not None:
                reached.append((day, deal["opened_at"], awaits, deal))
        counted: list[date] = []
        for day, _, awaits, deal in sorted(reached, key=lambda one: one[:2]):
            found[deal["id"], leaf] = verdict = _verdict(known, unit, deal, day, counted, awaits=awaits)
            if verdict == "counted":
                counted.append(day)
    return found


def _day(deal: Any, kind: str) -> tuple[date | None, bool]:
    """The day a deal counts on, and whether something is still to be built."""
    if deal["stage"] in ("withdrawn", "rejected", "corrected"):
        return None, False
    if kind == "land" and deal["path"] in AT_START:
        return (deal["started_on"], False) if deal["started_on"] is not None else (deal["revived_on"], True)
    return deal["revived_on"], False


def _verdict(known: District, unit: Any, deal: Any, day: date, counted: list[date], *, awaits: bool) -> str:
    basis = json.loads(known.revivals[deal["id"], unit["id"]]["basis"])
    uses = [one for one in known.uses[unit["id"]] if one["source_id"] != deal["id"] and one["starts_on"] < day]
    users = [one for one in uses if one["path"] != "temporary_use"]
    last = max(users, key=lambda one: one["starts_on"], default=None)
    idle = _idle_days(uses, basis, deal["opened_at"], day, counted)
    if deal["path"] == "temporary_use":
        return "temporary_use"
    if unit["kind"] == "factory" and not uses:
        completed = basis["completed_on"]
        if idle is None if completed is None else day < _year_on(date.fromisoformat(completed)):
            return "first_letting"
    if last is not None and _group(known, last["holder_id"], deal["firm_id"]):
        is_owner = not last["is_let"] or str(deal["firm_id"]) in basis["title_holders"]
        if deal["path"] != "owner_restart" or not is_owner:
            return "renewal"
    if idle is None or idle < IDLE_DAYS:
        return "no_idle_period"
    if awaits:
        return "not_started"
    return "repeated" if day.year in {one.year for one in counted} else "counted"


def _idle_days(uses: list[Any], basis: Any, opened_at: datetime, day: date, counted: list[date]) -> timedelta | None:
    if any(one["is_unsaid"] or one["free_on"] is None or one["free_on"] > day for one in uses):
        return None
    starts = [one["free_on"] for one in uses if not counted or one["free_on"] > max(counted)]
    told = basis["stated_idle_since"]
    is_said = told is not None and (datetime.fromisoformat(basis["stated_at"]) <= opened_at or basis["stated_source"])
    if is_said and (starts or not counted):
        starts.append(date.fromisoformat(told))
    starts = [one for one in starts if one <= day]
    return day - max(starts) if starts else None


def _year_on(day: date) -> date:
    return day.replace(year=day.year + 1)


def _group(known: District, one: UUID, other: UUID) -> bool:
    """One firm, parent and child, or children of one parent."""
    if one == other:
        return True
    names = [
        {known.firms[firm]["credit_code"], known.firms[firm]["parent_credit_code"]} - {None} for firm in (one, other)
    ]
    return bool(names[0] & names[1])


def idle_since(known: District, leaf: UUID, today: date) -> date | None:
    """Since when nobody uses it; None: in use, to verify, revived and nothing ended since, or not known."""
    uses = known.uses[leaf]
    if any(
        one["starts_on"] <= today and (one["free_on"] is None or one["free_on"] > today or one["is_unsaid"])
        for one in uses
    ):
        return None
    counted = [
        row["revived_to"] for row in known.revivals.values() if row["leaf_id"] == leaf and row["verdict"] == "counted"
    ]
    starts = [
        one["free_on"] for one in uses if one["free_on"] <= today and (not counted or one["free_on"] > max(counted))
    ]
    told = next((one["stated_idle_since"] for one in known.above(leaf) if one["stated_idle_since"] is not None), None)
    if told is not None and told <= today and (starts or not counted):
        starts.append(told)
    return max(starts, default=None)


def most(known: District, year: int) -> Decimal:
    """The stated areas of the leaves that nobody used for thirty days before a deal of that year, in m².

    Of a whole of which that holds for every leaf, its own, if that is more.
    """
    free = set()
    for deal in known.deals:
        for leaf in known.leaves(deal["asset_id"]):
            day, _ = _day(deal, known.units[leaf]["kind"])
            if day is not None and day.year == year and _was_free(known, deal["id"], leaf, day):
                free.add(leaf)
    total = Decimal(0)
    for unit in known.units.values():
        if unit["parent_id"] is None:
            leaves = known.leaves(unit["id"])
            own = sum((known.units[leaf]["area_m2"] or Decimal(0) for leaf in leaves if leaf in free), Decimal(0))
            total += max(own, unit["area_m2"] or Decimal(0)) if free.issuperset(leaves) else own
    return total


def _was_free(known: District, deal: UUID, leaf: UUID, day: date) -> bool:
    return not any(
        one["source_id"] != deal
        and one["starts_on"] < day
        and (one["free_on"] is None or one["is_unsaid"] or one["free_on"] > day - IDLE_DAYS)
        for one in known.uses[leaf]
    )
