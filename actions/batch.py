"""Many units of a park registered or changed by one act: what is wrong is named row by row, all rows in few statements.

What can be judged alone is judged first. The rows that pass are written, then judged together: what overlaps, leaves
its whole or outgrows it is taken back with the rest, and the rest written anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from actions import claim as claim_actions
from actions.asset import (
    CODE_FIELDS,
    DRAWN,
    GEOMETRY,
    SURVEY_SLACK_M2,
    SURVEY_SLACK_SHARE,
    area_issues,
    extent_faults,
    fact_faults,
    geometry_columns,
    inherited,
    kept_issues,
    pair_faults,
    plain,
    precisions,
    record_parted,
    settle_code,
)
from domain.errors import Fault, Invalid
from domain.merge_patch import with_objects_merged, without_removals
from domain.text import folded_code
from domain.words import KIND_OF_LEVEL, PARENT_LEVELS, DatePrecision, Level
from outcomes.checks import last_day
from store import asset, batch, claim, reference
from store.db import Act
from store.spelling import load_dictionary, searched

if TYPE_CHECKING:
    from geo.geometry import Geometry

#: Of each level, how far below its root it may lie at most: wholes are written before their parts, plots before what
#: stands on them.
ORDER = {Level.plot: 0, Level.part: 1, Level.building: 1, Level.floor: 2, Level.bay: 3}
#: Facts by which parts may exceed their whole.
AREA_FACTS = frozenset({"stated_area", "stated_area_unit"})


@dataclass(frozen=True)
class UnitRow:
    """A new unit under an id of its own, or one that is there: by its id or code, as its reader saw it, and a patch.

    `facts` may hold the `geometry`, decoded GeoJSON; `codes` are units it names by their code, of the park or of other
    rows, by field. Faults are named below `path` and, of facts, `facts_path`.
    """

    facts: Mapping[str, Any]
    asset_id: UUID | None = None
    code: str | None = None
    revision: int | None = None
    is_new: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    facts_path: str = "properties."


@dataclass
class JudgedRow:
    """A row with what is wrong with it; where nothing is, the unit `before` and `after`; None: not there."""

    row: UnitRow
    faults: list[Fault]
    #: Those sent, without the geometry, units named by their ids.
    facts: dict[str, Any] = field(default_factory=dict)
    place: Geometry = None
    asset_id: UUID | None = None
    before: Any = None
    #: What the unit becomes, by column; of a patch the columns that change.
    columns: dict[str, Any] = field(default_factory=dict)
    issues: list[dict[str, object]] = field(default_factory=list)
    #: New, no part, without parts, on no plot that was there: by nothing but its own facts is it free, and idle.
    is_alone: bool = False
    after: Any = None

    @property
    def is_drawn(self) -> bool:
        return self.row.is_new or "geometry" in self.row.facts

    @property
    def is_related(self) -> bool:
        """Whether it may lie otherwise beside other units than before."""
        return self.is_drawn or not DRAWN.isdisjoint(self.facts)

    @property
    def whole_id(self) -> UUID | None:
        """The unit it is a part of; None: of none."""
        whole_id: UUID | None = self.facts.get("parent_id") if self.row.is_new else self.before["parent_id"]
        return whole_id

    def refuse(self, code: str, name: str, **params: object) -> None:
        """A fault of a fact; of a unit that was named by its code, where that stands."""
        place = f"{self.row.path}.{_code_member(name)}" if name in self.row.codes else f"{self.row.facts_path}{name}"
        self.faults.append(Fault(code, place, params))


def _code_member(link: str) -> str:
    """The member that names by its code the unit of a link."""
    return f"{link.removesuffix('_id')}_code"


async def prepare(rows: Sequence[UnitRow]) -> list[JudgedRow]:
    """What can be judged of rows before anything is locked, with their outlines measured."""
    await load_dictionary()
    return await asyncio.to_thread(_all_prepared, rows)


def _all_prepared(rows: Sequence[UnitRow]) -> list[JudgedRow]:
    """In two passes: the dictionary of readings and the outlines would push each other out of the processor's cache."""
    prepared = [_prepared(row) for row in rows]
    for judged in prepared:
        if judged.row.is_new and not judged.faults:
            judged.columns |= searched(judged.facts["name"], judged.facts["code"])
    return prepared


