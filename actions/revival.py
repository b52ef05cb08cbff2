"""Judging what deals revive: every act that changes uses, days or stages has the leaves it touched judged in itself.

All verdicts on a leaf follow from its uses, the deals that reached a day to count on, and the facts of the unit as they
were when each reached it (`basis`): judged again, a verdict that nothing touched comes out as it stands, and is not
written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from actions import scheme
from domain.actor import SYSTEM
from domain.errors import Conflict
from domain.quantity import area_m2
from domain.words import RENTED_PATHS, AreaUnit, DatePrecision, Kind, Path
from outcomes import idle_clock, revival
from outcomes.checks import last_day
from outcomes.revival import Leaf, Party, Reached, RevivalVerdict, Rule, Span, Stated, Use
from store import asset
from store import revival as store
from store.db import Act, Database
from texts.lookup import side_by_side

SCHEME = "revival"
#: The version of verdicts from before there was a rule.
BEFORE_THE_RULE = "revival-0"
Row = dict[str, Any]
#: By deal and leaf: facts in place of those that a verdict rests on.
Corrections = Mapping[tuple[UUID, UUID], Mapping[str, Any]]


async def judge(
    act: Act,
    leaf_ids: Iterable[UUID],
    *,
    reason: str | None = None,
    by_outcome: UUID | None = None,
    corrected: Corrections | None = None,
) -> None:
    """Judges all deals on these leaves anew and writes what changed, each deal with its event.

    `by_outcome`: the deal the act itself moves; `corrected`: facts in place of those that verdicts rest on.

    Raises: Conflict (year_closed) where a closed year would change and no `reason` is given.
    """
    leaves = await store.touched_leaves(act, list(leaf_ids))
    outcomes = await store.outcomes(act, leaves)
    if not outcomes:
        return
    before = await store.judged(act, leaves)
    after = await _verdicts(act, leaves, outcomes, before, corrected or {})
    changed = [row for key, row in after.items() if key not in before or _differs(row, before[key])]
    if not changed:
        return
    await _assign_years(act, changed, before, reason)
    await store.put(act, changed)
    await _add_events(act, changed, by_outcome)


async def judge_what_counted_before(db: Database) -> int:
    """Judges once what counted before there was a rule; how many parks that took. Done again it does nothing."""
    parks = await store.not_judged(db)
    for park_id, leaf_ids in parks:
        async with db.write(SYSTEM, park_id) as act:
            await asset.lock(act, leaf_ids)
            await judge(act, leaf_ids, reason=side_by_side("sources", "source", "rule_of_counting"))
            act.did("park.revivals_judged", "park", park_id, leaves=len(leaf_ids))
    return len(parks)


@dataclass
class _Known:
    """What is known of the leaves, by leaf, and the versions of the rule, each read once."""

    facts: Mapping[UUID, Any]
    uses: Mapping[UUID, Sequence[tuple[UUID, Use]]]
    with_building: set[tuple[UUID, UUID]]
    corrected: Corrections
    rules: dict[str, Rule] = field(default_factory=dict)


async def _verdicts(
    act: Act,
    leaves: Sequence[UUID],
    outcomes: Sequence[Any],
    before: Mapping[tuple[UUID, UUID], Row],
    corrected: Corrections,
) -> dict[tuple[UUID, UUID], Row]:
    """The verdict on every leaf of every deal, as rows."""
    land = [
        (row["outcome_id"], row["leaf_id"], row["revived_on"])
        for row in outcomes
        if row["kind"] == Kind.land and row["revived_on"] is not None
    ]
    known = _Known(
        await store.facts(act, leaves),
        _by_leaf(await store.uses(act, leaves)),
        await store.with_unused_building(act, land) if land else set(),
        corrected,
    )
    current = str((await scheme.in_force(act, SCHEME))["version"])
    for version in {current, *(row["version"] for row in before.values())} - {BEFORE_THE_RULE}:
        known.rules[version] = revival.rule(await scheme.of_version(act, SCHEME, version))
    rows: dict[tuple[UUID, UUID], Row] = {}
    by_leaf = {leaf_id: [outcome for outcome in outcomes if outcome["leaf_id"] == leaf_id] for leaf_id in leaves}
    # Parts registered later come last: they are judged as their siblings are. What became one comes before that one.
    for leaf_id in sorted(
        leaves,
        key=lambda leaf: (
            any(_sibling(leaf, outcome, before) for outcome in by_leaf[leaf]),
            known.facts[leaf]["merged_on"] or date.min,
        ),
    ):
        for row in _judged_in_order(leaf_id, by_leaf[leaf_id], known, before, current, rows):
            rows[row["outcome_id"], leaf_id] = row | {"park_id": act.scope_id}
    _share_areas(rows, outcomes)
    return rows


def _by_leaf(uses: Sequence[Any]) -> dict[UUID, list[tuple[UUID, Use]]]:
    """Per leaf the deal behind each use, and the use."""
    uses_by_leaf: dict[UUID, list[tuple[UUID, Use]]] = defaultdict(list)
    for row in uses:
        party = Party(row["holder_id"], row["credit_code"], row["parent_credit_code"])
        uses_by_leaf[row["leaf_id"]].append((row["outcome_id"], _use(party, row)))
    return uses_by_leaf


def _use(party: Party, row: Any) -> Use:
    is_temporary = row["path"] == Path.temporary_use
    return Use(party, row["starts_on"], row["free_on"], row["recorded_at"], row["is_let"], is_temporary)


@dataclass(frozen=True)
class _Candidate:
    """One deal on one leaf with the days it counts on, what it rests on, and the version that judges it."""

    outcome: Any
    days: Span
    awaits_start: bool
    basis: dict[str, Any]
    version: str
    row: Row | None = None


def _sibling(leaf_id: UUID, outcome: Any, before: Mapping[tuple[UUID, UUID], Row]) -> UUID | None:
    """The leaf as which one is judged that was registered below the unit of a deal when that was judged already.

    Where its siblings differ, one that does not count.
    """
    was = before.get((outcome["outcome_id"], leaf_id))
    if was is not None:
        named = was["basis"].get("judged_as")
        return None if named is None else UUID(named)
    rows = [
        (row["verdict"] == RevivalVerdict.counted, str(other_id), other_id)
        for (outcome_id, other_id), row in before.items()
        if outcome_id == outcome["outcome_id"]
        and str(row["asset_id"]) == str(outcome["asset_id"])
        and row["verdict"] != RevivalVerdict.corrected
        and "judged_as" not in row["basis"]
    ]
    return min(rows)[2] if rows else None


def _judged_as(outcome: Any, leaf_id: UUID, sibling: UUID, row: Row, known: _Known, was: Row | None) -> _Candidate:
    """What a leaf is of a deal by the verdict on its sibling."""
    basis = dict(was["basis"]) if was is not None else {**_basis(known.facts[leaf_id]), "judged_as": str(sibling)}
    days = Span(row["revived_from"], row["revived_to"])
    return _Candidate(outcome, days, False, basis, row["version"], {**row, "leaf_id": leaf_id, "basis": basis})


def _judged_in_order(
    leaf_id: UUID,
    outcomes: Sequence[Any],
    known: _Known,
    before: Mapping[tuple[UUID, UUID], Row],
    current: str,
    others: Mapping[tuple[UUID, UUID], Row],
) -> list[Row]:
    """The verdicts on one leaf, the earliest revival first, since a counted one decides those after it."""
    rows, candidates = [], []
    for outcome in outcomes:
        was = before.get((outcome["outcome_id"], leaf_id))
        sibling = _sibling(leaf_id, outcome, before)
        as_sibling = None if sibling is None else others.get((outcome["outcome_id"], sibling))
        candidate: _Candidate | None = None
        if sibling is not None and as_sibling is not None and as_sibling["verdict"] != RevivalVerdict.corrected:
            if not _was_there(known.facts[leaf_id], as_sibling["revived_from"]):
                continue
            candidate = _judged_as(outcome, leaf_id, sibling, as_sibling, known, was)
        elif not outcome["is_given_up"]:
            candidate = _candidate(leaf_id, outcome, known, was, current)
        if candidate is not None:
            candidates.append(candidate)
        elif was is not None:
            named = {name: outcome[name] for name in ("outcome_id", "leaf_id", "asset_id")}
            rows.append({**was, **named, "verdict": RevivalVerdict.corrected.value, "clause": "-"})
    counted: list[Span] = []
    is_started = False
    for entry in sorted(candidates, key=lambda entry: (entry.days.first, entry.days.last, entry.outcome["opened_at"])):
        if is_started:  # Order 53 makes idle anew only land on which nothing was started
            entry.basis["legally_idle_from"] = None
        row = entry.row or _judged(leaf_id, entry, known, counted, others)
        if row["verdict"] == RevivalVerdict.counted:
            counted.append(entry.days)
            is_started = is_started or entry.outcome["started_on"] is not None
        rows.append(row)
    return rows


def _candidate(leaf_id: UUID, outcome: Any, known: _Known, was: Row | None, current: str) -> _Candidate | None:
    """The days a deal counts on for a leaf; None where it has not reached any."""
    is_judged = was is not None and was["version"] != BEFORE_THE_RULE
    version = was["version"] if was is not None and is_judged else current
    revived = _span(outcome["revived_on"], outcome["revived_on_precision"])
    facts = known.facts[leaf_id]
    basis = dict(was["basis"]) if was is not None and is_judged else _basis(facts)
    basis.update(known.corrected.get((outcome["outcome_id"], leaf_id), {}))
    if revived is not None and "is_developed" not in basis:
        share = known.rules[version].invested_share_min
        has_building = (outcome["outcome_id"], leaf_id) in known.with_building
        basis["is_developed"] = has_building or _is_invested(facts, share)
    if basis.get("started_on") is None:
        basis["started_on"] = _recorded_start(facts, outcome["opened_on"])
    stated = _span(outcome["started_on"], outcome["started_on_precision"])
    started = stated if stated is not None else _span(_day(basis["started_on"]), None)
    path, is_developed = Path(outcome["path"]), bool(basis.get("is_developed"))
    days = revival.counted_days(Kind(outcome["kind"]), path, revived, started, is_developed=is_developed)
    if days is None:
        return None
    span, awaits_start = days
    if outcome["asset_id"] != leaf_id and not _was_there(facts, span.first):
        return None
    if basis.get("awaits_start") and not awaits_start:  # only now is the revival reached
        version = current
        basis.update(_stated_meanwhile(facts, basis))
    basis["awaits_start"] = awaits_start
    return _Candidate(outcome, span, awaits_start, basis, version)


def _was_there(facts: Any, day: date) -> bool:
    """Whether a leaf was a unit on a day: it came of no merge later, and had gone into none yet."""
    return (facts["merged_on"] is None or facts["merged_on"] <= day) and (
        facts["retired_on"] is None or day < facts["retired_on"]
    )


def _judged(
    leaf_id: UUID,
    candidate: _Candidate,
    known: _Known,
    counted: Sequence[Span],
    others: Mapping[tuple[UUID, UUID], Row],
) -> Row:
    """The row of one verdict; areas are shared out afterwards."""
    outcome = candidate.outcome
    parties = _parties(candidate.basis)
    on_leaf = known.uses.get(leaf_id, ())

    def uses_on(*leaves: UUID) -> list[Use]:
        return [
            replace(use, party=parties.get(use.party.firm_id, use.party))
            for leaf in leaves
            for outcome_id, use in known.uses.get(leaf, ())
            if outcome_id != outcome["outcome_id"]
        ]

    own = Party(outcome["firm_id"], outcome["credit_code"], outcome["parent_credit_code"])
    own = parties.get(own.firm_id, own)
    is_let = outcome["path"] in RENTED_PATHS
    term = [use.starts_on for outcome_id, use in on_leaf if is_let and outcome_id == outcome["outcome_id"]]
    not_before = max([outcome["opened_on"], *term])
    reached = Reached(
        Path(outcome["path"]), own, outcome["opened_at"], candidate.days, candidate.awaits_start, not_before
    )
    kind, rule = Kind(outcome["kind"]), known.rules[candidate.version]
    judgements = [
        revival.judge(
            _leaf(kind, candidate.basis, uses_on(leaf_id, *parts)), reached, rule, [*counted, *_counted(parts, others)]
        )
        for parts in _pieces(leaf_id, known)
    ]
    # What others became counts only where it would as each of them, else by the first clause that holds of one; it is
    # idle since the last of them is.
    judgement = min(judgements, key=_clause_then_latest)
    uses = uses_on(leaf_id, *known.facts[leaf_id]["previously_part_of"])
    judged_parties = {own, *(use.party for use in uses if use.party.firm_id == judgement.last_user)}
    idle = judgement.idle
    return {
        "outcome_id": outcome["outcome_id"],
        "leaf_id": leaf_id,
        "asset_id": outcome["asset_id"],
        "kind": outcome["kind"],
        "path": outcome["path"],
        "revived_from": candidate.days.first,
        "revived_to": candidate.days.last,
        "year": candidate.days.first.year,
        "verdict": judgement.verdict.value,
        "clause": judgement.clause,
        "version": candidate.version,
        "idle_since": None if idle is None else idle.since,
        "idle_ground": None if idle is None else idle.ground,
        "idle_source": None if idle is None else idle.source,
        "is_idle_told_afterwards": idle is not None and idle.is_recorded_afterwards,
        "firm_before_id": judgement.last_user,
        "firm_after_id": outcome["firm_id"],
        "basis": {
            **candidate.basis,
            "parties": {str(party.firm_id): [party.credit_code, party.parent_credit_code] for party in judged_parties},
        },
    }


def _pieces(leaf_id: UUID, known: _Known) -> list[list[UUID]]:
    """Of each piece of ground that went into a leaf, the units it was before, one after the other."""
    before = {part: known.facts[part]["previously_part_of"] for part in known.facts[leaf_id]["previously_part_of"]}
    pieces = [
        [first, *(part for part in before if first in before[part])] for first, earlier in before.items() if not earlier
    ]
    return pieces or [[]]


def _counted(leaf_ids: Sequence[UUID], rows: Mapping[tuple[UUID, UUID], Row]) -> list[Span]:
    """The days of the counted revivals of leaves that are judged already."""
    return [
        Span(row["revived_from"], row["revived_to"])
        for (_, leaf_id), row in rows.items()
        if leaf_id in leaf_ids and row["verdict"] == RevivalVerdict.counted
    ]


def _clause_then_latest(judgement: revival.Judgement) -> tuple[str, int]:
    return judgement.clause, 0 if judgement.idle is None else -judgement.idle.since.toordinal()


def _parties(basis: Mapping[str, Any]) -> dict[UUID, Party]:
    """The firms a verdict looked at, in the groups they were in then: a firm may change what it says of itself."""
    return {UUID(firm_id): Party(UUID(firm_id), *codes) for firm_id, codes in basis.get("parties", {}).items()}


def _basis(facts: Any) -> dict[str, Any]:
    """What a verdict rests on beside uses and deals, as JSON; it is kept with it."""
    development = _development(facts)
    legally = None if development is None else idle_clock.legally_idle_from(development)
    return {
        **_stated(facts),
        "stated_area": _text(facts["stated_area"]),
        "stated_area_unit": facts["stated_area_unit"],
        "is_illustrative": facts["is_illustrative"],
        "completed_on": _text(facts["completed_on"]),
        "completed_on_precision": facts["completed_on_precision"],
        "stopped_on": None if development is None else _text(development.stopped_on),
        "legally_idle_from": _text(legally),
        "title_holders": [str(party) for party in facts["title_holders"] or ()],
    }


def _stated(facts: Any) -> dict[str, Any]:
    """The idle period as it is entered for a unit, since when, and where from."""
    return {
        "stated_idle_since": _text(facts["stated_idle_since"]),
        "stated_idle_since_precision": facts["stated_idle_since_precision"],
        "idle_basis": facts["idle_basis"],
        "stated_at": _text(facts["stated_at"]) if facts["stated_idle_since"] is not None else None,
        "stated_source": facts["stated_idle_since_source"],
    }


def _stated_meanwhile(facts: Any, basis: Mapping[str, Any]) -> dict[str, Any]:
    """The idle period entered between title and the start of construction; one that was corrected stands."""
    is_stated = facts["stated_idle_since"] is not None and not basis.get("is_idle_corrected")
    return _stated(facts) if is_stated else {}


def _leaf(kind: Kind, basis: Mapping[str, Any], uses: Sequence[Use]) -> Leaf:
    since = _span(_day(basis["stated_idle_since"]), basis["stated_idle_since_precision"])
    stated = None
    if since is not None and basis["idle_basis"] is not None:
        stated_at = datetime.fromisoformat(basis["stated_at"])
        stated = Stated(since, basis["idle_basis"], stated_at, basis["stated_source"])
    completed = _span(_day(basis["completed_on"]), basis["completed_on_precision"])
    stopped_on, legally = _day(basis["stopped_on"]), _day(basis["legally_idle_from"])
    holders = frozenset(UUID(party) for party in basis.get("title_holders", ()))
    return Leaf(kind, uses, stated, completed, stopped_on, legally, holders)


def _development(facts: Any) -> idle_clock.Development | None:
    return None if facts["development"] is None else idle_clock.development(json.loads(facts["development"]))


def _is_invested(facts: Any, least: float) -> bool:
    """Whether at least that share of the investment agreed is made; what is not known is not."""
    known = _development(facts)
    if known is None or known.invested_yuan is None or not known.planned_investment_yuan:
        return False
    return float(known.invested_yuan / known.planned_investment_yuan) >= least


def _recorded_start(facts: Any, opened_on: date) -> str | None:
    """The day the development record says construction started, where that was after the deal was opened."""
    known = _development(facts)
    if known is None or known.started_on is None or known.started_on < opened_on:
        return None
    return _text(known.started_on)


def _share_areas(rows: Mapping[tuple[UUID, UUID], Row], outcomes: Sequence[Any]) -> None:
    """A whole whose leaves have one verdict adds its own stated area, by one of them; else each leaf adds its own.

    What is corrected adds nothing, and keeps the area it had.
    """
    rows_by_asset: dict[tuple[UUID, UUID], list[tuple[Row, Any]]] = defaultdict(list)
    for outcome in outcomes:
        row = rows.get((outcome["outcome_id"], outcome["leaf_id"]))
        if row is not None and row["verdict"] == RevivalVerdict.corrected:
            row["adds"] = False
        elif row is not None:
            rows_by_asset[outcome["outcome_id"], outcome["asset_id"]].append((row, outcome))
    for (_, asset_id), leaves in rows_by_asset.items():
        leaves.sort(key=lambda pair: str(pair[0]["leaf_id"]))
        is_whole = len({(row["verdict"], row["revived_from"], row["revived_to"]) for row, _ in leaves}) == 1
        for n, (row, outcome) in enumerate(leaves):
            area = outcome if is_whole or row["leaf_id"] == asset_id else row["basis"]
            row["counted_as"] = asset_id if is_whole else row["leaf_id"]
            row["adds"] = n == 0 or not is_whole
            row["stated_area"] = None if area["stated_area"] is None else Decimal(area["stated_area"])
            row["stated_area_unit"] = area["stated_area_unit"]
            row["is_illustrative"] = area["is_illustrative"]
        if not is_whole and leaves[0][1]["is_part"]:
            _share_part(leaves)


def _share_part(leaves: Sequence[tuple[Row, Any]]) -> None:
    """Of a part that was agreed of a whole each leaf adds as much as it has of the whole; unknown, where one is."""
    part_m2 = Decimal(leaves[0][1]["stated_area"])
    held = [
        None if row["stated_area"] is None else area_m2(Decimal(row["stated_area"]), AreaUnit(row["stated_area_unit"]))
        for row, _ in leaves
    ]
    known = [area for area in held if area is not None]
    for (row, _), own_m2 in zip(leaves, held, strict=True):
        if own_m2 is None or len(known) < len(held):
            row["stated_area"] = row["stated_area_unit"] = None
        else:
            row["stated_area"] = round(part_m2 * own_m2 / sum(known), 6)
            row["stated_area_unit"] = AreaUnit.m2.value


def _differs(row: Row, was: Row) -> bool:
    """Whether a verdict is another than the one stored."""
    return any(_comparable(value) != _comparable(was[name]) for name, value in row.items())


async def _assign_years(
    act: Act, changed: Sequence[Row], before: Mapping[tuple[UUID, UUID], Row], reason: str | None
) -> None:
    """Sets each row's year as open or closed; what changes a closed one, or takes something out of it, has the reason.

    Raises: Conflict (year_closed), naming `reason`, where there is none, or where the year was closed just now.
    """
    touched: dict[int, list[Row]] = defaultdict(list)
    for row in changed:
        was = before.get((row["outcome_id"], row["leaf_id"]))
        years = {row["year"]}
        if was is not None and was["verdict"] == RevivalVerdict.counted:
            years.add(was["year"])
        for year in years:
            touched[year].append(row)
        row["closed_at"], row["reason"] = "infinity", None if was is None else was["reason"]
    closed = await store.closings(act, sorted(touched))
    assert act.at is not None, "verdicts are given after the locks"
    for year, when in sorted(closed.items()):
        if reason is None or when >= act.at:
            raise Conflict("year_closed", "reason", year=year)
        outcomes = sorted({str(row["outcome_id"]) for row in touched[year]})
        act.did("park.closed_year_changed", "park", act.scope_id, year=year, reason=reason, outcome_ids=outcomes)
        for row in touched[year]:
            row["reason"] = reason
            if row["year"] == year:
                row["closed_at"] = when


async def _add_events(act: Act, changed: Sequence[Row], by_outcome: UUID | None) -> None:
    """One event a deal; a deal that the act does not move itself gets a new revision."""
    rows_by_outcome: dict[UUID, list[Row]] = defaultdict(list)
    for row in changed:
        rows_by_outcome[UUID(str(row["outcome_id"]))].append(row)
    for outcome_id, rows in rows_by_outcome.items():
        verdicts = [
            {name: row[name] for name in ("leaf_id", "verdict", "clause", "version", "revived_from", "revived_to")}
            for row in rows
        ]
        act.did("outcome.judged", "outcome", outcome_id, verdicts=verdicts)
    others = [outcome_id for outcome_id in rows_by_outcome if outcome_id != by_outcome]
    if others:
        await store.touch_outcomes(act, others)


def _span(day: date | None, precision: str | None) -> Span | None:
    """The days that a stored date can mean."""
    return None if day is None else Span(day, last_day(day, DatePrecision(precision or DatePrecision.day)))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _comparable(value: object) -> object:
    """A value as it compares with its stored form: numbers and lists as they are, ids and days as text."""
    return str(value) if isinstance(value, UUID | date) else value
