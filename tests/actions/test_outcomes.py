"""Any sequence of acts on deals of all paths: each is done or refused, and what must never break does not.

A model holds where each deal stands by the routes of the data; the database is asked after every act.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from actions import asset, demand, outcome, outcome_view
from actions.daily_update import run_daily_update
from actions.stage_effects import EFFECTS
from domain.actor import Actor
from domain.answer import Answer
from domain.errors import Refusal
from domain.words import Evidence, Listing, Path, Role
from fixtures import reference
from outcomes.stages import EXITS, Route, Stage, routes
from store.db import Database
from tests.conftest import TODAY, Dazu

ROUTES = routes(reference.rules("paths"), EFFECTS)
PROPOSED_FIRST = {Path.sublease, *(path for path, route in ROUTES.items() if route.first is Stage.proposed)}
LETTING = {path for path, route in ROUTES.items() if EFFECTS["hand_over"] in route.effects_of(Stage.handed_over)}
SHARES = {"equity_share": Decimal("0.35"), "purchased_share": Decimal("0.6")}
SERIAL = count()
#: Refusals that say that the stage is not to be had, whatever is told of it.
OF_THE_STAGE = {"no_such_step", "only_corrected", "not_land", "already_reached", "never_reached"}

#: The holding of every title, and what the ledger's lines replay to; both must say the same.
REPLAYED = """
WITH line AS (
  SELECT t.park_id, l.title, l.party, sum(l.amount) AS share FROM ledger_transaction AS t, unnest(t.lines) AS l
  WHERE l.party <> '00000000-0000-0000-0000-000000000000' GROUP BY 1, 2, 3 HAVING sum(l.amount) <> 0
), held AS (SELECT h.park_id, h.title, s.party, s.share FROM holding AS h, unnest(h.shares) AS s)
SELECT count(*) FROM line FULL JOIN held USING (park_id, title, party) WHERE line.share IS DISTINCT FROM held.share
"""
UNBALANCED = """
SELECT count(*) FROM (SELECT FROM ledger_transaction AS t, unnest(t.lines) AS l
  GROUP BY l.title, l.instrument HAVING sum(l.amount) <> 0) AS title
"""
#: Units whose stored availability is not what the facts give.
UNTRUE = """
SELECT count(*) FROM asset AS a JOIN derived_availability(a.park_id, ARRAY[a.root_id], $2) AS d ON d.id = a.id
WHERE a.id = ANY ($1) AND a.availability <> d.availability
"""
STANDS = """
SELECT o.stage, o.revived_on, o.reason,
  (SELECT coalesce(array_agg(m.kind), '{}') FROM milestone AS m
   WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.evidence IS NOT NULL AND NOT m.is_reversed) AS reached,
  (SELECT count(*) FROM occupancy AS c WHERE c.park_id = o.park_id AND c.source_id = o.id) AS claims
FROM outcome AS o WHERE o.id = $1
"""


STARTED = """
SELECT count(*) FROM milestone AS m WHERE m.outcome_id = $1 AND m.kind = 'construction_started' AND NOT m.is_reversed
  AND EXISTS (SELECT FROM outcome_asset AS a WHERE a.park_id = m.park_id AND a.outcome_id = $1 AND a.kind = 'land')