def _prepared(row: UnitRow) -> JudgedRow:
    from geo.geometry import read_geometry  # as in `actions/geometry`

    facts = {name: value for name, value in row.facts.items() if name != "geometry"}
    if row.is_new:
        faults = fact_faults(facts, Level(facts["level"]), row.facts_path)
    else:
        faults = fact_faults(without_removals(facts, ("attributes",)), None, row.facts_path)
    judged = JudgedRow(row, faults, facts)
    if row.facts.get("geometry") is not None:
        try:
            judged.place = read_geometry(row.facts["geometry"], field=f"{row.path}.geometry".lstrip("."))
        except Invalid as refusal:
            faults += refusal.faults
    if row.is_new:
        judged.asset_id = row.asset_id
        judged.columns = geometry_columns(judged.place)
        if not faults:
            faults += extent_faults(facts | judged.columns, row.facts_path)
    return judged


#: What lays the claims of new units, where they are not what their wholes say.
Carry = Callable[[], Awaitable[None]]


async def write_rows(
    act: Act,
    rows: Sequence[JudgedRow],
    today: date,
    *,
    near: Sequence[UUID] | None = None,
    carry: Carry | None = None,
) -> None:
    """Registers and changes the units whose rows are right, and names what is wrong with the others.

    Whoever wants all or none takes the act back where any row has faults. `near`: the roots near what is drawn, where
    all is locked already. `carry`: lays the claims of the new units, whose wholes may be claimed then.
    Raises: Conflict where a building is put on a plot that a deal has, against its own claims.
    """
    await _resolve_codes(act, rows)
    if near is None:
        near = await _lock(act, rows)
    await _judge_alone(act, rows, today, is_carried=carry is not None)
    await act.conn.execute("SAVEPOINT rows")
    while True:
        _refuse_parts_of_refused(rows)
        sound = [row for row in rows if not row.faults]
        if not sound:
            return
        wholes = await _write(act, sound, today)
        outside = await _judge_together(act, sound)
        if not any(row.faults for row in sound):
            break
        await act.conn.execute("ROLLBACK TO SAVEPOINT rows")
    await _settle(act, sound, wholes, outside, near, today, carry)


async def _lock(act: Act, rows: Sequence[JudgedRow]) -> list[UUID]:
    """Locks what the rows touch; the roots near those that are drawn."""
    changed = [row.asset_id for row in rows if not row.row.is_new and row.asset_id is not None]
    parents = {row.facts["parent_id"] for row in rows if row.facts.get("parent_id") is not None}
    plots = {row.facts["plot_id"] for row in rows if row.facts.get("plot_id") is not None}
    drawn = [row.asset_id for row in rows if not row.row.is_new and row.asset_id is not None and row.is_related]
    outlines = [geometry_columns(row.place)["geom"] for row in rows if row.facts.get("parent_id") is None]
    return await asset.lock_many(
        act,
        [*changed, *parents],
        drawn=drawn,
        plot_ids=sorted(plots),
        outlines=[outline for outline in outlines if outline is not None],
    )


async def _resolve_codes(act: Act, rows: Sequence[JudgedRow]) -> None:
    """The ids of units that rows name by code: one of the park, else another new one of theirs."""
    here = {folded_code(str(row.facts.get("code"))): row.asset_id for row in rows if row.row.is_new}
    named = {code: folded_code(code) for row in rows for code in row.row.codes.values()}
    named |= {row.row.code: folded_code(row.row.code) for row in rows if row.row.code is not None}
    wanted = sorted({*named.values()})
    there = dict(zip(wanted, await asset.by_codes(act, wanted), strict=True)) if wanted else {}
    for row in rows:
        row.asset_id = row.asset_id or row.row.asset_id
        if row.asset_id is None and row.row.code is not None:
            row.asset_id = there.get(named[row.row.code])
        for link, code in row.row.codes.items():
            unit_id = there.get(named[code]) or here.get(named[code])
            row.facts[link] = unit_id
            if unit_id is None:
                row.refuse("unknown_reference", link)


