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
OUTCOMES = """
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
    outcomes: list[Any]
    uses: dict[UUID, list[Any]]
    revivals: dict[tuple[UUID, UUID], Any]
    firms: dict[UUID, Any]

    def leaves(self, unit_id: UUID) -> list[UUID]:
        """The leaves at or below a unit."""
        if self.units[unit_id]["is_leaf"]:
            return [unit_id]
        return [
            leaf for unit in self.units.values() if unit["parent_id"] == unit_id for leaf in self.leaves(unit["id"])
        ]

    def above(self, unit_id: UUID) -> list[Any]:
        unit = self.units[unit_id]
        return [unit, *([] if unit["parent_id"] is None else self.above(unit["parent_id"]))]


async def read(conn: asyncpg.Connection, roots: list[UUID]) -> District:
    uses: dict[UUID, list[Any]] = defaultdict(list)
    for row in await conn.fetch(USES, roots):
        uses[row["leaf_id"]].append(row)
    return District(
        {row["id"]: row for row in await conn.fetch(UNITS, roots)},
        list(await conn.fetch(OUTCOMES, roots)),
        uses,
        {(row["outcome_id"], row["leaf_id"]): row for row in await conn.fetch(REVIVALS, roots)},
        {row["id"]: row for row in await conn.fetch(FIRMS)},
    )


def verdicts(known: District) -> dict[tuple[UUID, UUID], str]:
    """By deal and leaf what it is to the figure, the facts of the unit as they were when it was reached."""
    results: dict[tuple[UUID, UUID], str] = {}
    for leaf, unit in known.units.items():
        if not unit["is_leaf"]:
            continue
        names = [item["id"] for item in known.above(leaf)]
        reached = []
        for outcome in known.outcomes:
            day, awaits = _day(outcome, unit["kind"])
            if outcome["asset_id"] in names and day is not None:
                reached.append((day, outcome["opened_at"], awaits, outcome))
        counted: list[date] = []
        for day, _, awaits, outcome in sorted(reached, key=lambda row: row[:2]):
            results[outcome["id"], leaf] = verdict = _verdict(known, unit, outcome, day, counted, awaits=awaits)
            if verdict == "counted":
                counted.append(day)
    return results


def _day(outcome: Any, kind: str) -> tuple[date | None, bool]:
    """The day a deal counts on, and whether something is still to be built."""
    if outcome["stage"] in ("withdrawn", "rejected", "corrected"):
        return None, False
    if kind == "land" and outcome["path"] in AT_START:
        return (outcome["started_on"], False) if outcome["started_on"] is not None else (outcome["revived_on"], True)
    return outcome["revived_on"], False


def _verdict(known: District, unit: Any, outcome: Any, day: date, counted: list[date], *, awaits: bool) -> str:
    basis = json.loads(known.revivals[outcome["id"], unit["id"]]["basis"])
    uses = [use for use in known.uses[unit["id"]] if use["source_id"] != outcome["id"] and use["starts_on"] < day]
    users = [use for use in uses if use["path"] != "temporary_use"]
    last = max(users, key=lambda user: user["starts_on"], default=None)
    idle = _idle_days(uses, basis, outcome["opened_at"], day, counted)
    if outcome["path"] == "temporary_use":
        return "temporary_use"
    if unit["kind"] == "factory" and not uses:
        completed = basis["completed_on"]
        if idle is None if completed is None else day < _year_on(date.fromisoformat(completed)):
            return "first_letting"
    if last is not None and _group(known, last["holder_id"], outcome["firm_id"]):
        is_owner = not last["is_let"] or str(outcome["firm_id"]) in basis["title_holders"]
        if outcome["path"] != "owner_restart" or not is_owner:
            return "renewal"
    if idle is None or idle < IDLE_DAYS:
        return "no_idle_period"
    if awaits:
        return "not_started"
    return "repeated" if day.year in {item.year for item in counted} else "counted"


def _idle_days(uses: list[Any], basis: Any, opened_at: datetime, day: date, counted: list[date]) -> timedelta | None:
    if any(use["is_unsaid"] or use["free_on"] is None or use["free_on"] > day for use in uses):
        return None
    starts = [use["free_on"] for use in uses if not counted or use["free_on"] > max(counted)]
    stated_idle_since = basis["stated_idle_since"]
    is_stated = stated_idle_since is not None and (
        datetime.fromisoformat(basis["stated_at"]) <= opened_at or basis["stated_source"]
    )
    if is_stated and (starts or not counted):
        starts.append(date.fromisoformat(stated_idle_since))
    starts = [start for start in starts if start <= day]
    return day - max(starts) if starts else None


def _year_on(day: date) -> date:
    return day.replace(year=day.year + 1)


def _group(known: District, first: UUID, other: UUID) -> bool:
    """One firm, parent and child, or children of one parent."""
    if first == other:
        return True
    names = [
        {known.firms[firm]["credit_code"], known.firms[firm]["parent_credit_code"]} - {None} for firm in (first, other)
    ]
    return bool(names[0] & names[1])


def idle_since(known: District, leaf: UUID, today: date) -> date | None:
    """Since when nobody uses it; None: in use, to verify, revived and nothing ended since, or not known."""
    uses = known.uses[leaf]
    if any(
        use["starts_on"] <= today and (use["free_on"] is None or use["free_on"] > today or use["is_unsaid"])
        for use in uses
    ):
        return None
    counted = [
        row["revived_to"] for row in known.revivals.values() if row["leaf_id"] == leaf and row["verdict"] == "counted"
    ]
    starts = [
        use["free_on"] for use in uses if use["free_on"] <= today and (not counted or use["free_on"] > max(counted))
    ]
    facts = next(
        (item["stated_idle_since"] for item in known.above(leaf) if item["stated_idle_since"] is not None), None
    )
    if facts is not None and facts <= today and (starts or not counted):
        starts.append(facts)
    return max(starts, default=None)


def most(known: District, year: int) -> Decimal:
    """The stated areas of the leaves that nobody used for thirty days before a deal of that year, in m².

    Of a whole of which that holds for every leaf, its own, if that is more.
    """
    free = set()
    for outcome in known.outcomes:
        for leaf in known.leaves(outcome["asset_id"]):
            day, _ = _day(outcome, known.units[leaf]["kind"])
            if day is not None and day.year == year and _was_free(known, outcome["id"], leaf, day):
                free.add(leaf)
    total = Decimal(0)
    for unit in known.units.values():
        if unit["parent_id"] is None:
            leaves = known.leaves(unit["id"])
            own = sum((known.units[leaf]["area_m2"] or Decimal(0) for leaf in leaves if leaf in free), Decimal(0))
            total += max(own, unit["area_m2"] or Decimal(0)) if free.issuperset(leaves) else own
    return total


def _was_free(known: District, outcome_id: UUID, leaf: UUID, day: date) -> bool:
    return not any(
        use["source_id"] != outcome_id
        and use["starts_on"] < day
        and (use["free_on"] is None or use["is_unsaid"] or use["free_on"] > day - IDLE_DAYS)
        for use in known.uses[leaf]
    )
