"""A ledger brought into the register: read, compared with what is there, tried as it would be saved, or saved.

A trial does the whole act and takes it back, so that what it promises is what saving does.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require_in_park
from actions.batch import JudgedRow, UnitRow, prepare, write_rows
from actions.bulk_change import counts_of, list_units, record_batch
from domain.actor import Actor
from domain.errors import Conflict, Fault
from domain.text import folded_code
from domain.words import Listing
from ledger.assembly import NO_MAPPING, read_ledger
from ledger.cells import is_id
from ledger.differences import UNKNOWN, FieldChange, changes, fixed_faults, patch
from ledger.issues import Issue
from ledger.mapping import LedgerMapping
from ledger.rows import Ledger, LedgerRow
from ledger.workbook import Workbook, read_workbook
from store import asset, imports
from store.db import Act, Database
from store.imports import ParkNames, StoredUnit

#: Fields that name other units.
LINKS = ("parent_id", "plot_id")
#: Rows of one file that an act takes.
MOST_ROWS = 100_000
#: A row of a unit that is there need not say what a new one has to.
ONLY_OF_NEW = frozenset({"row_lacks", "level_assumed"})
Progress = Callable[[str, int, int], Awaitable[None]]


@dataclass(frozen=True)
class ImportOptions:
    """How a file is read. None: as it says itself."""

    mapping: LedgerMapping = NO_MAPPING
    sheets: Sequence[str] | None = None
    encoding: str | None = None
    crs: str | None = None
    layer: str | None = None

    def document(self) -> dict[str, Any]:
        """As JSON; `of` reads it again."""
        about = {"sheets": self.sheets, "encoding": self.encoding, "crs": self.crs, "layer": self.layer}
        return {"mapping": self.mapping.document(), **about}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> ImportOptions:
        return cls(**{**document, "mapping": LedgerMapping.of(document.get("mapping") or {})})


@dataclass(frozen=True)
class ImportDecisions:
    """What a person decided on a trial: whose value counts where both changed, rows left out, units withdrawn.

    `only_sound`: the rows that are right are saved without the others; else one at fault keeps all out.
    """

    only_sound: bool = False
    conflicts: str | None = None
    left_out: frozenset[int] = frozenset()
    withdrawn: Sequence[UUID] = ()


@dataclass
class ImportRow:
    """One row of a file: what becomes of it, the differences, and what is told of it. `n` counts from 1."""

    n: int
    source: LedgerRow
    unit: StoredUnit | None = None
    verdict: str = "refused"
    changes: list[FieldChange] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    moves: bool = False
    judged: JudgedRow | None = None
    new_id: UUID | None = None

    def tell(self, fault: Fault, severity: str = "error") -> None:
        place = {"sheet": self.source.sheet, "line": self.source.line}
        self.issues.append(Issue(Fault(fault.code, fault.field, {**fault.params, **place}), severity))  # type: ignore[arg-type]

    @property
    def is_at_fault(self) -> bool:
        return any(issue.severity == "error" for issue in self.issues)

    def document(self) -> dict[str, Any]:
        """As JSON, issues without words."""
        facts = self.source.facts if self.unit is None else {**self.unit.facts, **self.source.facts}
        return {
            "row": self.n,
            "sheet": self.source.sheet,
            "line": self.source.line,
            "verdict": self.verdict,
            "code": facts.get("code"),
            "name": facts.get("name"),
            "asset_id": None if self.unit is None else str(self.unit.asset_id),
            "changes": [_change_document(change) for change in self.changes],
            "moves": self.moves,
            "issues": [
                {
                    "severity": issue.severity,
                    "field": issue.fault.field,
                    "code": issue.fault.code,
                    "params": dict(issue.fault.params),
                }
                for issue in self.issues
            ],
        }


def _change_document(change: FieldChange) -> dict[str, Any]:
    seen = None if change.seen is UNKNOWN else change.seen
    about = {"current": change.current, "value": change.value, "seen": seen}
    return {"field": change.field, **about, "is_conflict": change.is_conflict}


@dataclass(frozen=True)
class ImportResult:
    """What became of a file, or would become."""

    ledger: Ledger
    rows: Sequence[ImportRow]
    missing: Sequence[Mapping[str, str]]
    batch_id: UUID | None = None

    def document(self) -> dict[str, Any]:
        """Counts, how columns were read, notes, and units that the file does not have, as JSON."""
        verdicts = Counter(row.verdict for row in self.rows)
        severities = Counter(issue.severity for row in self.rows for issue in row.issues)
        return {
            "rows": len(self.rows),
            "counts": {name: verdicts[name] for name in ("new", "changed", "same", "conflict", "refused")},
            "issues": {name: severities[name] for name in ("error", "warning", "note")},
            "tables": [
                {
                    "sheet": table.sheet,
                    "line": table.line,
                    "columns": [
                        {
                            "heading": column.heading,
                            "field": column.field,
                            "unit": column.unit,
                            "date_order": column.date_order,
                            "ground": column.ground,
                            "fault": None if column.fault is None else _fault_document(column.fault),
                        }
                        for column in table.columns
                    ],
                }
                for table in self.ledger.tables
            ],
            "notes": [_fault_document(note) for note in self.ledger.notes],
            "missing": list(self.missing),
        }


def _fault_document(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "field": fault.field, "params": dict(fault.params)}


class _TakenBack(Exception):
    """A trial has its result, and nothing of it is kept."""


async def import_ledger(
    db: Database,
    actor: Actor,
    park_id: UUID,
    path: Path,
    file_name: str,
    file_sha256: str,
    options: ImportOptions,
    decisions: ImportDecisions | None,
    *,
    today: date,
    on_progress: Progress,
    finish: Callable[[Act, ImportResult], Awaitable[None]] | None = None,
) -> ImportResult:
    """Tries a file, or with `decisions` saves it: one act, an event of the batch and one a unit.

    `finish` is called in the act that saves. Raises: Invalid where the file cannot be read, Conflict where rows are at
    fault and all or none is wanted, or nothing is left to save.
    """
    await require_in_park(db, actor, "asset.write", park_id, "park_id")
    await on_progress("reading", 0, 0)
    _, ledger = await asyncio.to_thread(read_file, path, file_name, options)
    await on_progress("comparing", 0, len(ledger.rows))
    rows, missing, names, named = await _compared(db, actor, park_id, ledger)
    chosen = ImportDecisions(only_sound=True) if decisions is None else decisions
    await asyncio.to_thread(_take, rows, names, named, chosen)
    await on_progress("checking", 0, len(rows))
    taken = [row for row in rows if row.judged is not None]
    prepared = await prepare([row.judged.row for row in taken if row.judged is not None])
    for row, judged in zip(taken, prepared, strict=True):
        row.judged = judged
    await on_progress("writing", 0, len(rows))
    result = ImportResult(ledger, rows, missing)
    try:
        async with db.write(actor, park_id) as act:
            withdrawn = [UnitRow({}, asset_id, path=f"withdrawn.{n}") for n, asset_id in enumerate(chosen.withdrawn)]
            await asset.lock_roots(act, list(chosen.withdrawn))
            await write_rows(act, prepared, today)
            for row in taken:
                _tell_judged(row)
            if decisions is None:
                raise _TakenBack
            if not chosen.only_sound:
                _refuse_faulty(rows)
            left = await list_units(act, withdrawn, Listing.withdrawn, today)
            if faults := [fault for row in left for fault in row.faults]:
                raise Conflict.of(faults)
            sound = [row.judged for row in taken if row.judged is not None and not row.judged.faults]
            if not sound and not withdrawn:
                raise Conflict("nothing_to_save", "file")
            counts = counts_of(sound)._replace(withdrawn=len(withdrawn))
            about = {"file_name": file_name, "file_sha256": file_sha256}
            result = ImportResult(ledger, rows, missing, await record_batch(act, "import", counts, **about))
            if finish is not None:
                await finish(act, result)
    except _TakenBack:
        pass
    return result


def read_file(path: Path, file_name: str, options: ImportOptions) -> tuple[Workbook, Ledger]:
    """A file under its own name, as its kind may be told by it. Raises: as `read_workbook` and `read_ledger`."""
    with tempfile.TemporaryDirectory(prefix="panhuo-import-") as folder:
        named = Path(folder) / file_name
        named.symlink_to(path.resolve())
        about: dict[str, Any] = {"sheets": options.sheets, "encoding": options.encoding}
        workbook = read_workbook(named, crs=options.crs, layer=options.layer, **about)
    ledger = read_ledger(workbook, options.mapping)
    if len(ledger.rows) > MOST_ROWS:
        raise Conflict("too_many_rows", "file", most=MOST_ROWS)
    return workbook, ledger


async def _compared(
    db: Database, actor: Actor, park_id: UUID, ledger: Ledger
) -> tuple[list[ImportRow], list[dict[str, str]], ParkNames, Mapping[str, UUID]]:
    """The rows beside the units they are of, the units of the park that an export read in again does not have, what the
    park is called, and the units that rows may name by a text.
    """
    rows = [ImportRow(n, row, issues=list(row.issues)) for n, row in enumerate(ledger.rows, 1)]
    own = {UUID(row.source.asset_id) for row in rows if row.source.asset_id is not None and is_id(row.source.asset_id)}
    texts = {text.strip() for row in rows for name, text in row.source.references.items() if name in LINKS}
    ids = own | {UUID(text) for text in texts if is_id(text)}
    keys = [folded_code(code) for row in rows if isinstance(code := row.source.facts.get("code"), str)]
    async with db.read(actor, park_id=park_id) as conn:
        units = await imports.units(conn, park_id, sorted(ids), [*keys, *map(folded_code, texts)], sorted(texts))
        by_id = {unit.asset_id: unit for unit in units}
        by_code = {unit.code_key: unit for unit in units if unit.code_key is not None}
        for row in rows:
            row.unit = _unit_of(row.source, by_id, by_code)
        known = {row.unit.asset_id for row in rows if row.unit is not None}
        old = {
            row.unit.asset_id: row.source.revision
            for row in rows
            if row.unit is not None and row.source.revision is not None and row.source.revision < row.unit.revision
        }
        seen = await imports.seen(conn, park_id, old) if old else {}
        missing = await imports.others(conn, park_id, sorted(known)) if own & by_id.keys() else []
        names = await imports.park_names(conn, park_id)
    named = _units_by_text(rows, units)
    with_levels = {table.sheet for table in ledger.tables if any(column.field == "level" for column in table.columns)}
    await asyncio.to_thread(_compare, rows, seen, with_levels)
    return rows, missing, names, named


def _unit_of(row: LedgerRow, by_id: Mapping[UUID, StoredUnit], by_code: Mapping[str, StoredUnit]) -> StoredUnit | None:
    """The unit a row is of: by its id, which another park's is none here, else by its code."""
    if row.asset_id is not None and is_id(row.asset_id) and (unit := by_id.get(UUID(row.asset_id))) is not None:
        return unit
    code = row.facts.get("code")
    return by_code.get(folded_code(code)) if isinstance(code, str) else None