@dataclass(frozen=True)
class _Register:
    """What the rows are held against: units of the park and of the rows by id, holders of codes, and lists of words."""

    units: Mapping[UUID, Any]
    new: Mapping[UUID, JudgedRow]
    holders: Mapping[str, UUID]
    zones: set[UUID]
    unknown_industries: set[str]
    taken_whole: set[UUID]


async def _judge_alone(act: Act, rows: Sequence[JudgedRow], today: date, *, is_carried: bool) -> None:
    """Everything that a row can be refused for by itself."""
    new = {row.asset_id: row for row in rows if row.row.is_new and row.asset_id is not None}
    ids = {row.asset_id for row in rows if not row.row.is_new and row.asset_id is not None}
    wholes = {row.facts["parent_id"] for row in new.values() if row.facts.get("parent_id") is not None} - new.keys()
    plots = {row.facts["plot_id"] for row in rows if row.facts.get("plot_id") is not None} - new.keys()
    units = {unit["id"]: unit for unit in await asset.by_keys(act, [*{*ids, *wholes, *plots}])}
    codes = [row.facts["code"] for row in rows if isinstance(row.facts.get("code"), str)]
    holders = zip(codes, await asset.by_codes(act, codes), strict=True)
    industries = {code for row in rows for name in CODE_FIELDS for code in row.facts.get(name) or ()}
    register = _Register(
        units,
        new,
        {folded_code(code): holder for code, holder in holders if holder is not None},
        await batch.zone_ids(act),
        set(await reference.unknown_industries(act.conn, sorted(industries))),
        await claim.taken_whole(act, sorted(wholes), today) if wholes and not is_carried else set(),
    )
    seen: dict[UUID, str] = {}
    codes_here: set[str] = set()
    for row in rows:
        if row.row.is_new:
            _judge_new(row, register)
        elif _is_there(row, register, seen):
            _judge_changed(row, register)
            await _judge_plot(act, row, today)
        _judge_references(row, register, codes_here)
    await asyncio.to_thread(_respell, rows)


def _is_there(row: JudgedRow, register: _Register, seen: dict[UUID, str]) -> bool:
    """Finds the unit of a patch, at the revision its reader saw, and named once only."""
    unit = None if row.asset_id is None else register.units.get(row.asset_id)
    if unit is None or row.asset_id is None:
        named = "" if row.row.facts_path == f"{row.row.path}." else ".code" if row.row.asset_id is None else ".asset_id"
        row.faults.append(Fault("unknown_reference", row.row.path + named))
        return False
    first = seen.setdefault(row.asset_id, row.row.path)
    if first != row.row.path:
        row.faults.append(Fault("told_twice", row.row.path, {"first": first}))
    row.before = unit
    if unit["retired_on"] is not None:
        row.faults.append(Fault("retired", row.row.path, {"on": unit["retired_on"]}))
    if row.row.revision not in (None, unit["revision"]):
        row.faults.append(Fault("row_changed", f"{row.row.path}.revision", {"revision": unit["revision"]}))
    return True


def _judge_new(row: JudgedRow, register: _Register) -> None:
    level, parent_id = Level(row.facts["level"]), row.facts.get("parent_id")
    whole: Any = None
    if parent_id is not None:
        whole = register.new[parent_id].facts if parent_id in register.new else register.units.get(parent_id)
    if parent_id is None:
        if PARENT_LEVELS[level] and "parent_id" not in row.row.codes:
            row.refuse("parent_missing", "parent_id", level=level.value)
    elif whole is None:
        row.refuse("unknown_reference", "parent_id")
    elif whole["level"] not in PARENT_LEVELS[level]:
        name = "parent_id" if "parent_id" in row.row.codes else "level"
        row.refuse("level_does_not_fit", name, level=level.value, parent=str(whole["level"]))
    elif whole.get("retired_on") is not None:
        row.refuse("retired", "parent_id", on=whole["retired_on"])
    elif parent_id in register.taken_whole:
        row.refuse("whole_is_claimed", "parent_id")
    row.columns = {
        **inherited(whole),
        **row.facts,
        **precisions(row.facts, row.facts),
        **row.columns,
        "id": row.asset_id,
        "kind": KIND_OF_LEVEL[level].value,
    }
    if not row.faults:
        row.issues = area_issues(row.columns) + _issues_of(row.place)


