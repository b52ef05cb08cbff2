"""Headings of columns: which row they are, which field each is, in which unit, and what the guess rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain.errors import Invalid
from domain.fields import ASSET, POSITION
from ledger.field_names import TARGETS
from ledger.headings import ColumnGuess, tables_of
from ledger.mapping import ColumnMapping, LedgerMapping
from tests.ledger.writers import Rows, ledger_of, row_of, workbook_of
from texts.lookup import field_label, heading, label, languages

NO_MAPPING = LedgerMapping()
BASIC = ["编号", "名称", "层级"]


def guesses(rows: Rows, mapping: LedgerMapping = NO_MAPPING) -> list[ColumnGuess]:
    (table,) = tables_of(workbook_of(rows).sheets[0], mapping)
    return list(table.columns)


def guess(text: str, *cells: Any, mapping: LedgerMapping = NO_MAPPING) -> ColumnGuess:
    """What the last of three columns is taken for."""
    return guesses([["编号", "名称", text], *(["A", "一号", cell] for cell in cells or (1,))], mapping)[2]


KNOWN = [field for field in TARGETS.values() if field.type not in ("object", "objects", "names", "instant")]


def test_every_heading_of_the_declaration_is_certain() -> None:
    taken = {
        (field.name, text)
        for field in KNOWN
        if field.entry != "derived" and field.name not in ("code", "name")
        for text in field.headings
        if guess(text).field != field.name or not guess(text).is_certain
    }

    assert taken == set()
    assert sum(len(field.headings) for field in KNOWN) > 200


@pytest.mark.parametrize("language", languages())
def test_every_heading_of_an_export_is_certain_with_its_unit(language: str) -> None:
    for field in ASSET.values():
        if field in KNOWN and field.entry != "derived" and field.name not in ("code", "name"):
            text = heading(field_label("asset", field.name, language))
            text = f"{text} ({label('unit', field.unit, language)})" if field.unit else text
            known = guess(text)
            assert (known.field, known.is_certain) == (field.name, True), text


@pytest.mark.parametrize(
    ("text", "field", "unit"),
    [
        ("  净 高\n（米） ", "clear_height_m", "米"),
        ("净高m", "clear_height_m", "m"),
        ("租金：元/㎡·天", "rent_yuan_m2_month", "元/m2·天"),
        ("租金[元/平方米/月]", "rent_yuan_m2_month", "元/平方米/月"),
        ("承重 吨/㎡", "floor_load_kn_m2", "吨/m2"),
        ("转让价（万元/亩）", "price_yuan_m2", "万元/亩"),
        ("占地面积", "footprint_m2", None),
        ("占地面积（亩）", "stated_area", "亩"),
        ("CLEAR_HEIGHT_M", "clear_height_m", None),
        ("clear height (m)", "clear_height_m", "m"),
        ("Clear-Height", "clear_height_m", None),
        ("建 筑 面 积 (万㎡)", "stated_area", "万m2"),
        ("月租金(元/㎡)", "rent_yuan_m2_month", "元/m2/月"),
        ("绿地率(%)", "green_ratio", "%"),
    ],
)
def test_a_heading_is_known_however_it_is_written(text: str, field: str, unit: str | None) -> None:
    known = guess(text)

    assert (known.field, known.unit, known.is_certain, known.fault) == (field, unit, True, None)


@pytest.mark.parametrize(
    ("text", "cells", "field", "ground"),
    [
        ("clear_heig", (8.0, 9.0), "clear_height_m", "cut"),
        ("rent_yuan_", (8.0, "15"), "rent_yuan_m2_month", "cut"),
        ("火灾危险性", ("丙类",), "fire_hazard_class", "heading"),
        ("不动产权证", ("渝1号",), "realty_cert_no", "cut"),
        ("zujin", (8.0,), "rent_yuan_m2_month", "pinyin"),
        ("PDRL", (630.0,), "power_kva", "pinyin"),
        ("招商租金", (8.0, 9.0), "rent_yuan_m2_month", "part"),
        ("年租金(元/㎡)", (120.0,), "rent_yuan_m2_month", "part"),
    ],
)
def test_an_uncertain_guess_names_its_ground(text: str, cells: tuple[Any, ...], field: str, ground: str) -> None:
    known = guess(text, *cells)

    assert (known.field, known.ground) == (field, ground)
    assert known.is_certain == (ground == "heading")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("联系人姓名", ("张三",)),
        ("租金缴纳方式", ("按季",)),
        ("招商租金", ("面议", "面议", "10")),
        ("企业名称", ("某公司",)),
        ("序号", (1.0,)),
        ("ID", (1.0, 2.0)),
        ("zzzz", ("x",)),
        ("", ("x",)),
    ],
)
def test_a_column_that_is_no_field_is_named_and_left_out(text: str, cells: tuple[Any, ...]) -> None:
    rows = [["编号", "名称", text], *(["A", "一号", cell] for cell in cells)]

    named = [known for known in guesses(rows) if known.index == 2]

    assert [(known.field, known.heading, known.is_certain) for known in named] == (
        [(None, text, False)] if text else []
    )


def test_a_unit_of_another_kind_makes_it_no_field_and_says_so() -> None:
    known = guess("转让价（万元）", 300.0)

    assert known.field is None
    assert known.fault is not None and (known.fault.code, known.fault.field) == ("unit_does_not_fit", "price_yuan_m2")


def test_rent_without_its_time_is_a_guess_of_a_month() -> None:
    known = guess("租金(元/㎡)", 15.0)

    assert (known.field, known.unit, known.is_certain) == ("rent_yuan_m2_month", "元/m2/month", False)


def test_shares_of_one_are_read_as_per_cent() -> None:
    assert guess("绿地率", 0.155, 0.2).unit == "1"
    assert guess("绿地率", 15.5, 0.2).unit is None
    assert guess("绿地率", 1.0, 1.0).unit is None


def test_of_two_columns_that_claim_a_field_the_surest_has_it() -> None:
    rows = [["编号", "名称", "招商租金", "租金", "出租单价"], ["A", "一号", 8.0, 9.0, 10.0]]

    columns = {known.heading: known for known in guesses(rows)}

    assert columns["租金"].field == "rent_yuan_m2_month"
    for text in ("招商租金", "出租单价"):
        fault = columns[text].fault
        assert columns[text].field is None and fault is not None
        assert (fault.code, fault.params["other"]) == ("column_twice", "租金")


def test_what_the_service_works_out_is_known_and_not_taken() -> None:
    known = guess("图形面积 (m²)", 10.0)

    assert known.field is None and known.fault is not None
    assert (known.fault.code, known.fault.field) == ("read_only", "measured_area_m2")


def test_the_word_of_the_caller_comes_before_every_guess() -> None:
    mapping = LedgerMapping(
        (
            ColumnMapping("招商 租金", "rent_yuan_m2_month", unit="元/㎡·天"),
            ColumnMapping("名称", None),
            ColumnMapping("楼号", "name"),
            ColumnMapping("租金", None),
        )
    )
    rows = [["编号", "名称", "楼号", "租金", "招商租金", "层级"], ["A", "旧名", "一号", 1, 0.5, "建筑"]]

    (row,) = ledger_of(rows, mapping).rows

    assert row.facts == {"code": "A", "name": "一号", "rent_yuan_m2_month": Decimal("15.21"), "level": "building"}
    assert LedgerMapping.of(mapping.document()) == mapping


def test_constants_fill_what_no_column_says() -> None:
    mapping = LedgerMapping(constants={"level": "建筑", "park_id": "高新区", "address": "万古镇", "kind": "厂房"})
    rows = [["编号", "名称", "坐落"], ["A", "一号", ""], ["B", "二号", "龙水镇"]]

    first, second = ledger_of(rows, mapping).rows

    assert first.facts["level"] == second.facts["level"] == "building"
    assert [row.facts["attributes"]["address"] for row in (first, second)] == ["万古镇", "龙水镇"]
    assert first.references == {"park_id": "高新区"}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("level", "塔楼", "cell_not_word"),
        ("levle", "建筑", "unknown_field"),
        ("works", "[]", "read_only"),
        ("measured_area_m2", "5", "read_only"),
        ("park_id", "高新\ufffd", "text_garbled"),
    ],
)
def test_a_constant_that_is_none_is_refused(name: str, value: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ledger_of([BASIC, ["A", "一号", ""]], LedgerMapping(constants={name: value}))

    assert [(fault.code, fault.field) for fault in refused.value.faults] == [(code, f"constants.{name}")]


def test_a_mapping_to_no_field_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        ledger_of([BASIC], LedgerMapping((ColumnMapping("编号", "code"), ColumnMapping("名称", "title"))))

    assert [(fault.code, fault.field) for fault in refused.value.faults] == [("unknown_field", "columns.1.field")]


def test_the_heading_is_found_below_titles_and_over_two_rows() -> None:
    rows = [
        ["大足高新区台账", "", "", "", ""],
        ["填表单位：管委会", "", "", "2025年", ""],
        [],
        ["编号", "名称", "面积", "", "层级"],
        ["", "", "建筑(㎡)", "可用(㎡)", ""],
        ["A", "一号", 1200.0, 300.0, "建筑"],
    ]
    rows[3][3] = "面积"  # merged cells are filled

    (row,) = ledger_of(rows).rows

    assert row.line == 6
    assert row.facts == {
        "code": "A", "name": "一号", "stated_area": Decimal(1200), "stated_area_unit": "m2",
        "available_area_m2": Decimal(300), "level": "building",
    }  # fmt: skip


def test_a_row_of_units_below_the_heading_belongs_to_it() -> None:
    rows = [["编号", "名称", "层级", "净高", "租金"], ["", "", "", "cm", "元/㎡·天"], ["A", "一号", "建筑", 850.0, 0.5]]

    (row,) = ledger_of(rows).rows

    assert (row.facts["clear_height_m"], row.facts["rent_yuan_m2_month"]) == (Decimal("8.5"), Decimal("15.21"))


def test_headings_that_come_again_are_no_unit_and_others_begin_a_table_of_their_own() -> None:
    rows = [
        ["编号", "名称", "层级", "净高"],
        ["A", "一号", "建筑", 8.0],
        ["编号", "名称", "层级", "净高"],
        ["B", "二号", "建筑", 9.0],
        [],
        ["名称", "地块编号", "层级", "面积(亩)"],
        ["地块一", "C", "地块", 12.5],
    ]

    ledger = ledger_of(rows)

    assert [(row.line, row.facts["code"]) for row in ledger.rows] == [(2, "A"), (4, "B"), (7, "C")]
    assert ledger.rows[2].facts["stated_area"] == Decimal("12.5")
    assert [table.line for table in ledger.tables] == [2, 7]


def test_a_sheet_without_headings_is_named() -> None:
    ledger = ledger_of([["说明", ""], ["一", "二"]])

    assert ledger.rows == ()
    assert [(note.code, note.params) for note in ledger.notes] == [("sheet_without_headings", {"sheet": "台账"})]


def test_columns_of_a_place_are_fields_too() -> None:
    assert {name: guess(name).field for name in POSITION} == {name: name for name in POSITION}
    row = row_of([*BASIC, "经度", "纬度"], ["A", "一号", "建筑", 105.9, 29.7])
    assert row.geometry == {"type": "Point", "coordinates": [105.9, 29.7]}