def _units_by_text(rows: Sequence[ImportRow], units: Sequence[StoredUnit]) -> dict[str, UUID]:
    """Units by what others call them: a name that no other has, a code, the id in their file or in the register.

    New ones get their ids here.
    """
    named: dict[str, UUID] = {}
    counts: Counter[str] = Counter()
    for unit in units:
        named[str(unit.facts["name"])] = unit.asset_id
        counts[str(unit.facts["name"])] += 1
    new = [(row, new_id()) for row in rows if row.unit is None]
    for row, asset_id in new:
        row.new_id = asset_id
        named[str(row.source.facts.get("name"))] = asset_id
        counts[str(row.source.facts.get("name"))] += 1
    named = {name: asset_id for name, asset_id in named.items() if counts[name] == 1}
    for row, asset_id in reversed(new):  # of two with one code the second is at fault
        named[folded_code(str(row.source.facts.get("code")))] = asset_id
    named |= {unit.code_key: unit.asset_id for unit in units if unit.code_key is not None}
    named |= {row.source.asset_id: asset_id for row, asset_id in new if row.source.asset_id is not None}
    return named | {str(unit.asset_id): unit.asset_id for unit in units}


def _compare(
    rows: Sequence[ImportRow], seen: Mapping[UUID, Mapping[str, Any] | None], with_levels: Collection[str]
) -> None:
    """Holds rows against their units. `with_levels`: sheets that state levels; in others reading filled them in."""
    from geo.comparison import is_same_geometry  # as in `actions/geometry`

    first: dict[UUID, ImportRow] = {}
    for row in rows:
        unit = row.unit
        if unit is None:
            continue
        row.issues = [issue for issue in row.issues if issue.fault.code not in ONLY_OF_NEW]
        _take_area_unit(row, unit)
        other = first.setdefault(unit.asset_id, row)
        if other is not row:
            where = {"other": other.source.line, "other_sheet": other.source.sheet, "code": unit.facts["code"]}
            row.tell(Fault("code_twice", "properties.code", where))
        facts = row.source.facts
        stated = {name: value for name, value in facts.items() if name != "level" or row.source.sheet in with_levels}
        for name in fixed_faults(stated, unit.facts):
            about = {"current": str(unit.facts[name]), "value": str(row.source.facts[name])}
            row.tell(Fault("never_changes", f"properties.{name}", about))
        is_newest = row.source.revision is None or row.source.revision >= unit.revision
        beside = {"stated_area_unit"} if facts.get("stated_area", "") is None else set()  # its area is cleared
        facts = {name: value for name, value in facts.items() if name not in beside}
        row.changes = changes(facts, unit.facts, seen.get(unit.asset_id), is_newest=is_newest)
        place = row.source.geometry
        row.moves = place is not None and not _stays(place, unit) and not is_same_geometry(place, unit.geometry)