def _judge_changed(row: JudgedRow, register: _Register) -> None:
    before, path = row.before, row.row.facts_path
    drawn = geometry_columns(row.place) if row.is_drawn else {}
    changed = with_objects_merged(row.facts, before, ("attributes",))
    after = {**dict(before), **changed, **drawn}
    row.faults += fact_faults({name: changed[name] for name in ("attributes",) if name in changed}, None, path)
    row.faults += pair_faults(changed, after, Level(before["level"]), path) + extent_faults(after, path)
    row.columns = {**changed, **precisions(changed, after), **drawn}
    if not row.faults:
        issues = kept_issues(before, changed, is_drawn=row.is_drawn)
        row.issues = issues + area_issues({**after, **row.columns}) + _issues_of(row.place)


def _issues_of(place: Geometry) -> list[dict[str, object]]:
    return [] if place is None else [{"code": fault.code, "field": "geometry"} for fault in place.issues]


async def _judge_plot(act: Act, row: JudgedRow, today: date) -> None:
    """A building stays on the plot with which a deal has taken it."""
    old = row.before["plot_id"]
    if old is None or row.columns.get("plot_id", old) == old or row.asset_id is None:
        return
    if await claim.taken_with_plot(act, row.asset_id, today):
        row.refuse("taken_with_plot", "plot_id")


def _judge_references(row: JudgedRow, register: _Register, codes_here: set[str]) -> None:
    """Codes, industries, zones and plots that a row names."""
    facts = row.facts
    code, zone_id, plot_id = facts.get("code"), facts.get("zone_id"), facts.get("plot_id")
    if isinstance(code, str):
        key = folded_code(code)
        if register.holders.get(key, row.asset_id) != row.asset_id or key in codes_here:
            row.refuse("taken", "code")
        codes_here.add(key)
    for name in CODE_FIELDS:
        if wrong := [value for value in facts.get(name) or () if value in register.unknown_industries]:
            row.refuse("unknown_industry", name, value=", ".join(wrong))
    if zone_id is not None and zone_id not in register.zones:
        row.refuse("unknown_reference", "zone_id")
    if plot_id is not None:
        plot = register.new[plot_id].facts if plot_id in register.new else register.units.get(plot_id)
        if plot is None:
            row.refuse("unknown_reference", "plot_id")
        elif plot["level"] != Level.plot:
            row.refuse("not_a_plot", "plot_id")


def _respell(rows: Sequence[JudgedRow]) -> None:
    """What is searched of units that get another name or code."""
    for row in rows:
        if row.before is not None and row.columns.keys() & {"name", "code"} and not row.faults:
            named = {**dict(row.before), **row.columns}
            row.columns |= searched(named["name"], named["code"])


def _refuse_parts_of_refused(rows: Sequence[JudgedRow]) -> None:
    """A unit cannot come without the whole or the plot that comes with it."""
    refused = {row.asset_id for row in rows if row.row.is_new and row.faults}
    codes = {row.asset_id: row.facts.get("code") for row in rows if row.asset_id in refused}
    for row in sorted(rows, key=lambda row: ORDER[Level(row.facts["level"])] if row.row.is_new else 0):
        for link in ("plot_id", "parent_id"):
            if not row.faults and row.facts.get(link) in refused:
                row.refuse("whole_refused", link, whole=codes.get(row.facts[link]))
                codes[row.asset_id] = row.facts.get("code")
                refused |= {row.asset_id} if row.row.is_new else set()


