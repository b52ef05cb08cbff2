"""What counts as revived: the clauses by which a reached deal is judged, leaf by leaf, in the order they are judged.

`judge` asks the clauses of `CLAUSES` one after the other; the first that holds gives the verdict. The figure is what is
`counted`; every other verdict stands on a line of its own beside it. The numbers the clauses compare with are versioned
data (scheme `revival`). A date that is known to a month or a year is taken as the span of days it can mean: idle days
run from the last possible start to the first possible day of the revival.
Source: `docs/counting.md`, whose table of cases a test runs; DESIGN §4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.words import Kind, Path


class RevivalVerdict(StrEnum):
    """Whether a revival of one leaf counts in the figure, or why not; all but `counted` are reported beside it."""

    counted = "counted"
    temporary_use = "temporary_use"
    first_letting = "first_letting"
    renewal = "renewal"
    no_idle_period = "no_idle_period"
    not_started = "not_started"
    repeated = "repeated"
    corrected = "corrected"


class IdleGround(StrEnum):
    """Why an idle period began: from its record, or from what the register shows to have ended."""

    use_ended = "use_ended"
    construction_stopped = "construction_stopped"
    order_53 = "order_53"


#: Paths by which bare land changes hands: what counts is that something is built on it.
COUNTED_AT_START = frozenset(
    {
        Path.lease,
        Path.sublease,
        Path.part_use,
        Path.sale,
        Path.equity_swap,
        Path.judicial_auction,
        Path.share_purchase,
        Path.merger,
    }
)
#: Paths by which who controls the space changes, whoever is in there.
CONTROLLER_CHANGES = frozenset({Path.share_purchase, Path.merger})


@dataclass(frozen=True)
class Span:
    """The days one thing can have happened on."""

    first: date
    last: date


@dataclass(frozen=True)
class Rule:
    """One version of the numbers the clauses compare with. Units: days, years, a share of 1."""

    version: str
    idle_days_min: int
    first_letting_years: int
    invested_share_min: float


@dataclass(frozen=True)
class Party:
    """A firm and what places it in a group: its own credit code and that of its parent."""

    firm_id: UUID
    credit_code: str | None = None
    parent_credit_code: str | None = None


@dataclass(frozen=True)
class Use:
    """One firm in there, from a first day to the day before `free_on`; None: it goes on.

    `is_let`: as a tenant; `is_temporary`: by temporary use, which makes nobody the user before.
    """

    party: Party
    starts_on: date
    free_on: date | None
    recorded_at: datetime
    is_let: bool = False
    is_temporary: bool = False


@dataclass(frozen=True)
class Stated:
    """An idle period as it was entered for a unit, with its ground and when it was recorded."""

    since: Span
    ground: str
    recorded_at: datetime
    source: str | None = None


@dataclass(frozen=True)
class Leaf:
    """What is known of one leaf beside the deals on it; `uses` without that of the deal judged."""

    kind: Kind
    uses: Sequence[Use] = ()
    stated: Stated | None = None
    completed: Span | None = None
    stopped_on: date | None = None
    legally_idle_from: date | None = None
    title_holders: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Reached:
    """A deal that has reached what counts: by which path, for whom, when it was opened and on which days it counts.

    `awaits_start`: bare land that was disposed of and on which nothing is built yet. `not_before`: a day before which
    it was not, however roughly its own day is known; None: nothing says more than `days`.
    """

    path: Path
    party: Party
    opened_at: datetime
    days: Span
    awaits_start: bool = False
    not_before: date | None = None

    @property
    def began_before(self) -> date:
        """A use that began before this day began before the revival."""
        if self.not_before is None:
            return self.days.first
        return max(self.days.first, min(self.not_before, self.days.last))


@dataclass(frozen=True)
class Idle:
    """The idle period a revival ends: its start by the last day possible, why it began, and the days until then."""

    since: date
    ground: str
    days: int
    is_recorded_afterwards: bool = False
    source: str | None = None


@dataclass(frozen=True)
class Judgement:
    """A verdict, the clause it rests on, and what the clause looked at."""

    verdict: RevivalVerdict
    clause: str
    idle: Idle | None
    last_user: UUID | None


@dataclass(frozen=True)
class Case:
    """All that the clauses of one judgement look at."""

    leaf: Leaf
    reached: Reached
    rule: Rule
    idle: Idle | None
    last_use: Use | None
    counted_before: Sequence[Span]


def rule(document: Mapping[str, Any]) -> Rule:
    """The numbers of one version of the scheme `revival`. Raises KeyError for a document that lacks one."""
    return Rule(
        str(document["version"]),
        int(document["idle_days_min"]),
        int(document["first_letting_years"]),
        float(document["invested_share_min"]),
    )


def judge(leaf: Leaf, reached: Reached, rule: Rule, counted_before: Sequence[Span] = ()) -> Judgement:
    """The verdict on one leaf of a deal; `counted_before`: the days of earlier counted revivals of that leaf."""
    last_use = _last_use(leaf, reached)
    case = Case(leaf, reached, rule, idle_period(leaf, reached, counted_before), last_use, counted_before)
    verdict, clause = next((verdict, name) for verdict, name, holds in CLAUSES if holds(case))
    return Judgement(verdict, clause, case.idle, None if last_use is None else last_use.party.firm_id)


def _last_use(leaf: Leaf, reached: Reached) -> Use | None:
    """The use before the revival, whatever the gap; the one that began last, temporary use apart."""
    before = [use for use in leaf.uses if use.starts_on < reached.began_before and not use.is_temporary]
    return max(before, key=lambda use: use.starts_on, default=None)


def idle_period(leaf: Leaf, reached: Reached, counted_before: Sequence[Span] = ()) -> Idle | None:
    """The idle period on record that a deal ends; None where the leaf was in use until then, or nothing is on record.

    It begins with the last of what ended: the use before, construction, what was entered. A counted revival ends the
    period before it, and what was entered begins none by itself: something must have ended since.
    """
    until = reached.days.first
    if any(use.starts_on < reached.began_before and (use.free_on is None or use.free_on > until) for use in leaf.uses):
        return None
    ended = max((span.last for span in counted_before if span.first <= until), default=None)
    begun: list[tuple[date, str, bool, str | None]] = [
        (use.free_on, IdleGround.use_ended.value, use.recorded_at > reached.opened_at, None)
        for use in leaf.uses
        if use.free_on is not None and use.starts_on < until
    ]
    if leaf.stopped_on is not None:
        begun.append((leaf.stopped_on, IdleGround.construction_stopped.value, False, None))
    if ended is not None:
        if leaf.legally_idle_from is not None:
            begun.append((leaf.legally_idle_from, IdleGround.order_53.value, False, None))
        begun = [start for start in begun if start[0] > ended]
    stated = leaf.stated
    if stated is not None and (ended is None or begun):
        is_recorded_afterwards = stated.recorded_at > reached.opened_at
        if not is_recorded_afterwards or stated.source is not None:
            begun.append((stated.since.last, stated.ground, is_recorded_afterwards, stated.source))
    begun = [start for start in begun if start[0] <= until]
    if not begun:
        return None
    since, ground, is_recorded_afterwards, source = max(begun, key=lambda start: start[0])
    return Idle(since, ground, (until - since).days, is_recorded_afterwards, source)


def is_same_group(party: Party, other: Party) -> bool:
    """Whether two firms are the same, parent and subsidiary, or subsidiaries of one parent."""
    if party.firm_id == other.firm_id:
        return True
    own, parents = (party.credit_code, other.credit_code), (party.parent_credit_code, other.parent_credit_code)
    if None not in parents and parents[0] == parents[1]:
        return True
    return (parents[0] is not None and parents[0] == own[1]) or (parents[1] is not None and parents[1] == own[0])


def _is_temporary(case: Case) -> bool:
    return case.reached.path is Path.temporary_use


def _is_first_letting(case: Case) -> bool:
    """A building that nobody was in yet, new, or of unknown age and not on record as idle."""
    if case.leaf.kind is not Kind.factory or any(use.starts_on < case.reached.began_before for use in case.leaf.uses):
        return False
    if case.leaf.completed is None:
        return case.idle is None
    completed = case.leaf.completed.last
    return case.reached.days.first < _years_later(completed, case.rule.first_letting_years)


def _is_renewal(case: Case) -> bool:
    """The last user, or its group, is the one that takes the space again; an owner's restart is none.

    A tenant is no owner, whatever its deal is called, unless it has come to hold the title.
    """
    if case.last_use is None or not is_same_group(case.last_use.party, case.reached.party):
        return False
    is_restart = case.reached.path is Path.owner_restart
    return not is_restart or (case.last_use.is_let and case.reached.party.firm_id not in case.leaf.title_holders)


def _has_no_idle_period(case: Case) -> bool:
    return case.idle is None or case.idle.days < case.rule.idle_days_min


def _is_not_started(case: Case) -> bool:
    return case.reached.awaits_start


def _is_repeated(case: Case) -> bool:
    return any(span.first.year == case.reached.days.first.year for span in case.counted_before)


def _is_restart(case: Case) -> bool:
    return case.reached.path is Path.owner_restart


def _has_new_controller(case: Case) -> bool:
    return case.reached.path in CONTROLLER_CHANGES


def _otherwise(case: Case) -> bool:
    return True


#: Verdict, clause, whether it holds; judged in this order.
CLAUSES: Sequence[tuple[RevivalVerdict, str, Callable[[Case], bool]]] = (
    (RevivalVerdict.temporary_use, "1", _is_temporary),
    (RevivalVerdict.first_letting, "2", _is_first_letting),
    (RevivalVerdict.renewal, "3", _is_renewal),
    (RevivalVerdict.no_idle_period, "4", _has_no_idle_period),
    (RevivalVerdict.not_started, "5", _is_not_started),
    (RevivalVerdict.repeated, "6", _is_repeated),
    (RevivalVerdict.counted, "7a", _is_restart),
    (RevivalVerdict.counted, "7b", _has_new_controller),
    (RevivalVerdict.counted, "7c", _otherwise),
)


def counted_days(
    kind: Kind, path: Path, revived: Span | None, started: Span | None, *, is_developed: bool
) -> tuple[Span, bool] | None:
    """The days a deal counts on for one leaf, and whether it still awaits the start of construction; None: not reached.

    `revived`: when the deal's own stage was reached; `started`: when construction started; `is_developed`: a completed,
    unused building stands on the land, or enough of the investment is made.
    """
    if kind is not Kind.land or path not in COUNTED_AT_START:
        return None if revived is None else (revived, False)
    reached = [started] if started is not None else []
    if revived is not None and is_developed:
        reached.append(revived)
    if reached:
        return min(reached, key=lambda span: (span.first, span.last)), False
    return None if revived is None else (revived, True)


def later(first: Span, second: Span) -> Span:
    """The later of two days by the last day each can be."""
    return max(first, second, key=lambda span: (span.last, span.first))


def _years_later(day: date, years: int) -> date:
    """The same day so many years on; 29 February is 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
