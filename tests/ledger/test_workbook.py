"""Files as sheets: what is read of each kind, in the process that reads them, and which are refused by which name."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Fault, Invalid
from ledger.assembly import read_ledger
from ledger.workbook import Sheet, WorkbookLimits, read_workbook
from tests.geo.survey_samples import square, unit, written
from tests.ledger.writers import SHEET, changed, xls, xlsx

ROWS: list[list[Any]] = [
    ["编号", "名称", "面积", "竣工", "可分割"],
    ["007", "一号\n厂房", 1200.5, date(2015, 3, 1), True],
    [7, "二号", None, datetime(2015, 3, 1, 8, 30), False],
]
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
READ = [
    ["编号", "007", 7.0],
    ["名称", "一号\n厂房", "二号"],
    ["面积", 1200.5, ""],
    ["竣工", datetime(2015, 3, 1), datetime(2015, 3, 1, 8, 30)],
    ["可分割", True, False],
]


def only_sheet(path: Path, **options: Any) -> Sheet:
    (sheet,) = read_workbook(path, **options).sheets
    return sheet


def refusal(path: Path, **options: Any) -> Fault:
    with pytest.raises(Invalid) as refused:
        read_workbook(path, **options)
    return refused.value.faults[0]


def test_a_workbook_is_known_by_what_it_holds_and_not_by_its_name(tmp_path: Path) -> None:
    new = xlsx(tmp_path / "台账.csv", {"台账": ROWS})
    old = xls(tmp_path / "old.txt", [[cell if not isinstance(cell, date) else None for cell in row] for row in ROWS])

    assert only_sheet(new).columns == READ
    assert only_sheet(old).columns == [column if n != 3 else ["竣工", "", ""] for n, column in enumerate(READ)]


@pytest.mark.parametrize(
    ("encoding", "mark", "named"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("gbk", b"", "GBK"),
        ("gb18030", b"", "GBK"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_table_of_text_is_read_in_its_encoding(
    tmp_path: Path, encoding: str, mark: bytes, named: str, delimiter: str
) -> None:
    rows = [["编号", "名称", "备注"], ['="007"', "标准厂房㎡", f'"一{delimiter}二"'], ["B", "二号"]]
    text = "\r\n".join(map(delimiter.join, rows))
    path = tmp_path / "a.csv"
    path.write_bytes(mark + text.encode(encoding))

    workbook = read_workbook(path)

    codes, names, remarks = workbook.sheets[0].columns
    assert (codes, names) == (["编号", "007", "B"], ["名称", "标准厂房㎡", "二号"])
    assert remarks == ["备注", f"一{delimiter}二", ""]
    assert [note.params["encoding"] for note in workbook.notes] == [named]


def test_merged_cells_hold_their_value_everywhere(tmp_path: Path) -> None:
    rows = [["编号", "名称", "面积"], ["一期", None, 100], [None, None, 200]]

    sheet = only_sheet(xlsx(tmp_path / "a.xlsx", {"台账": rows}, merged=["A2:B3"]))

    assert sheet.columns == [["编号", "一期", "一期"], ["名称", "一期", "一期"], ["面积", 100.0, 200.0]]
    assert list(sheet.merged) == [(1, 0, 2, 1)]


def test_hidden_rows_are_read_and_hidden_sheets_are_named(tmp_path: Path) -> None:
    import openpyxl

    path = xlsx(tmp_path / "a.xlsx", {"台账": ROWS, "旧表": ROWS, "说明": [["a"]]})
    workbook = openpyxl.load_workbook(path)
    workbook["旧表"].sheet_state = "hidden"
    workbook["台账"].row_dimensions[2].hidden = True
    workbook.save(path)

    read = read_workbook(path)

    assert [sheet.name for sheet in read.sheets] == ["台账", "说明"]
    assert read.sheets[0].columns == READ
    assert read.notes == (
        Fault("sheets_hidden", "", {"sheets": ["旧表"]}),
        Fault("rows_hidden", "", {"sheet": "台账", "count": 1}),
    )
    assert [sheet.name for sheet in read_workbook(path, sheets=["旧表"]).sheets] == ["旧表"]
    assert refusal(path, sheets=["没有"]) == Fault("sheet_unknown", "sheets", {"sheets": ["没有"]})


def test_cells_that_fail_or_were_never_worked_out_are_named_at_their_place(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"台账": [["编号", "面积", "租金"], ["A", "=1+1", "#N/A"], ["B", "=C2", 5]]})
    worked_out = b'<c r="B3"><f>C2</f><v>5</v></c><c r="D3" t="str"><f>A1&amp;""</f><v></v></c>'
    changed(path, lambda text: re.sub(rb'<c r="B3"><f>C2</f><v ?/?>(</v>)?</c>', worked_out, text))

    sheet = only_sheet(path)

    assert sheet.columns[1] == ["面积", "", 5.0]
    assert sheet.faults == {
        (1, 1): Fault("formula_without_value", "", {"error": ""}),
        (1, 2): Fault("cell_error", "", {"error": "#N/A"}),
    }


def entity(text: bytes) -> bytes:
    head = b'<!DOCTYPE a [<!ENTITY e "boo"><!ENTITY f "&e;&e;&e;&e;">]>'
    return head + text.replace(b"<v>7</v>", b"<v>&f;</v>")


def far(text: bytes) -> bytes:
    """A cell in the last row and in one of the last columns that are let through."""
    return text.replace(b'r="E3"', b'r="ZZ1048576"').replace(b'<row r="3"', b'<row r="1048576"')


HOSTILE: dict[str, Any] = {
    "workbook_entities": dict(change=entity),
    "workbook_links": dict(change=bytes, more={"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
    "workbook_unpacks": dict(change=bytes, more={"xl/media/image1.png": b"0" * (3 << 20)}),
    "workbook_wide": dict(change=lambda text: text.replace(b'r="E3"', b'r="BDWGO3"')),
    "file_too_heavy": dict(change=far),
    "workbook_unreadable": dict(change=lambda text: text[:400]),
}  # fmt: skip


@pytest.mark.parametrize("code", HOSTILE)
def test_a_hostile_workbook_is_refused_by_name(tmp_path: Path, code: str) -> None:
    path = changed(xlsx(tmp_path / "a.xlsx", {"台账": ROWS}), **HOSTILE[code])
    limits = WorkbookLimits(unpacked_bytes=2 << 20, memory_bytes=1 << 30, cells=4_000_000)

    fault = refusal(path, limits=limits)

    assert (fault.code, fault.params["file"]) == (code, "a.xlsx")


def test_a_workbook_with_a_password_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    locked = xlsx(tmp_path / "b.xlsx", {"台账": ROWS})
    raw = bytearray(locked.read_bytes())
    for head in (b"PK\x03\x04", b"PK\x01\x02"):
        at = raw.find(head)
        raw[at + (6 if head == b"PK\x03\x04" else 8)] |= 1
    locked.write_bytes(bytes(raw))

    assert refusal(path).code == "workbook_encrypted"
    assert refusal(locked).code == "workbook_encrypted"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><table><tr><td>A</td></tr></table></html>", "workbook_markup"),
        (b'<?xml version="1.0"?><Workbook/>', "workbook_markup"),
        (COMPOUND + bytes(2000), "workbook_unreadable"),
        (b"PK\x03\x04" + bytes(50), "workbook_unreadable"),
        (b"\x80\x81\xff\xfe\xfa", "encoding_unclear"),
        (("a," * 800).encode(), "workbook_wide"),
        (b'a,b\n"' + b"x" * 200_000, "workbook_unreadable"),
    ],
)
def test_what_is_no_workbook_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(content)

    assert refusal(path).code == code


def test_files_that_are_not_there_too_large_or_too_many_are_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"一": ROWS, "二": ROWS})

    assert refusal(tmp_path / "b.xlsx").code == "no_such_file"
    assert refusal(tmp_path).code == "file_is_folder"
    assert refusal(path, limits=WorkbookLimits(file_bytes=100)).code == "file_too_large"
    assert refusal(path, limits=WorkbookLimits(sheets=1)).code == "workbook_sheets"
    assert refusal(path, limits=WorkbookLimits(cells=20)).code == "workbook_cells"
    assert len(read_workbook(path, limits=WorkbookLimits(cells=30)).sheets) == 2


def test_the_key_is_of_the_file_and_of_every_option(tmp_path: Path) -> None:
    first, other = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("编号,名称\nA,一号厂房\n", encoding="utf-8")
    other.write_text("编号,名称\nA,二号厂房\n", encoding="utf-8")

    keys = [
        read_workbook(first).key,
        read_workbook(other).key,
        read_workbook(first, encoding="utf-8").key,
        read_workbook(first, sheets=["a.csv"]).key,
    ]

    assert len(set(keys)) == 4
    assert read_workbook(first.rename(tmp_path / "c.csv")).key == keys[0]


def test_a_survey_file_is_a_sheet_too(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.geojson", [unit(1, attributes={"address": "万古镇"}, allowed_paths=["lease"]), unit(2)]
    )

    sheet = only_sheet(path)

    columns = {column[0]: list(column[1:]) for column in sheet.columns}
    assert columns["code"] == ["F-1", "F-2"]
    assert columns["address"] == ["万古镇", ""]
    assert columns["allowed_paths"] == [["lease"], ""]
    assert sheet.outlines is not None
    assert [outline and outline["type"] for outline in sheet.outlines] == [None, "Polygon", "Polygon"]


def test_points_of_a_survey_file_are_units_of_the_same_kind(tmp_path: Path) -> None:
    import geopandas
    from shapely.geometry import Point, shape

    shapes = [Point(105.78, 29.49), shape(square(1)), None]
    facts = {"编号": ["A", "B", "C"], "名称": ["一", "二", "三"], "层级": ["建筑"] * 3, "净高": [8.5, None, 9.0]}
    path = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame(facts, geometry=shapes, crs=4490).to_file(path)

    first, second, third = read_ledger(read_workbook(path)).rows

    assert first.geometry == {"type": "Point", "coordinates": [105.78, 29.49]}
    assert second.geometry is not None and second.geometry["type"] == "Polygon"
    assert third.geometry is None
    assert [row.line for row in (first, second, third)] == [1, 2, 3]
    assert first.facts == {"code": "A", "name": "一", "level": "building", "clear_height_m": Decimal("8.5")}
    assert not any(row.issues for row in (first, second, third))


def test_the_names_of_parts_do_not_lead_outside(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"台账": ROWS})
    outside = (b"worksheets/sheet1.xml", b"../../../etc/passwd")
    changed(path, lambda text: text.replace(*outside), part="xl/_rels/workbook.xml.rels")

    assert refusal(path).code == "workbook_unreadable"
    with zipfile.ZipFile(path) as package:
        assert SHEET in package.namelist()
