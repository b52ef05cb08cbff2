"""Any sequence of acts over years of days: no space is free, and nobody moves in, while nobody said who has left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import date, timedelta
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import asset, demand, outcome
from actions import tenancy as tenancy_actions
from actions.daily_update import run_daily_update
from domain.actor import Actor
from domain.answer import Answer
from domain.errors import Refusal
from domain.words import Listing, Path
from store.db import Database
from tests.actions.test_outcomes import UNTRUE, square, staff_of
from tests.conftest import TODAY, Dazu

SERIAL = count()
OVERLAPS = """
SELECT count(*) FROM occupancy AS a JOIN occupancy AS b ON b.leaf_id = a.leaf_id AND b.claim = a.claim AND b.id > a.id
WHERE a.leaf_id = $1 AND a.during && b.during
"""
#: Tenancies with a day on which the tenant has no claim, before it left or something renewed what it has.
GAPS = """
SELECT count(*) FROM tenancy AS t WHERE t.asset_id = $1 AND NOT t.is_corrected AND t.handed_over_on IS NOT NULL
  AND NOT daterange(lower(t.during), coalesce(t.left_on + 1, t.renewed_from, upper(t.during)))
    <@ coalesce((SELECT range_agg(o.during) FROM occupancy AS o
      WHERE o.source_id = t.outcome_id AND o.source_kind = 'tenancy'), '{}')