async def _write(act: Act, rows: Sequence[JudgedRow], today: date) -> list[UUID]:
    """Writes rows; the wholes in the register that got parts."""
    new = sorted((row for row in rows if row.row.is_new), key=lambda row: ORDER[Level(row.facts["level"])])
    parents = {row.whole_id for row in new if row.whole_id is not None}
    known = {row.asset_id for row in new}
    there = {unit["id"]: unit for unit in await asset.by_keys(act, sorted(parents - known))}
    opened = await asset.open_for_parts(act, [whole_id for whole_id, whole in there.items() if whole["is_leaf"]])
    closed = {whole_id for whole_id, whole in there.items() if whole["is_leaf"]} - opened
    roots = {whole_id: whole["root_id"] for whole_id, whole in there.items()}
    for row in new:
        if row.whole_id in closed:
            row.refuse("whole_has_claims", "parent_id")
        roots[_id(row)] = _id(row) if row.whole_id is None else roots[row.whole_id]
    if any(row.faults for row in new):
        return []
    plots = {None, *known}
    for row in new:
        row.is_alone = row.whole_id is None and row.asset_id not in parents and row.facts.get("plot_id") in plots
    units = [_inserted(act, row, roots[_id(row)], _id(row) in parents) for row in new]
    idle = [_idle(row, today) for row in new]
    await asset.insert_all(act, [unit | since for unit, since in zip(units, idle, strict=True)])
    changed = [row for row in rows if not row.row.is_new]
    await asset.amend_all(
        act, [{"id": row.asset_id, "changed": plain(row.columns), "issues": row.issues} for row in changed]
    )
    return list(there)


def _inserted(act: Act, row: JudgedRow, root_id: UUID, has_parts: bool) -> dict[str, Any]:
    columns = {**row.columns, "park_id": act.scope_id, "root_id": root_id, "is_leaf": not has_parts}
    return plain(columns) | {"issues": row.issues}


def _idle(row: JudgedRow, today: date) -> dict[str, Any]:
    """Since when a new unit that is alone is idle: since what is stated of it, once the last day this may mean is over.

    As `asset.refresh` finds it, and its revision as counted there.
    """
    day, precision = row.columns.get("stated_idle_since"), row.columns.get("stated_idle_since_precision")
    if not row.is_alone or day is None or last_day(day, DatePrecision(str(precision))) > today:
        return {}
    return {"idle_since": day, "idle_since_precision": precision, "revision": 2}


async def _judge_together(act: Act, rows: Sequence[JudgedRow]) -> list[UUID]:
    """What written rows are refused for beside others. The units partly outside the park, which is no fault."""
    if any(row.faults for row in rows):
        return []
    by_id = {row.asset_id: row for row in rows}
    drawn = [row.asset_id for row in rows if row.asset_id is not None and row.is_drawn]
    placed = [*drawn, *(row.asset_id for row in rows if row.asset_id is not None and "zone_id" in row.facts)]
    partly = []
    for unit in await asset.misplaced(act, placed):
        row = by_id[unit["id"]]
        if unit["is_off_park"]:
            row.faults.append(Fault("outside_park", f"{row.row.path}.geometry".lstrip(".")))
        elif unit["is_off_zone"]:
            row.refuse("outside_zone", "zone_id")
        elif row.is_drawn:
            partly.append(unit["id"])
    slack = (SURVEY_SLACK_M2, SURVEY_SLACK_SHARE)
    for unit in await asset.outside_wholes(act, drawn, *slack) if drawn else ():
        if unit["is_drawn"]:
            _refuse_outline(by_id[unit["id"]], "outside_whole", unit["m2"], whole=unit["whole"])
        else:
            _refuse_outline(by_id[unit["whole_id"]], "part_left_outside", unit["m2"], other=unit["code"])
    for unit in await asset.overlapping_parts(act, drawn, *slack) if drawn else ():
        _refuse_outline(by_id[unit["id"]], "parts_overlap", unit["m2"], other=unit["other"])
    measured = [row for row in rows if row.row.is_new or not AREA_FACTS.isdisjoint(row.facts)]
    outgrown = await asset.outgrown(act, [row.asset_id for row in measured if row.asset_id], SURVEY_SLACK_M2)
    parts = {row.whole_id for row in measured}
    for row in measured if outgrown else ():  # the parts of a whole are at fault, and where only it changed it is
        beyond = None if row.whole_id is None else outgrown.get(row.whole_id)
        if beyond is None and row.asset_id not in parts:
            beyond = outgrown.get(_id(row))
        if beyond is not None:
            row.refuse("parts_exceed_whole", "stated_area", area_m2=f"{beyond:.2f}")
    return partly