def _take_area_unit(row: ImportRow, unit: StoredUnit) -> None:
    """An area without a unit is in the unit's own, where it has one."""
    needed = [issue for issue in row.issues if issue.fault.code == "area_unit_needed"]
    if needed and unit.facts["stated_area_unit"] is not None:
        row.source.facts["stated_area_unit"] = unit.facts["stated_area_unit"]
        row.issues.remove(needed[0])
        row.tell(Fault("area_unit_as_before", "properties.stated_area"), "warning")


def _stays(place: Mapping[str, Any], unit: StoredUnit) -> bool:
    """A point says less than the outline that is there."""
    return place["type"] == "Point" and unit.geometry is not None and unit.geometry["type"] != "Point"


# What is taken of it


def _take(
    rows: Sequence[ImportRow], names: ParkNames, named: Mapping[str, UUID], decisions: ImportDecisions
) -> None:
    """Makes of each row that is right the row of the act: a new unit, or the patch of one."""
    for row in rows:
        references = _references(row, names, named)
        if row.n in decisions.left_out:
            row.tell(Fault("row_left_out"), "note")
            continue
        if row.is_at_fault:
            continue
        path = f"rows.{row.n}"
        if row.unit is None:
            facts = {name: value for name, value in row.source.facts.items() if value is not None}
            facts |= {name: value for name, value in references.items() if value is not None}
            row.verdict = "new"
            made = UnitRow(facts | {"geometry": row.source.geometry}, row.new_id, is_new=True, path=path)
        elif (patched := _patched(row, references, decisions)) is not None:
            made = UnitRow(patched, row.unit.asset_id, revision=row.unit.revision, path=path)
        else:
            continue
        row.judged = JudgedRow(made, [])