"""


class Hall:
    """One hall and two firms, from today on; `there`: deals whose tenants moved in and did not leave."""

    runner: ClassVar[asyncio.Runner]
    db: ClassVar[Database]
    staff: ClassVar[Actor]
    spot: ClassVar[tuple[float, float]]

    def run(self, act: Awaitable[Answer]) -> dict[str, Any] | None:
        async def done() -> Answer:
            return await act

        try:
            return dict(json.loads(self.runner.run(done()).body))
        except Refusal:
            return None

    def ask(self, query: str, *values: object) -> list[Any]:
        async def fetched() -> list[Any]:
            async with self.db.system() as conn:
                return list(await conn.fetch(query, *values))

        return self.runner.run(fetched())

    def __init__(self) -> None:
        self.today: date = TODAY
        self.outcomes: list[UUID] = []
        self.there: set[UUID] = set()
        self.renewals: dict[UUID, UUID] = {}
        (park_id,) = self.staff.park_ids
        facts = {"level": "building", "code": f"N-{next(SERIAL)}", "name": "示例", "allowed_paths": ["lease"]}
        made = self.run(
            asset.register_asset(
                self.db,
                self.staff,
                park_id,
                square(self.spot, next(SERIAL)),
                facts | {"kind": "factory"},
                once=None,
                today=TODAY,
            )
        )
        assert made is not None
        self.unit = UUID(made["id"])
        body: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset.list_asset(self.db, self.staff, self.unit, Listing.published, **body))
        firms = [self.run(demand.add_firm(self.db, self.staff, name=f"示例 {next(SERIAL)}", once=None)) for _ in "12"]
        self.firms = [UUID(firm["id"]) for firm in firms if firm is not None]

    def step(self, outcome_id: UUID, stage: str, **facts: Any) -> dict[str, Any] | None:
        return self.run(
            outcome.advance(self.db, self.staff, outcome_id, stage, facts, if_match="*", once=None, today=self.today)
        )

    def tenancy(self, outcome_id: UUID) -> UUID | None:
        rows = self.ask("SELECT id FROM tenancy WHERE outcome_id = $1 AND NOT is_corrected", outcome_id)
        return rows[0]["id"] if rows else None

    def drawn(self, data: st.DataObject) -> UUID | None:
        n = data.draw(st.integers(0, 1))  # drawn whatever there is, so that a sequence can be told again
        return self.outcomes[-2:][min(n, len(self.outcomes) - 1)] if self.outcomes else None

    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.runner.run(run_daily_update(self.db, today=self.today))

    def let(self, firm: int, ahead: int, days: int, has_end: int) -> None:
        """A lease, signed, and handed over where it has begun and nobody is there; one that cannot be is withdrawn."""
        starts_on = self.today + timedelta(days=ahead)
        opened_on = min(self.today, starts_on)
        about: dict[str, Any] = {"starts_on": starts_on, "opened_on": opened_on, "once": None, "today": self.today}
        about |= {"ends_on": starts_on + timedelta(days=days)} if has_end else {}
        made = self.run(outcome.open_outcome(self.db, self.staff, Path.lease, [self.unit], self.firms[firm], **about))
        if made is None:
            return
        outcome_id = UUID(made["id"])
        if self.step(outcome_id, "signed", signed_on=opened_on) is None:
            assert self.step(outcome_id, "withdrawn", reason="示例") is not None
            return
        self.outcomes.append(outcome_id)
        if starts_on <= self.today:
            self._hand_over(outcome_id, starts_on)

    def hand_over(self, data: st.DataObject, days: int) -> None:
        if (outcome := self.drawn(data)) is not None:
            self._hand_over(outcome, self.today - timedelta(days=days))

    def _hand_over(self, outcome_id: UUID, day: date) -> None:
        before = [other for other in self.there if other != outcome_id]
        rows = self.ask("SELECT lower(during) AS day FROM tenancy WHERE outcome_id = ANY ($1) AND upper(during) <= $2 "
                        "AND left_on IS NULL AND renewed_from IS NULL AND NOT is_corrected "
                        "AND lower(during) < (SELECT min(lower(during)) FROM tenancy WHERE outcome_id = $3)",
                        before, self.today, outcome_id)  # fmt: skip
        if self.step(outcome_id, "handed_over", handed_over_on=day) is not None:
            assert rows == []
            self.there.add(outcome_id)

    def leave(self, data: st.DataObject, days: int, has_reason: bool) -> None:
        outcome = self.drawn(data)
        if outcome is None or (tenancy_id := self.tenancy(outcome)) is None:
            return
        facts: dict[str, Any] = {"left_on": self.today + timedelta(days=days), "source": None}
        facts |= {"reason": "示例" if has_reason else None, "if_match": "*", "once": None, "today": self.today}
        if self.run(tenancy_actions.leave(self.db, self.staff, tenancy_id, **facts)) is not None:
            self.there.discard(outcome)

    def stay(self, data: st.DataObject) -> None:
        outcome = self.drawn(data)
        if outcome is None or (tenancy_id := self.tenancy(outcome)) is None:
            return
        facts: dict[str, Any] = {"source": None, "if_match": "*", "once": None, "today": self.today}
        self.run(tenancy_actions.stay(self.db, self.staff, tenancy_id, **facts))

    def renew(self, data: st.DataObject, days: int, ahead: int | None) -> None:
        outcome = self.drawn(data)
        if outcome is None or (tenancy_id := self.tenancy(outcome)) is None:
            return
        facts = {"ends_on": self.today + timedelta(days=days)}
        facts |= {} if ahead is None else {"starts_on": self.today + timedelta(days=ahead)}
        about: dict[str, Any] = {"if_match": "*", "once": None, "today": self.today}
        made = self.run(tenancy_actions.renew(self.db, self.staff, tenancy_id, facts, **about))
        if made is not None:
            self.outcomes.append(UUID(made["id"]))
            self.renewals[self.outcomes[-1]] = outcome
            self.there.add(self.outcomes[-1])
            self.there.discard(outcome)

    def say(self, data: st.DataObject, what: str) -> None:
        match what:
            case "let":
                self.let(
                    data.draw(st.integers(0, 1)), data.draw(st.integers(-20, 20)), 40, data.draw(st.integers(0, 5))
                )
            case "hand_over":
                self.hand_over(data, data.draw(st.sampled_from([0, 5, 20])))
            case "leave":
                self.leave(data, data.draw(st.integers(-40, 40)), data.draw(st.booleans()))
            case "stay":
                self.stay(data)
            case "renew":
                self.renew(data, 60, data.draw(st.none() | st.integers(-30, 30)))
            case "give_up":
                self.give_up(data, data.draw(st.sampled_from(["withdrawn", "corrected"])))
            case "time_passes":
                self.time_passes(data.draw(st.integers(1, 70)))

    def give_up(self, data: st.DataObject, stage: str) -> None:
        outcome = self.drawn(data)
        if outcome is not None and self.step(outcome, stage, reason="示例") is not None:
            self.outcomes.remove(outcome)
            self.there.discard(outcome)
            if (old := self.renewals.get(outcome)) in self.outcomes:
                self.there.add(old)  # its tenant is there again, for all anybody said

    def nothing_is_free_while_somebody_may_be_there(self) -> None:
        if self.there:
            ((availability),) = self.ask("SELECT availability FROM asset WHERE id = $1", self.unit)
            begun = self.ask("SELECT 1 FROM tenancy WHERE outcome_id = ANY ($1) AND lower(during) <= $2",
                             list(self.there), self.today)  # fmt: skip
            assert not begun or availability["availability"] != "available"

    def claims_do_not_overlap_and_leave_no_gap(self) -> None:
        assert self.ask(OVERLAPS, self.unit)[0][0] == 0
        assert self.ask(GAPS, self.unit)[0][0] == 0
        assert self.ask(UNTRUE, [self.unit], self.today)[0][0] == 0


ACTS = ["leave", "stay", "renew", "give_up", "time_passes", "let", "hand_over"]


def test_no_sequence_of_ends_frees_what_nobody_said(dazu: Dazu) -> None:
    """A hall let for 30 days, its end, then what is said, and said again."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=12))
    def lives(data: st.DataObject, acts: list[str]) -> None:
        hall = Hall()
        hall.let(0, -10, 30, 1)
        hall.time_passes(40)
        for act in acts:
            hall.say(data, act)
            hall.nothing_is_free_while_somebody_may_be_there()
            hall.claims_do_not_overlap_and_leave_no_gap()

    with asyncio.Runner() as runner:
        Hall.runner, Hall.db = runner, runner.run(Database.connect(dazu.url, size=2, public_size=1))
        try:
            Hall.staff, Hall.spot = runner.run(staff_of(Hall.db))
            lives()
        finally:
            runner.run(Hall.db.close())
