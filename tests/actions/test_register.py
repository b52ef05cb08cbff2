"""Any sequence of registering, moving, letting, splitting, merging and voiding: no leaf of a claimed whole is free, no
space let twice.

The database is asked after every act, by what `panhuo doctor` asks and by what its answers must agree with.
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

from actions import asset, demand, draft, outcome, rearrangement, undo
from domain.actor import Actor
from domain.answer import Answer
from domain.errors import Refusal
from domain.words import KIND_OF_LEVEL, Evidence, Level, Listing, Path
from outcomes.stages import Stage
from store import doctor
from store.db import Database
from tests.actions.test_outcomes import square, staff_of
from tests.conftest import TODAY, Dazu

SERIAL, PLACES = count(), count()
CHECKS = ("claims", "space", "availability", "deals", "codes", "overlaps")
#: Leaves that two deals have the use of on one day: what the constraint forbids, asked without it.
SHARED = """
SELECT count(*) FROM occupancy AS a JOIN occupancy AS b ON b.leaf_id = a.leaf_id AND b.claim = a.claim AND b.id > a.id
WHERE a.during && b.during
"""
#: Wholes without a part, and leaves with one.
UNLEAFED = """
SELECT count(*) FROM asset AS a
WHERE a.is_leaf = EXISTS (SELECT FROM asset AS p WHERE p.park_id = a.park_id AND p.parent_id = a.id)
"""
BELOW = {Level.plot: Level.part, Level.part: Level.part, Level.building: Level.floor, Level.floor: Level.bay}


#: Retired units that are claimed after they were units, and verdicts on what is no leaf.
MISPLACED = """
SELECT (SELECT count(*) FROM asset AS a JOIN occupancy AS o ON o.leaf_id = a.id
    WHERE NOT o.during <@ daterange(NULL, a.retired_on))
  + (SELECT count(*) FROM revival AS r JOIN asset AS a ON a.id = r.leaf_id WHERE NOT a.is_leaf)