def _patched(row: ImportRow, references: Mapping[str, Any], decisions: ImportDecisions) -> dict[str, Any] | None:
    """The patch of a unit; None where nothing is to change, or a conflict is undecided."""
    assert row.unit is not None, "a patch is of a unit"
    if decisions.conflicts == "register":
        row.changes = [change for change in row.changes if not change.is_conflict]
    elif decisions.conflicts is None and any(change.is_conflict for change in row.changes):
        row.verdict = "conflict"
        return None
    facts = patch(row.changes) | dict(references)
    if row.moves:
        facts["geometry"] = row.source.geometry
    if "stated_area" in facts and facts["stated_area"] is None:
        facts["stated_area_unit"] = None
    row.verdict = "changed" if facts else "same"
    return facts or None


def _references(row: ImportRow, names: ParkNames, named: Mapping[str, UUID]) -> dict[str, UUID | None]:
    """The units and the zone that a row names anew, by field. What names nothing is a fault of the row."""
    ids: dict[str, UUID | None] = {}
    stated: Mapping[str, Any] = {} if row.unit is None else row.unit.facts
    for name, written in row.source.references.items():
        text = written.strip()
        if name == "park_id":
            if text and text not in names.names:
                row.tell(Fault("other_park", "properties.park_id", {"value": text}))
            continue
        known = names.zones if name == "zone_id" else named
        unit_id = known.get(text) or known.get(folded_code(text))
        if text and unit_id is None:
            row.tell(Fault("unknown_reference", f"properties.{name}"))
        elif str(unit_id) == str(stated.get(name)):
            continue
        elif name == "parent_id" and row.unit is not None:
            row.tell(Fault("never_changes", "properties.parent_id", {"current": str(stated[name]), "value": text}))
        else:
            ids[name] = unit_id
    return ids


def _tell_judged(row: ImportRow) -> None:
    """Takes over what the act says of a row."""
    assert row.judged is not None, "a row that was taken"
    for fault in row.judged.faults:
        own = fault.field.removeprefix(f"{row.judged.row.path}.")
        row.tell(Fault(fault.code, own, fault.params))
    if row.judged.faults:
        row.verdict = "refused"
    elif row.unit is None and row.judged.asset_id is not None:
        for issue in row.judged.issues:
            params = {name: value for name, value in issue.items() if name not in ("code", "field")}
            row.tell(Fault(str(issue["code"]), str(issue["field"]), params), "warning")


def _refuse_faulty(rows: Sequence[ImportRow]) -> None:
    faulty = sum(row.verdict in ("refused", "conflict") for row in rows if not _is_left_out(row))
    if faulty:
        raise Conflict("rows_at_fault", "", count=faulty)


def _is_left_out(row: ImportRow) -> bool:
    return any(issue.fault.code == "row_left_out" for issue in row.issues)
