"""What the service writes of its units is read back to the same facts: every column, language and kind of file."""

from __future__ import annotations

import json
import string
import tempfile
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.table import CSV, GEOJSON, XLSX, Form
from domain.field import Field
from domain.fields import ASSET
from domain.text import text_fault
from geo.encodings import garbled
from ledger.assembly import read_ledger
from ledger.cells import COUNT, EMPTY
from ledger.columns import CODES, WKT, TableColumn, columns_of
from ledger.field_names import BESIDE
from ledger.rows import Ledger, LedgerRow
from ledger.template import columns_entered, template
from ledger.workbook import read_workbook
from texts.words import plain, spelled

#: What a unit in an export cannot be without.
ALWAYS = {"name": "一号厂房", "level": "building"}
STATED = [
    field for field in ASSET.values()
    if field.entry in ("once", "any") and field.type not in ("outline", "object", "objects", "names")
]  # fmt: skip
LETTERS = string.printable[:95] + "亩㎡厂房万古镇一二三丙类；，。（）·～×是否有无约至＝"


def texts(field: Field) -> st.SearchStrategy[str]:
    """Texts that may be stored and say something; what clears a cell and what reads as garbled are left out."""
    is_multiline = field.store == "attributes"
    lines = st.text(LETTERS, min_size=1, max_size=20).map(str.strip)
    several = st.lists(lines, min_size=1, max_size=3).map("\n".join).map(str.strip) if is_multiline else lines
    return several.filter(
        lambda text: (
            text_fault(text, max_chars=field.most or 1000, is_multiline=is_multiline) is None
            and plain(text) not in EMPTY | {"", *spelled("cell")}
            and unicodedata.is_normalized("NFC", text)
            and garbled(text) is None
            and not text.startswith(("'", '="'))
            and ";'" not in text.replace(" ", "")
        )
    )


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field as the interface has them."""
    bound = field.bound or COUNT
    least, most = Decimal(bound.least), Decimal(bound.most)
    words = st.sampled_from([*map(str, field.words)]) if field.words else st.nothing()
    match field.type:
        case "number":
            places = min(bound.places, 6)
            return st.decimals(least, min(most, Decimal(10) ** 8), places=places).map(lambda n: float(n) + 0.0)
        case "integer":
            return st.integers(int(least), int(most))
        case "flag":
            return st.booleans()
        case "day":
            return st.integers(0, 70_000).map(lambda days: str(date(1950, 1, 1) + timedelta(days)))
        case "word":
            return words
        case "words":
            return st.lists(words, min_size=1, max_size=4, unique=True)
        case "codes":
            return st.lists(st.sampled_from(["37", "3752", "C", "336"]), min_size=1, max_size=3, unique=True)
        case "id":
            return st.uuids().map(str)
    return texts(field)


#: What is stated in two cells, or in none.
PAIRS = [(name, name + end) for name in ASSET for end in ("_unit", "_precision") if name + end in ASSET]
PAIRED = {name for pair in PAIRS for name in pair}


def members_of(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), st.fixed_dictionaries({name: values(ASSET[name]) for name in names}))


UNITS = st.tuples(
    st.fixed_dictionaries(
        {"id": st.uuids().map(str), "revision": st.integers(1, 10**6)},
        optional={field.name: values(field) for field in STATED if field.name not in PAIRED},
    ),
    *(members_of(*pair) for pair in PAIRS if ASSET[pair[0]].entry != "derived"),
    st.fixed_dictionaries({}, optional=dict.fromkeys(CODES.values(), st.sampled_from(["GX-F-25", "007"]))),
    st.sampled_from([{}, {"park_code": "gaoxin", "park_name": "高新区"}]),
    st.sampled_from([{}, {"longitude": 105.78, "latitude": 29.49}]),
).map(lambda parts: {name: value for part in parts for name, value in part.items()})


def export(form: Form, language: str | None, units: list[dict[str, Any]], path: Path) -> Ledger:
    """The units of an export, read back."""
    columns = [TableColumn("asset", name, language) for name in columns_of("asset", is_staff=True)]
    columns.append(TableColumn("asset", WKT, language))
    names = ["geometry", *(column.name for column in columns)]
    portion = {name: [json.dumps(unit.get(name), ensure_ascii=False).encode() for unit in units] for name in names}
    writer = form.writer(columns, language or "zh")
    path.write_bytes(writer.add(portion) + writer.end())
    return read_ledger(read_workbook(path))


def members(row: LedgerRow) -> dict[str, Any]:
    """What a row holds, as the interface has it."""
    facts = {"id": row.asset_id, "revision": row.revision, **row.references, **row.facts}
    facts |= facts.pop("attributes", {})
    if row.geometry is not None:
        facts |= dict(zip(("longitude", "latitude"), row.geometry["coordinates"], strict=True))
    as_json = {Decimal: float, date: str}
    return {name: as_json.get(type(value), lambda value: value)(value) for name, value in facts.items()}


FORMS = [(XLSX, "zh", ".xlsx"), (XLSX, "en", ".xlsx"), (CSV, "zh", ".csv"), (CSV, "en", ".csv"), (CSV, None, ".csv")]
FORMS += [(GEOJSON, language, ".geojson") for language in ("zh", "en", None)]


@pytest.mark.parametrize(("form", "language", "ending"), FORMS)
@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(units=st.lists(UNITS, min_size=10, max_size=60))
def test_an_export_is_read_back_to_equal_facts(
    form: Form, language: str | None, ending: str, units: list[dict[str, Any]]
) -> None:
    """No shrinking: each example starts a process, and each unit stands for itself."""
    written = [{**ALWAYS, **unit, "code": f"GX-{n}"} for n, unit in enumerate(units)]

    with tempfile.TemporaryDirectory() as folder:
        ledger = export(form, language, written, Path(folder) / f"a{ending}")

    for row, unit in zip(ledger.rows, written, strict=True):
        codes = {BESIDE[name]: unit.pop(name) for name in reversed(BESIDE) if name in unit}
        assert [issue.fault for issue in row.issues if issue.severity == "error"] == []
        assert members(row) == unit | codes, "what people see of a reference comes before its id"


@pytest.mark.parametrize("language", ["zh", "en", None])
def test_no_column_of_an_export_is_unknown(language: str | None, tmp_path: Path) -> None:
    unit = {**ALWAYS, "code": "A", "wkt": "POINT (105.78 29.49)"}

    ledger = export(XLSX, language, [unit], tmp_path / "a.xlsx")

    (table,) = ledger.tables
    left_out = [column for column in table.columns if column.field is None]
    assert {column.fault and column.fault.code for column in left_out} == {"read_only"}
    assert all(column.is_certain for column in table.columns if column.field is not None)
    assert ledger.rows[0].geometry == {"type": "Point", "coordinates": [105.78, 29.49]}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_that_was_filled_in_is_read(language: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(template(language, [], is_staff=True))
    workbook = openpyxl.load_workbook(path)
    cells = {"code": "F-1", "name": "一号", "parent_code": "F", "zone_code": "longshui", "clear_height_m": 8.5}
    for n, name in enumerate(columns_entered(is_staff=True), 1):
        workbook.worksheets[0].cell(2, n).value = cells.get(name)
    workbook.save(path)

    ledger = read_ledger(read_workbook(path))

    (row,) = ledger.rows
    assert row.references == {"parent_id": "F", "zone_id": "longshui"}
    assert row.facts == {"code": "F-1", "name": "一号", "clear_height_m": Decimal("8.5")}
    assert [(note.code, note.params["sheet"]) for note in ledger.notes] == [
        ("sheet_without_headings", workbook.sheetnames[1])
    ]
