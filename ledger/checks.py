"""What all rows of a ledger are held to, once they are together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.errors import Fault
from domain.fields import ASSET
from domain.text import folded_code
from domain.words import KIND_OF_LEVEL, PARENT_LEVELS, AreaUnit, Kind, Level
from ledger.field_names import REFERENCES
from ledger.issues import shown
from ledger.rows import LedgerReading, LedgerRow
from texts.words import plain

#: What a new unit cannot do without.
NEEDED = ("code", "name", "level")


def joined(reading: LedgerReading) -> list[int]:
    """The places of the rows that stay: a plot of corner points that says no more is the outline of its unit."""
    units: dict[str, list[int]] = {}
    for n, row in enumerate(reading.rows):
        if isinstance(code := row.facts.get("code"), str) and row.geometry is None:
            units.setdefault(folded_code(code), []).append(n)
    kept = []
    for n, row in enumerate(reading.rows):
        same = units.get(folded_code(str(row.facts.get("code"))), [])
        if row.geometry is None or len(same) != 1 or reading.rows[same[0]].sheet == row.sheet:
            kept.append(n)
            continue
        unit = same[0]
        reading.rows[unit].geometry = row.geometry
        reading.rows[unit].facts = row.facts | reading.rows[unit].facts
        reading.issues.by_row.setdefault(unit, []).extend(reading.issues.by_row.get(n, []))
        reading.issues.wrong_rows |= {unit} if n in reading.issues.wrong_rows else set()
    return kept


# What all rows are held to


def check(reading: LedgerReading, kept: Sequence[int]) -> None:
    """What a row lacks, and codes that stand twice."""
    lines: dict[tuple[str, str], int] = {}
    for n in kept:
        row = reading.rows[n]
        _fill(reading, n, row)
        for name in NEEDED if row.asset_id is None else ():
            path = f"properties.{name}"
            if row.facts.get(name) is None and (n, path) not in reading.issues.wrong_fields:
                reading.tell(n, Fault("row_lacks", path, {"name": name}), "error")
        _check_area(reading, n, row)
        code = row.facts.get("code")
        if code is None:
            continue
        key = (plain(row.references.get("park_id", "")), folded_code(code))
        if key in lines:
            first = reading.rows[lines[key]]
            where = {"other": first.line, "other_sheet": first.sheet, "code": code}
            reading.tell(n, Fault("code_twice", "properties.code", where), "error")
        lines.setdefault(key, n)


def _fill(reading: LedgerReading, n: int, row: LedgerRow) -> None:
    """Constants of the mapping, and the level: the one that the kind leaves open, or of a numbered storey."""
    for name, value in reading.constants.items():
        if name in REFERENCES:
            row.references.setdefault(name, value)
        elif ASSET[name].store == "attributes":
            row.facts.setdefault("attributes", {}).setdefault(name, value)
        else:
            row.facts.setdefault(name, value)
    kind = row.facts.get("kind")
    if "level" not in row.facts and kind is not None and row.asset_id is None:
        is_part = bool(row.references.get("parent_id"))
        levels = [level for level in _levels(kind) if bool(PARENT_LEVELS[level]) == is_part]
        if len(levels) == 1:
            row.facts["level"] = levels[0].value
        elif Level.floor in levels and row.facts.get("floor_no") is not None:
            row.facts["level"] = Level.floor.value
            reading.tell(n, Fault("level_assumed", "properties.level", {"floor": row.facts["floor_no"]}), "warning")


def _levels(kind: str) -> Iterator[Level]:
    return (level for level, own in KIND_OF_LEVEL.items() if own == kind)


def _check_area(reading: LedgerReading, n: int, row: LedgerRow) -> None:
    """An area without a unit: factory space is stated in m² (DOMAIN handbook §0), of land nobody can tell."""
    if row.facts.get("stated_area") is None or row.facts.get("stated_area_unit") is not None:
        return
    level, path = row.facts.get("level"), "properties.stated_area"
    value = shown(str(row.facts["stated_area"]))
    if level is not None and KIND_OF_LEVEL[Level(level)] is Kind.factory:
        row.facts["stated_area_unit"] = AreaUnit.m2.value
        reading.tell(n, Fault("area_unit_assumed", path, {"area": value}), "warning")
    else:
        reading.tell(n, Fault("area_unit_needed", path, {"area": value}), "error")
