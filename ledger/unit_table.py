"""One table of units: each row with its facts, and where it lies.

What is no unit is left out and named: totals, notes, rows without a value. A cell that cannot be taken is an issue of
its row alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from domain.errors import Fault, Invalid
from domain.fields import ASSET
from ledger.cells import NOTHING, ColumnOptions, Converted, Marker, converted, converter, is_id
from ledger.field_names import REFERENCES
from ledger.headings import LONGEST_HEADING, ColumnGuess, Table
from ledger.issues import Severity
from ledger.places import PAIRS, UnitPlace, outline, point, point_in_text
from ledger.rows import LedgerReading, LedgerRow
from ledger.workbook import EMPTY, Cell, Sheet
from texts.words import plain, spelled

#: Facts that are said of another: its unit, or how exactly it is known. They are read first.
BESIDE_OTHERS = frozenset(name for name in ASSET if name.removesuffix("_unit").removesuffix("_precision") != name)
#: Lines that are named of those left out.
MOST_LINES = 50


def read_table(reading: LedgerReading, table: Table) -> None:
    columns = {guess.field: guess for guess in table.columns if guess.field is not None}
    body = _body(reading, table)
    begin = len(reading.rows)
    for row in body:
        reading.add_row(table.sheet.name, row + table.sheet.first_line)
    for guess in sorted(table.columns, key=lambda guess: guess.field not in BESIDE_OTHERS):
        read_column(reading, table.sheet, guess, body, begin)
    _read_places(reading, table.sheet, columns, body, begin)
    for n, row in enumerate(body, begin):
        for fault in table.sheet.row_faults.get(row, ()):
            reading.tell(n, fault, "error")


def _body(reading: LedgerReading, table: Table) -> list[int]:
    """The rows that are units; the others are named in a note."""
    known = [guess.index for guess in table.columns if guess.field is not None]
    columns = [column[table.first : table.last] for column in table.sheet.columns]
    rows: list[int] = []
    left_out: list[int] = []
    for row, cells in enumerate(zip(*columns, strict=True), table.first):
        filled = [index for index, cell in enumerate(cells) if cell not in EMPTY]
        if filled and row not in table.again:
            is_unit = any(cells[index] not in EMPTY for index in known) and not _is_aside(cells, filled, known)
            (rows if is_unit else left_out).append(row)
    if left_out:
        lines = ", ".join(str(row + table.sheet.first_line) for row in left_out[:MOST_LINES])
        more = " …" if len(left_out) > MOST_LINES else ""
        about = {"sheet": table.sheet.name, "lines": lines + more, "count": len(left_out)}
        reading.notes.append(Fault("rows_left_out", "", about))
    return rows


def _is_aside(cells: Sequence[Cell], filled: Sequence[int], known: Sequence[int]) -> bool:
    """Whether a row is a total or a note: by its first word, or its one text, over several columns or in none known."""
    first = cells[filled[0]]
    if not isinstance(first, str):
        return False
    words = plain(first[:LONGEST_HEADING])
    if words.startswith(_row_words("total")):
        return True
    if any(cells[index] != first for index in filled[1:]):
        return False
    return len(filled) > 1 or filled[0] not in known or words.startswith(_row_words("note"))


@cache
def _row_words(key: str) -> tuple[str, ...]:
    return tuple(spelling for spelling, meant in spelled("row").items() if meant == key)


def read_column(reading: LedgerReading, sheet: Sheet, guess: ColumnGuess, body: Sequence[int], begin: int) -> None:
    """The values of one column into the facts of its rows; of one that is no fact, nothing."""
    if guess.field is None or guess.field not in ASSET or ASSET[guess.field].type == "outline":
        return
    field_ = ASSET[guess.field]
    column = sheet.columns[guess.index]
    values = [column[row] for row in body]
    order = guess.date_order or reading.mapping.date_order
    results = converted(values, converter(field_, ColumnOptions(guess.unit, order)))
    lost = {row: fault for (row, index), fault in sheet.faults.items() if index == guess.index}
    path = f"properties.attributes.{field_.name}" if field_.store == "attributes" else f"properties.{field_.name}"
    for n, result in enumerate(results, begin):
        if lost and (known := lost.get(body[n - begin])) is not None:
            reading.tell(n, Fault(known.code, path, known.params), "error", column=guess.heading)
            continue
        if result is NOTHING:
            continue
        if result.fault is not None:
            fault = Fault(result.fault.code, path, result.fault.params)
            severity: Severity = "error" if result.is_error else "warning"
            reading.tell(n, fault, severity, column=guess.heading, value=values[n - begin])
            if result.is_error:
                continue
        contradiction = _keep(reading.rows[n], field_.name, field_.store, result)
        if contradiction is not None:
            fault = Fault(contradiction.code, path, contradiction.params)
            reading.tell(n, fault, "error", column=guess.heading, value=values[n - begin])
    if field_.unit == "m2" or f"{field_.name}_unit" in ASSET:
        _tell_shared(reading, sheet, guess, body, begin, path)


def _keep(row: LedgerRow, name: str, store: str, result: Converted) -> Fault | None:
    """Puts a value into the facts of its row; the fault where its unit is another than the row says beside it."""
    value = None if result.value is Marker.clear else result.value
    if name == "id":
        row.asset_id = value
    elif name == "revision":
        row.revision = value
    elif name in REFERENCES:  # a code or name, which people see, comes before an id
        if name not in row.references or is_id(row.references[name]):
            row.references[name] = "" if value is None else value
    elif store == "attributes":
        row.facts.setdefault("attributes", {})[name] = value
    else:
        row.facts[name] = value
        if result.beside is not None:
            beside = f"{name}_unit" if f"{name}_unit" in ASSET else f"{name}_precision"
            stated = row.facts.setdefault(beside, result.beside)
            if stated != result.beside and beside.endswith("_unit"):
                return Fault("units_differ", "", {"unit": result.beside, "other": stated or "-"})
    return None


def _tell_shared(
    reading: LedgerReading, sheet: Sheet, guess: ColumnGuess, body: Sequence[int], begin: int, path: str
) -> None:
    """An amount merged over several units may be that of all of them together."""
    places = {row: n for n, row in enumerate(body, begin)}
    for top, left, bottom, right in sheet.merged:
        rows = [row for row in range(top, bottom + 1) if row in places] if left <= guess.index <= right else []
        for row in rows if len(rows) > 1 else ():
            value = sheet.columns[guess.index][row]
            fault = Fault("amount_shared", path, {"count": len(rows)})
            reading.tell(places[row], fault, "warning", column=guess.heading, value=value)


def _read_places(
    reading: LedgerReading, sheet: Sheet, columns: Mapping[str, ColumnGuess], body: Sequence[int], begin: int
) -> None:
    """Where the rows lie: by the outline of the file, else by the first of the columns that say it in a row."""
    options = (("geometry",), *PAIRS, ("lon_lat",))
    sources = [[columns[name] for name in names] for names in options if columns.keys() >= set(names)]
    for n, row in enumerate(body, begin):
        drawn = None if sheet.outlines is None or row in sheet.row_faults else sheet.outlines[row]
        filled = ((source, [sheet.columns[guess.index][row] for guess in source]) for source in sources)
        source, cells = next(
            ((source, cells) for source, cells in filled if any(cell not in EMPTY for cell in cells)), (None, [])
        )
        try:
            if drawn is not None:
                reading.place(n, outline(drawn))
            elif source is not None:
                reading.place(n, _place(reading, source, cells))
        except Invalid as refusal:
            column = "" if drawn is not None or source is None else source[0].heading
            for fault in refusal.faults:
                reading.tell(n, fault, "error", column=column, value=cells[0] if column else "")


def _place(reading: LedgerReading, source: Sequence[ColumnGuess], cells: Sequence[Cell]) -> UnitPlace | None:
    crs, file = reading.mapping.crs, reading.workbook.name
    if len(source) == 2:
        return point(*cells, crs=crs, is_named=source[0].field == "longitude", file=file)
    if source[0].field == "geometry":
        return outline(cells[0])
    return point_in_text(cells[0], crs=crs, file=file)