"""


class OutcomeMachine(RuleBasedStateMachine):
    """Two units, three firms, deals of any path on them; the routes are the model."""

    runner: ClassVar[asyncio.Runner]
    db: ClassVar[Database]
    staff: ClassVar[Actor]
    spot: ClassVar[tuple[float, float]]

    def run(self, act: Awaitable[Answer]) -> dict[str, Any] | None:
        """What the act answers; None where it is refused."""

        async def done() -> Answer:
            return await act

        try:
            return dict(json.loads(self.runner.run(done()).body))
        except Refusal as refusal:
            self.refused = refusal
            return None

    def ask(self, query: str, *values: object) -> list[Any]:
        async def fetched() -> list[Any]:
            async with self.db.system() as conn:
                return list(await conn.fetch(query, *values))

        return self.runner.run(fetched())

    @initialize()
    def district(self) -> None:
        self.stands: dict[UUID, tuple[Path, Stage]] = {}
        self.units = [self._unit("building", "factory"), self._unit("plot", "land")]
        self.firms = [self._firm() for _ in range(3)]

    def _unit(self, level: str, kind: str) -> UUID:
        (park_id,) = self.staff.park_ids
        serial = next(SERIAL)
        outline = square(self.spot, serial)  # on one spot only one of them could be dealt with
        facts = {"level": level, "code": f"M-{serial}", "name": "示例", "stated_area": Decimal(1000)}
        facts |= {"stated_area_unit": "m2", "allowed_paths": [path.value for path in Path], "kind": kind}
        facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False}
        made = self.run(asset.register_asset(self.db, self.staff, park_id, outline, facts, once=None, today=TODAY))
        assert made is not None, self.refused
        self.publish(unit_id := UUID(made["id"]))
        return unit_id

    def publish(self, unit_id: UUID) -> None:
        facts: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset.list_asset(self.db, self.staff, unit_id, Listing.published, **facts))

    def _firm(self) -> UUID:
        made = self.run(demand.add_firm(self.db, self.staff, name=f"示例 {next(SERIAL)}", once=None))
        assert made is not None, self.refused
        return UUID(made["id"])

    @rule(n=st.integers(0, 1))
    def offer_again(self, n: int) -> None:
        self.publish(self.units[n])

    @rule(path=st.sampled_from(Path), n=st.integers(0, 1), taker=st.integers(0, 2), giver=st.integers(0, 2))
    def open(self, path: Path, n: int, taker: int, giver: int) -> None:
        about: dict[str, Any] = {"once": None, "today": TODAY}
        if path in PROPOSED_FIRST:
            about["owner_firm_id"] = self.firms[giver]
        if path in LETTING:
            about |= {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=99)}
        answer = self.run(outcome.open_outcome(self.db, self.staff, path, [self.units[n]], self.firms[taker], **about))
        if answer is not None:
            self.stands[UUID(answer["id"])] = (path, ROUTES[path].first)

    @rule(data=st.data(), is_whole=st.booleans())
    def advance(self, data: st.DataObject, is_whole: bool) -> None:
        """Along an edge, told with all it needs or with something missing."""
        self._step(data, lambda route, stage: sorted(route.edges[stage] - set(EXITS)), is_whole=is_whole)

    @rule(data=st.data(), steps=st.integers(1, 12))
    def go_on_for_long(self, data: st.DataObject, steps: int) -> None:
        """The deal opened last, further and further: most of what can break lies deep."""
        for _ in range(steps):
            self._step(data, lambda route, stage: sorted(route.edges[stage] - {*EXITS, Stage.ended}), is_last=True)
            self.each_outcome_stands_where_the_model_says()

    @rule(data=st.data())
    def go_anywhere(self, data: st.DataObject) -> None:
        self._step(data, lambda route, stage: list(Stage))

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        self._step(data, lambda route, stage: [item for item in route.stages if route.is_back(stage, item)])

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self._step(data, lambda route, stage: sorted(route.edges[stage] & set(EXITS)))

    @rule()
    def run_daily_update(self) -> None:
        self.runner.run(run_daily_update(self.db, today=TODAY))

    def _step(self, data: st.DataObject, choices: Any, *, is_whole: bool = True, is_last: bool = False) -> None:
        if not self.stands:
            return
        outcome_id = max(self.stands) if is_last else data.draw(st.sampled_from(sorted(self.stands)))
        path, stage = self.stands[outcome_id]
        if stage in EXITS or not (targets := choices(ROUTES[path], stage)):
            return
        target = data.draw(st.sampled_from(targets))
        facts = _facts_of(ROUTES[path], stage, target)
        if not is_whole and facts:
            facts.pop(data.draw(st.sampled_from(sorted(facts))))
        named = {entry["stage"] for entry in self._shown(outcome_id)["next"]}
        answer = self.run(
            outcome.advance(self.db, self.staff, outcome_id, target, facts, if_match="*", once=None, today=TODAY)
        )
        if answer is None:
            codes = {fault.code for fault in self.refused.faults}
            assert codes.isdisjoint(OF_THE_STAGE) or target not in named or "already_reached" in codes
            return
        assert target in named
        assert answer == self._shown(outcome_id)
        if target in ROUTES[path].beside:
            assert answer["stage"] == stage
            return
        assert target in ROUTES[path].edges[stage] or ROUTES[path].is_back(stage, target)
        assert answer["stage"] == target
        self.stands[outcome_id] = (path, target)

    def _shown(self, outcome_id: UUID) -> dict[str, Any]:
        """The deal as the staff who move it see it."""
        shown = self.runner.run(outcome_view.read(self.db, self.staff, outcome_id))
        assert shown is not None
        return dict(json.loads(shown[0]))

    @invariant()
    def each_outcome_stands_where_the_model_says(self) -> None:
        for outcome_id, (path, stage) in getattr(self, "stands", {}).items():
            ((row),) = self.ask(STANDS, outcome_id)
            assert row["stage"] == stage
            if stage in EXITS:
                assert (row["revived_on"], row["claims"]) == (None, 0)
                assert row["reason"] is not None
                assert stage is Stage.corrected or not self._has_started(outcome_id)
                continue
            route, reached = ROUTES[path], set(row["reached"])
            passed = {stage.value for stage in route.stages[: route.stages.index(stage) + 1]}
            assert {route.first, stage} <= reached - set(route.beside) <= passed
            assert (row["revived_on"] is not None) is (route.revives_at in reached)

    def _has_started(self, outcome_id: UUID) -> bool:
        """Whether construction on its land has started: it counts, and leaves by correction only."""
        (row,) = self.ask(STARTED, outcome_id)
        return bool(row[0])

    @invariant()
    def the_ledger_replays_to_the_same_balances(self) -> None:
        assert self.ask(REPLAYED)[0][0] == 0
        assert self.ask(UNBALANCED)[0][0] == 0

    @invariant()
    def readers_see_what_the_facts_give(self) -> None:
        assert self.ask(UNTRUE, getattr(self, "units", []), TODAY)[0][0] == 0


def _facts_of(route: Route, stage: Stage, target: Stage) -> dict[str, Any]:
    """All that a step needs to be told."""
    if target in EXITS or route.is_back(stage, target) or target not in route.gates:
        return {"reason": "示例"}
    gate = route.gates[target]
    facts: dict[str, Any] = {gate.day: TODAY} | {name: _value(name) for name in gate.needs}
    return facts | ({"evidence": Evidence.stated} if target is not Stage.reserved else {})


def _value(name: str) -> Any:
    if name == "tenants":
        return []
    if name == "reserved_until":
        return TODAY + timedelta(days=5)
    if name.endswith("_yuan") or name == "area_m2":
        return Decimal(500)
    return SHARES.get(name, "示例")


def test_no_sequence_of_acts_breaks_what_must_hold(dazu: Dazu) -> None:
    with asyncio.Runner() as runner:
        OutcomeMachine.runner, OutcomeMachine.db = runner, runner.run(Database.connect(dazu.url, size=2, public_size=1))
        try:
            OutcomeMachine.staff, OutcomeMachine.spot = runner.run(staff_of(OutcomeMachine.db))
            run_state_machine_as_test(
                OutcomeMachine,
                settings=settings(
                    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(OutcomeMachine.db.close())


async def staff_of(db: Database) -> tuple[Actor, tuple[float, float]]:
    """Staff of a park, and a point inside it."""
    async with db.system() as conn:
        row = await conn.fetchrow(
            "SELECT a.id, p.id AS park_id, ST_X(c) AS x, ST_Y(c) AS y FROM account AS a, park AS p, "
            "ST_PointOnSurface(p.boundary) AS c WHERE a.login = 'demo-shuangqiao' AND p.code = 'shuangqiao'"
        )
    return Actor(row["id"], Role.staff, frozenset({row["park_id"]})), (row["x"], row["y"])


def square(spot: tuple[float, float], n: int, *, west: float = 0.0, east: float = 1.0) -> dict[str, Any]:
    """The n-th of many squares around a point that do not touch each other, or the part of it from west to east."""
    x, y, e = spot[0] + (n % 25 - 12) * 0.0006, spot[1] + (n // 25 % 25 - 12) * 0.0006, 0.0004
    low, high = x + west * e, x + east * e
    return {"type": "Polygon", "coordinates": [[[low, y], [high, y], [high, y + e], [low, y + e], [low, y]]]}