"""


class Register(RuleBasedStateMachine):
    """One plot's ground: whatever is drawn on it overlaps something."""

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
        except Refusal:
            return None

    @initialize()
    def ground(self) -> None:
        self.place = next(PLACES)
        self.units: dict[UUID, Level] = {}
        self.outcomes: list[UUID] = []
        #: What a split or a merge made; the parts by their wholes, those that a merge retired by that.
        self.batches: dict[UUID, list[UUID]] = {}
        self.parents: dict[UUID, UUID] = {}
        self.retired: dict[UUID, dict[UUID, UUID]] = {}
        firm = self.run(demand.add_firm(self.db, self.staff, name=f"示例 {self.place}", once=None))
        assert firm is not None
        self.firm_id = UUID(firm["id"])
        self._add(Level.plot, 0, 6)

    def _add(self, level: Level, west: int, wide: int, **facts: Any) -> None:
        (park_id,) = self.staff.park_ids
        outline = square(self.spot, self.place, west=west / 6, east=(west + wide) / 6)
        code = f"R-{self.place}-{next(SERIAL)}"
        about = {"level": level, "code": code, "name": "示例", "stated_area": Decimal(10), "stated_area_unit": "m2"}
        about |= {"allowed_paths": ["lease"], "kind": KIND_OF_LEVEL[level].value, **facts}
        made = self.run(asset.register_asset(self.db, self.staff, park_id, outline, about, once=None, today=TODAY))
        if made is not None:
            self.units[UUID(made["id"])] = level
            if (whole := facts.get("parent_id")) is not None:
                self.parents[UUID(made["id"])] = whole

    def _some(self, data: st.DataObject, *levels: Level) -> UUID | None:
        result = sorted(item for item, level in self.units.items() if not levels or level in levels)
        return data.draw(st.sampled_from(result)) if result else None

    @rule(data=st.data(), west=st.integers(0, 5), wide=st.integers(1, 6), is_named=st.booleans())
    def add_root(self, data: st.DataObject, west: int, wide: int, is_named: bool) -> None:
        level = data.draw(st.sampled_from([Level.building, Level.building, Level.plot]))
        plot_id = self._some(data, Level.plot) if is_named and level is Level.building else None
        self._add(level, west, wide, plot_id=plot_id)

    @rule(data=st.data(), west=st.integers(0, 5), wide=st.integers(1, 6), floor_no=st.integers(1, 3))
    def add_part(self, data: st.DataObject, west: int, wide: int, floor_no: int) -> None:
        if (whole := self._some(data, *BELOW)) is not None:
            level = BELOW[self.units[whole]]
            floor = {"floor_no": floor_no} if level is Level.floor else {}
            self._add(level, west, wide, parent_id=whole, **floor)

    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        if (unit := self._some(data)) is not None:
            facts: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
            self.run(asset.list_asset(self.db, self.staff, unit, Listing.published, **facts))

    @rule(data=st.data(), is_none=st.booleans())
    def move(self, data: st.DataObject, is_none: bool) -> None:
        if (unit := self._some(data, Level.building)) is not None:
            self._amend(unit, {"plot_id": None if is_none else self._some(data, Level.plot)})

    @rule(data=st.data(), west=st.integers(0, 5), wide=st.integers(1, 6))
    def redraw_a_building_or_part(self, data: st.DataObject, west: int, wide: int) -> None:
        """A let building drawn over another let one is what staff may do and `doctor` names: only free ones here."""
        unit = self._some(data, Level.building, Level.part)
        if unit is None or (self.units[unit] is Level.building and self._is_claimed(unit)):
            return
        self._amend(unit, {"geometry": square(self.spot, self.place, west=west / 6, east=(west + wide) / 6)})

    def _is_claimed(self, unit: UUID) -> bool:
        return bool(
            self._ask(
                "SELECT count(*) FROM occupancy AS o JOIN asset AS a ON a.id = o.leaf_id WHERE a.root_id = $1", unit
            )
        )

    def _amend(self, unit: UUID, changed: dict[str, Any]) -> None:
        facts: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset.amend_asset(self.db, self.staff, unit, changed, **facts))

    @rule(data=st.data(), begins=st.integers(0, 3), is_land_alone=st.booleans())
    def let(self, data: st.DataObject, begins: int, is_land_alone: bool) -> None:
        unit = self._some(data)
        if unit is None:
            return
        facts: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(asset.list_asset(self.db, self.staff, unit, Listing.published, **facts))
        starts_on = TODAY + timedelta(days=begins * 100)
        days: dict[str, Any] = {"starts_on": starts_on, "ends_on": starts_on + timedelta(days=99)}
        made = self.run(
            outcome.open_outcome(
                self.db,
                self.staff,
                Path.lease,
                [unit],
                self.firm_id,
                **days,
                is_land_alone=is_land_alone,
                once=None,
                today=TODAY,
            )
        )
        if made is not None:
            self.outcomes.append(UUID(made["id"]))

    @rule(
        data=st.data(),
        stage=st.sampled_from([Stage.signed, Stage.handed_over, Stage.ended, Stage.withdrawn, Stage.corrected]),
    )
    def step(self, data: st.DataObject, stage: Stage) -> None:
        if not self.outcomes:
            return
        facts: dict[Stage, dict[str, Any]] = {
            Stage.signed: {"signed_on": TODAY, "evidence": Evidence.stated},
            Stage.handed_over: {"handed_over_on": TODAY, "evidence": Evidence.stated},
            Stage.ended: {"ended_on": TODAY, "evidence": Evidence.stated},
        }
        answer = facts.get(stage, {"reason": "示例"})
        body: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        self.run(outcome.advance(self.db, self.staff, data.draw(st.sampled_from(self.outcomes)), stage, answer, **body))

    @rule(data=st.data(), has_remainder=st.booleans())
    def split(self, data: st.DataObject, has_remainder: bool) -> None:
        """By areas alone: whatever the unit is, its parts have half of it each, or half and a remainder."""
        if (unit := self._some(data, *BELOW)) is None:
            return
        halves = [rearrangement.NewPart(self._part_facts(stated_area=Decimal(5), floor_no=n)) for n in (1, 2)]
        if BELOW[self.units[unit]] is not Level.floor:
            halves = [rearrangement.NewPart(self._part_facts(stated_area=Decimal(5))) for _ in halves]
        rest = self._part_facts(floor_no=2) if BELOW[self.units[unit]] is Level.floor else self._part_facts()
        about: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        parts, remainder = (halves[:1], rest) if has_remainder else (halves, None)
        made = self.run(rearrangement.split_asset(self.db, self.staff, unit, parts, remainder, **about))
        if made is not None:
            self.batches[UUID(made["batch_id"])] = [UUID(part["asset_id"]) for part in made["units"]]
            self.units |= {UUID(part["asset_id"]): BELOW[self.units[unit]] for part in made["units"]}
            self.parents |= {UUID(part["asset_id"]): unit for part in made["units"]}

    def _part_facts(self, **facts: Any) -> dict[str, Any]:
        unit = {"stated_area_unit": "m2"} if "stated_area" in facts else {}
        return {"code": f"R-{self.place}-{next(SERIAL)}", "name": "示例", **unit, **facts}

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        wholes = {whole for whole in self.parents.values() if list(self.parents.values()).count(whole) > 1}
        if not wholes:
            return
        whole = data.draw(st.sampled_from(sorted(wholes)))
        parts = sorted(part for part in self.parents if self.parents[part] == whole)
        unit, other = data.draw(st.lists(st.sampled_from(parts), min_size=2, max_size=2, unique=True))
        revision = self._ask("SELECT revision FROM asset WHERE id = $1", other)
        about: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        facts = self._part_facts(floor_no=1) if self.units[unit] is Level.floor else self._part_facts()
        sisters = [rearrangement.Sister(other, revision)]
        made = self.run(rearrangement.merge_assets(self.db, self.staff, unit, sisters, facts, **about))
        if made is not None:
            self.batches[UUID(made["batch_id"])] = [UUID(made["asset_id"])]
            self.units[UUID(made["asset_id"])] = self.units[unit]
            self.parents[UUID(made["asset_id"])] = self.parents.pop(unit)
            self.retired[UUID(made["batch_id"])] = {unit: whole, other: self.parents.pop(other)}

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if not self.batches:
            return
        batch_id = data.draw(st.sampled_from(sorted(self.batches)))
        if self.run(undo.undo_batch(self.db, self.staff, batch_id, once=None, today=TODAY)) is not None:
            for unit in self.batches.pop(batch_id):
                del self.units[unit], self.parents[unit]
            self.parents |= self.retired.pop(batch_id, {})

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if (unit := self._some(data)) is None:
            return
        facts: dict[str, Any] = {"if_match": "*", "once": None, "today": TODAY}
        if self.run(draft.void_asset(self.db, self.staff, unit, None, **facts)) is not None:
            del self.units[unit]
            self.parents.pop(unit, None)

    def _ask(self, query: str, *values: object) -> int:
        async def fetched() -> int:
            async with self.db.system() as conn:
                return int(await conn.fetchval(query, *values))

        return self.runner.run(fetched())

    @invariant()
    def nothing_is_let_twice(self) -> None:
        for check in CHECKS:
            assert self.runner.run(doctor.findings(self.db, check, today=TODAY, most=5)) == [], check
        assert self._ask(SHARED) == 0
        assert self._ask(UNLEAFED) == 0
        assert self._ask(MISPLACED) == 0


def test_no_sequence_of_acts_lets_a_space_twice(dazu: Dazu) -> None:
    with asyncio.Runner() as runner:
        Register.runner, Register.db = runner, runner.run(Database.connect(dazu.url, size=2, public_size=1))
        try:
            Register.staff, Register.spot = runner.run(staff_of(Register.db))
            run_state_machine_as_test(
                Register,
                settings=settings(
                    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(Register.db.close())
