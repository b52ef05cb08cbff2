"""Any sequence of registering, letting, selling, ending and correcting: the figure is what a definition of it gives.

Days are drawn from three years, told in any order; years are closed on the way. The database is asked after every act.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from actions import asset as asset_actions
from actions import closed_year, demand, idle_period, outcome, revival, tenancy
from actions.daily_update import run_daily_update
from domain.actor import SYSTEM, Actor
from domain.answer import Answer
from domain.credit_code import ALPHABET, with_check_digit
from domain.errors import Refusal
from domain.words import KIND_OF_LEVEL, IdleBasis, Level, Listing, Path
from store import asset
from store.db import Database
from store.statistics import figures
from tests.actions.definition import District, idle_since, most, read, verdicts
from tests.actions.test_outcomes import square, staff_of
from tests.conftest import TODAY, Dazu

FIRST, YEARS, LONG_AGO = date(2021, 1, 1), (2021, 2022, 2023), date(2015, 1, 1)
SERIAL, PLACES = count(), count()
DAYS = st.integers(0, 3 * 365 - 1).map(lambda n: FIRST + timedelta(days=n))
#: Days that meet: an end and a beginning thirty days later are drawn often.
NEAR = st.integers(0, 35).map(lambda n: date(2022, 1, 1) + timedelta(days=30 * n))
ANY_DAY = DAYS | NEAR
NTH = st.integers(0, 1000)
REASON = st.sampled_from([None, "审计要求"])
PATHS = [Path.lease, Path.lease, Path.lease, Path.sublease, Path.temporary_use]
#: What happens next to a unit: by which path, how long after what was before it, for how long, to which firm.
NEXT = st.tuples(
    st.sampled_from([*PATHS, Path.sale, Path.owner_restart]),
    st.sampled_from([0, 1, 29, 30, 31, 120]),
    st.sampled_from([10, 60, 300]),
    NTH,
)


class Undone(Exception):
    """What was tried is not to stay."""


class Figure(RuleBasedStateMachine):
    """A few halls, floors and plots, four firms of which two are a group, and the years in which they meet."""

    runner: ClassVar[asyncio.Runner]
    db: ClassVar[Database]
    staff: ClassVar[Actor]
    spot: ClassVar[tuple[float, float]]
    counted: ClassVar[int] = 0

    def run(self, act: Awaitable[Answer]) -> dict[str, Any] | None:
        """What the act answers; None where it is refused."""

        async def done() -> Answer:
            return await act

        try:
            return dict(json.loads(self.runner.run(done()).body))
        except Refusal as refusal:
            self.refused = refusal
            return None

    @initialize()
    def district(self) -> None:
        self.units: list[UUID] = []
        self.roots: list[UUID] = []
        self.outcomes: list[UUID] = []
        code = with_check_digit("9150011100000" + "".join(_digits(next(SERIAL))))
        register: list[dict[str, str]] = [{"credit_code": code}, {"parent_credit_code": code}, {}, {}]
        self.firms = [
            self._made(demand.add_firm(self.db, self.staff, name="示例", once=None, **item)) for item in register
        ]
        self.register(Level.building, LONG_AGO, LONG_AGO, Decimal(1000))
        self.register(Level.plot, LONG_AGO, None, Decimal(3000))
        self.register_parts(LONG_AGO, LONG_AGO)

    def _made(self, act: Awaitable[Answer]) -> UUID:
        made = self.run(act)
        assert made is not None, self.refused
        return UUID(made["id"])

    def _unit(self, place: int, level: Level, **facts: Any) -> UUID:
        body = {"level": level, "code": f"F-{next(SERIAL)}", "name": "示例", "kind": KIND_OF_LEVEL[level], **facts}
        body |= {"allowed_paths": [path.value for path in Path], "land_right": "allocated", "mortgage": "none"}
        body |= {
            "title_is_registered": True,
            "is_seized": False,
            "stated_area_unit": "m2" if facts.get("stated_area") else None,
        }
        (park_id,) = self.staff.park_ids
        outline = square(self.spot, place)
        unit_id = self._made(
            asset_actions.register_asset(self.db, self.staff, park_id, outline, body, once=None, today=TODAY)
        )
        self.units.append(unit_id)
        return unit_id

    @rule(
        level=st.sampled_from([Level.building, Level.plot]),
        since=st.none() | ANY_DAY,
        completed_on=st.none() | DAYS,
        area=st.sampled_from([None, Decimal(700)]),
    )
    def register(self, level: Level, since: date | None, completed_on: date | None, area: Decimal | None) -> None:
        completed = {"completed_on": completed_on} if level is Level.building else {}
        self.roots.append(self._unit(next(PLACES), level, stated_area=area, **_stated(since), **completed))

    @rule(first=st.none() | ANY_DAY, second=st.none() | ANY_DAY)
    def register_parts(self, first: date | None, second: date | None) -> None:
        place = next(PLACES)
        whole = self._unit(place, Level.building, stated_area=Decimal(500))
        self.roots.append(whole)
        for n, since in enumerate((first, second), 1):
            self._unit(place, Level.floor, parent_id=whole, floor_no=n, stated_area=Decimal(200), **_stated(since))

    @rule(n=NTH, on=ANY_DAY, events=st.lists(NEXT, min_size=2, max_size=5), reason=REASON)
    def live(self, n: int, on: date, events: list[tuple[Path, int, int, int]], reason: str | None) -> None:
        """What happens to one unit, one thing after the other."""
        for path, gap, length, firm in events:
            on += timedelta(days=gap)
            until = on + timedelta(days=length)
            if path is Path.sale:
                self.sell(n, firm, firm + 1, on, None if length == 60 else length % 7, reason)
            elif path is Path.owner_restart:
                self.restart(n, firm, on, reason)
            else:
                self.let(path, n, firm, firm + 1, on, length, 0, True, reason)
            if self.outcomes and path in (Path.sale, Path.owner_restart):
                self._step(self.outcomes[-1], "ended", "happened_on", until, reason)
            on = until + timedelta(days=1)
            self.the_figure_is_what_its_definition_gives()

    @rule(n=NTH, since=st.none() | ANY_DAY, source=REASON)
    def state_idle_start(self, n: int, since: date | None, source: str | None) -> None:
        facts = _stated(since) | {"stated_idle_since_source": source}
        about: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset_actions.amend_asset(self.db, self.staff, self._chosen(self.units, n), facts, **about))

    @rule(
        path=st.sampled_from(PATHS),
        n=NTH,
        firm=NTH,
        giver=NTH,
        starts_on=ANY_DAY,
        length=st.sampled_from([20, 90, 200, None]),
        late=st.sampled_from([0, 0, 40]),
        left=st.booleans(),
        reason=REASON,
    )
    def let(
        self,
        path: Path,
        n: int,
        firm: int,
        giver: int,
        starts_on: date,
        length: int | None,
        late: int,
        left: bool,
        reason: str | None,
    ) -> None:
        """A lease dated back, handed over on its first day or later, and perhaps over."""
        ends_on = None if length is None else starts_on + timedelta(days=length)
        about: dict[str, Any] = {"starts_on": starts_on, "ends_on": ends_on, "opened_on": starts_on - timedelta(days=5)}
        if path is Path.sublease:
            about["owner_firm_id"] = self._chosen(self.firms, giver)
        outcome = self._opened(path, n, firm, **about)
        if outcome is None:
            return
        papers = {"consent_no": "同意-1"} if path is Path.sublease else {}
        papers |= {"permit_no": "临-1"} if path is Path.temporary_use else {}
        self._step(outcome, "signed", "signed_on", starts_on - timedelta(days=5), reason, **papers)
        self._step(outcome, "handed_over", "handed_over_on", starts_on + timedelta(days=late), reason)
        if left and ends_on is not None:
            self._step(outcome, "ended", "ended_on", ends_on, reason)

    @rule(n=NTH, firm=NTH, giver=NTH, on=ANY_DAY, built=st.none() | st.integers(0, 200), reason=REASON)
    def sell(self, n: int, firm: int, giver: int, on: date, built: int | None, reason: str | None) -> None:
        """A title that passes, and on land perhaps construction that starts."""
        about = {"owner_firm_id": self._chosen(self.firms, giver), "opened_on": on - timedelta(days=5)}
        outcome = self._opened(Path.sale, n, firm, **about)
        if outcome is None:
            return
        papers = {
            "contracted": {"price_yuan": Decimal(5), "contract_no": "HT"},
            "title_registered": {"certificate_no": "证"},
        }
        for stage in ("due_diligence", "contracted", "tax_cleared", "title_registered"):
            self._step(outcome, stage, "happened_on", on, reason, **papers.get(stage, {}))
        if built is not None:
            self._step(
                outcome, "construction_started", "happened_on", on + timedelta(days=built), reason, permit_no="施"
            )
            self._step(outcome, "handed_over", "happened_on", on + timedelta(days=built), reason)

    @rule(n=NTH, firm=NTH, on=ANY_DAY, reason=REASON)
    def restart(self, n: int, firm: int, on: date, reason: str | None) -> None:
        outcome = self._opened(Path.owner_restart, n, firm, opened_on=on - timedelta(days=5))
        if outcome is not None:
            self._step(outcome, "signed", "signed_on", on - timedelta(days=5), reason, plan_no="复产-1")
            self._step(outcome, "trial_production", "happened_on", on, reason)

    def _opened(self, path: Path, n: int, firm: int, **about: Any) -> UUID | None:
        units, about = [self._chosen(self.units, n)], {"once": None, "today": TODAY, **about}
        offered: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset_actions.list_asset(self.db, self.staff, units[0], Listing.published, **offered))
        made = self.run(outcome.open_outcome(self.db, self.staff, path, units, self._chosen(self.firms, firm), **about))
        if made is None:
            return None
        self.outcomes.append(UUID(made["id"]))
        return self.outcomes[-1]

    def _step(self, outcome_id: UUID, stage: str, day_name: str, day: date, reason: str | None, **facts: Any) -> None:
        facts |= {day_name: day} | ({} if reason is None else {"reason": reason})
        self.run(outcome.advance(self.db, self.staff, outcome_id, stage, facts, if_match="*", once=None, today=TODAY))

    @rule(n=NTH, on=ANY_DAY, reason=REASON)
    def end(self, n: int, on: date, reason: str | None) -> None:
        if self.outcomes:
            self._step(self._chosen(self.outcomes, n), "ended", "ended_on", on, reason)

    @rule(n=NTH)
    def correct(self, n: int) -> None:
        if self.outcomes:
            facts = {"reason": "误录"}
            outcome_id = self._chosen(self.outcomes, n)
            self.run(
                outcome.advance(
                    self.db, self.staff, outcome_id, "corrected", facts, if_match="*", once=None, today=TODAY
                )
            )

    @rule(n=NTH, since=st.none() | ANY_DAY)
    def correct_idle_period(self, n: int, since: date | None) -> None:
        if self.outcomes:
            facts = {"stated_idle_since_precision": None, **_stated(since)}
            about: dict[str, Any] = {"source": "核查", "reason": "核查", "if_match": "*", "once": None, "today": TODAY}
            outcome = self._chosen(self.outcomes, n)
            self.run(
                idle_period.correct_idle_period(
                    self.db, self.staff, outcome, self._chosen(self.units, n), facts, **about
                )
            )

    @rule(
        n=NTH,
        length=st.sampled_from([30, 300]),
        what=st.sampled_from(["renew", "stay", "leave"]),
        on=ANY_DAY,
        reason=REASON,
    )
    def say(self, n: int, length: int, what: str, on: date, reason: str | None) -> None:
        """What became of a tenancy past its term."""
        rows = self.ask(
            "SELECT id, upper(during) AS ends_before FROM tenancy WHERE outcome_id = ANY ($1) ORDER BY id",
            self.outcomes,
        )
        if not rows:
            return
        row = self._chosen(rows, n)
        about: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        if what == "renew" and row["ends_before"] is not None:
            facts = {"ends_on": row["ends_before"] + timedelta(days=length), "signed_on": row["ends_before"]}
            facts |= {} if reason is None else {"reason": reason}
            made = self.run(tenancy.renew(self.db, self.staff, row["id"], facts, **about))
            self.outcomes += [] if made is None else [UUID(made["id"])]
        elif what == "stay":
            self.run(tenancy.stay(self.db, self.staff, row["id"], source=None, **about))
        elif what == "leave":
            self.run(tenancy.leave(self.db, self.staff, row["id"], left_on=on, source=None, reason=reason, **about))

    @rule(year=st.sampled_from(YEARS[:2]))
    def close(self, year: int) -> None:
        (park_id,) = self.staff.park_ids
        self.run(closed_year.close_year(self.db, self.staff, park_id, year, note="已报", once=None, today=TODAY))

    @rule()
    def run_daily_update(self) -> None:
        self.runner.run(run_daily_update(self.db, today=TODAY))

    @staticmethod
    def _chosen(some: Any, n: int) -> Any:
        return some[n % len(some)]

    def ask(self, query: str, *values: object) -> list[Any]:
        async def fetched() -> list[Any]:
            async with self.db.system() as conn:
                return list(await conn.fetch(query, *values))

        return self.runner.run(fetched())

    @invariant()
    def the_figure_is_what_its_definition_gives(self) -> None:
        if not getattr(self, "roots", []):
            return
        known = self.runner.run(self._known())
        stored = {key: row["verdict"] for key, row in known.revivals.items() if row["verdict"] != "corrected"}
        assert stored == verdicts(known)
        self._nothing_twice(known)
        assert self.runner.run(self._judged_again(list(known.units))) == []
        assert all(row["is_in_order"] for row in known.revivals.values())
        self._units_say_since_when(known)
        type(self).counted += list(stored.values()).count("counted")

    async def _known(self) -> District:
        async with self.db.system() as conn:
            return await read(conn, self.roots)

    def _nothing_twice(self, known: District) -> None:
        counted = [row for row in known.revivals.values() if row["verdict"] == "counted"]
        once = {(row["leaf_id"], row["revived_from"].year) for row in counted}
        assert len(once) == len(counted)
        for year in YEARS:
            areas = [row["stated_area"] or 0 for row in counted if row["adds"] and row["revived_from"].year == year]
            assert sum(areas) <= most(known, year)

    async def _judged_again(self, units: list[UUID]) -> list[str]:
        """The events of judging everything anew; nothing of it stays."""
        (park_id,) = self.staff.park_ids
        events: list[str] = []
        try:
            async with self.db.write(SYSTEM, park_id) as act:
                await asset.lock(act, units)
                await revival.judge(act, await asset.leaves_of(act, self.roots), reason="再判")
                events = [event.act for event in act.events]
                raise Undone
        except Undone:
            return events

    def _units_say_since_when(self, known: District) -> None:
        since = {leaf: idle_since(known, leaf, TODAY) for leaf, unit in known.units.items() if unit["is_leaf"]}
        for unit_id, unit in known.units.items():
            own = [since[leaf] for leaf in known.leaves(unit_id)]
            assert unit["idle_since"] == (None if None in own else max(own)), (unit_id, unit["availability"])
        for record in self.runner.run(self._stock()):
            if (leaf := UUID(record["asset_id"])) in since:
                facts = record["idle_since"]
                assert (None if facts is None else date.fromisoformat(facts)) == since[leaf]

    async def _stock(self) -> Iterator[dict[str, Any]]:
        async with figures(self.db, as_of=None, park_id=next(iter(self.staff.park_ids))) as known:
            return map(json.loads, await known.stock_records(TODAY))


def _stated(since: date | None) -> dict[str, Any]:
    return {"stated_idle_since": since, "idle_basis": None if since is None else IdleBasis.vacant_building}


def _digits(n: int) -> Iterator[str]:
    for _ in range(4):
        n, rest = divmod(n, len(ALPHABET))
        yield ALPHABET[rest]


def test_no_sequence_of_acts_makes_the_figure_another_than_its_definition(dazu: Dazu) -> None:
    with asyncio.Runner() as runner:
        Figure.runner, Figure.db = runner, runner.run(Database.connect(dazu.url, size=2, public_size=1))
        try:
            Figure.staff, Figure.spot = runner.run(staff_of(Figure.db))
            run_state_machine_as_test(
                Figure,
                settings=settings(
                    max_examples=15,
                    stateful_step_count=20,
                    deadline=None,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(Figure.db.close())
    assert Figure.counted > 0