def _refuse_outline(row: JudgedRow, code: str, area_m2: float, **params: object) -> None:
    """The worst fault of an outline of each kind is named."""
    if all(fault.code != code for fault in row.faults):
        path = f"{row.row.path}.geometry".lstrip(".")
        row.faults.append(Fault(code, path, {**params, "area_m2": f"{area_m2:.2f}"}))


async def _settle(
    act: Act,
    rows: Sequence[JudgedRow],
    wholes: Sequence[UUID],
    outside: Sequence[UUID],
    near: Sequence[UUID],
    today: date,
    carry: Carry | None,
) -> None:
    """What follows from rows that stay: neighbours, issues beside others, claims, what readers see, and the events."""
    ids = [row.asset_id for row in rows if row.asset_id is not None]
    new = [row for row in rows if row.row.is_new and row.asset_id is not None]
    moved = [row.asset_id for row in rows if row.asset_id and (row.is_drawn or "floor_no" in row.facts)]
    if outside:
        await asset.add_issue(act, outside, {"code": "partly_outside_park", "field": "geometry"})
    parted = await asset.meet_neighbours(act, moved, wholes) if moved else []
    for row in rows:
        act.did(f"asset.{'registered' if row.row.is_new else 'amended'}", "asset", _id(row), **_written(row))
    if parted:
        record_parted(act, parted, ids[0])
    parts = [_id(row) for row in new if row.whole_id is not None]
    if carry is not None:
        await carry()
    else:
        for part_id in await asset.beside_a_past(act, parts) if parts else ():
            await claim_actions.share_past(act, part_id)
    roots = await asset.roots_for_outcome(act, ids)
    if carry is None and any(row.is_drawn or "plot_id" in row.facts for row in rows):
        await claim_actions.take_over(act, roots, today)
    touched = [*(_id(row) for row in rows if not row.row.is_new), *wholes]
    related = [row.asset_id for row in rows if row.asset_id and row.is_related and row.whole_id is None]
    for other_id in await asset.relate(act, related, near) if related else ():
        touched.append(other_id)
        if other_id not in related:
            act.did("asset.related", "asset", other_id)
    for row in rows:
        if row.before is not None and "code" in row.columns:
            touched += await settle_code(act, row.before, row.columns)
    alone = {row.asset_id for row in rows if row.is_alone}
    followed = await asset.refresh(act, [root_id for root_id in roots if root_id not in alone], touched, today)
    for asset_id in sorted({*followed} - {*ids, *wholes}):
        act.did("asset.followed", "asset", asset_id)
    after = {unit["id"]: unit for unit in await asset.by_keys(act, ids)}
    for row in rows:
        row.after = after[_id(row)]


def _id(row: JudgedRow) -> UUID:
    assert row.asset_id is not None, "a row without a unit has faults"
    return row.asset_id


def _written(row: JudgedRow) -> dict[str, Any]:
    """What an event says of a row: the facts that were sent, and how large what was drawn is."""
    derived = GEOMETRY | {"search", "spelling", "id", "kind", "measured_area_m2", "previously_part_of"}
    facts = {name: value for name, value in row.columns.items() if name not in derived}
    return facts | ({"measured_area_m2": row.columns["measured_area_m2"]} if row.is_drawn else {})
