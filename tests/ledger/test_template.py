"""The template of a ledger: every column that a new unit may have, with what may be entered in it."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from api.ledger import REQUIRED, made_template
from domain.fields import ASSET
from ledger.columns import POINT, TableColumn, title
from ledger.template import ENTERED, _bound, _example, _type, _words, columns_entered
from texts.lookup import languages, tables

STAFF = {name for name, field in ASSET.items() if field.reader == "staff"}


def workbook(language: str = "zh", *, is_staff: bool = True) -> Any:
    return load_workbook(io.BytesIO(made_template(language, is_staff=is_staff)))


def rules(sheet: Any) -> dict[str, Any]:
    """The rule of each column by what stands above it."""
    return {
        sheet.cell(1, range_boundaries(str(rule.sqref))[0]).value: rule
        for rule in sheet.data_validations.dataValidation
    }


@pytest.mark.parametrize("language", languages())
def test_it_has_every_fact_that_is_entered_in_a_cell(language: str) -> None:
    names = columns_entered(is_staff=True)
    stated = {name for name, field in ASSET.items() if field.entry in ("once", "any") and field.type in ENTERED}

    ledger, explanation = workbook(language).worksheets

    assert set(names) - {*POINT, "zone_code", "parent_code", "plot_code"} == stated - {"kind"}
    assert [cell.value for cell in ledger[1]] == [title("asset", name, language) for name in names]
    assert [cell.value for cell in explanation["A"]][1:] == [cell.value for cell in ledger[1]]
    assert (ledger.title, ledger.freeze_panes) == (tables("ledger", language)["sheet"]["table"], "A2")
    assert all(explanation.cell(n, 3).value for n in range(2, len(names) + 2)), "each says what it means"


def test_what_must_be_there_is_marked() -> None:
    ledger, explanation = workbook().worksheets

    marked = {cell.value for cell in ledger[1] if cell.fill.fgColor.rgb == "00F8CBAD"}
    explained = {row[0] for row in explanation.iter_rows(min_row=2, values_only=True) if row[1] == "必填"}
    assert {"park_id", "level", "code", "name", "stated_area", "stated_area_unit"} == REQUIRED
    assert marked == explained == {"层级", "资产编号", "资产名称", "面积", "面积单位"}


def test_words_are_chosen_from_the_cells_of_the_explanation() -> None:
    whole = workbook()
    ledger = rules(whole.worksheets[0])

    def chosen(name: str) -> list[str]:
        sheet, _, area = ledger[name].formula1.rpartition("!")
        (row,) = whole[sheet.strip("'")][area.replace("$", "")]
        return [cell.value for cell in row]

    assert chosen("层级") == ["地块", "地块的部分", "建筑", "楼层", "跨间"]
    assert chosen("火灾危险性类别") == ["甲类", "乙类", "丙类", "丁类", "戊类"]
    assert chosen("可分割") == ["是", "否"]
    assert ledger["层级"].showErrorMessage and not ledger["可盘活方式"].showErrorMessage
    lists = {name for name, rule in ledger.items() if rule.type == "list"}
    for name in columns_entered(is_staff=True):
        kind = _type(TableColumn("asset", name, "zh"))
        assert (title("asset", name, "zh") in lists) == (kind in ("flag", "word", "words")), name


def test_numbers_are_bounded_days_are_days_and_codes_stay_texts() -> None:
    ledger = workbook().worksheets[0]
    by_name = rules(ledger)

    rent, storeys, day = by_name["租金 (元/m²·月)"], by_name["层数"], by_name["可交付日期"]
    assert (rent.type, rent.operator, rent.formula1, rent.formula2) == ("decimal", "between", "0", "9999999")
    assert (storeys.type, storeys.formula1, storeys.formula2) == ("whole", "1", "200")
    assert (day.type, day.showErrorMessage) == ("date", False)
    assert (by_name["经度"].formula1, by_name["纬度"].formula2) == ("-180", "90")
    assert (by_name["资产名称"].type, by_name["资产名称"].formula1) == ("textLength", "200")
    formats = {cell.value: ledger.column_dimensions[cell.column_letter].number_format for cell in ledger[1]}
    assert (formats["资产编号"], formats["可交付日期"], formats["租金 (元/m²·月)"]) == ("@", "yyyy-mm-dd", "General")
    assert all(len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32 for rule in by_name.values())
    assert all(str(rule.sqref).endswith("10001") for rule in by_name.values())


@pytest.mark.parametrize("language", languages())
def test_an_example_is_one_that_may_be_entered(language: str) -> None:
    between = tables("ledger", language)["cell"]["between"]
    for name in columns_entered(is_staff=True):
        column = TableColumn("asset", name, language)
        bound, words, example = _bound(column), _words(column, language), _example(column, language)
        if bound is not None:
            assert bound.fault(Decimal(example)) is None, name
        if words:
            assert len(set(words)) == len(words), name
            assert set(example.split(between) if _type(column) == "words" else [example]) <= set(words), name
        if _type(column) == "words":
            assert not any(between.strip() in word for word in words), name


def test_who_reads_no_staff_fact_gets_no_column_of_it() -> None:
    public, staff = columns_entered(is_staff=False), columns_entered(is_staff=True)

    assert set(staff) - set(public) == {name for name in STAFF if ASSET[name].entry == "any"} - {"issues"}
    assert [cell.value for cell in workbook(is_staff=False).worksheets[0][1]] == [
        title("asset", n, "zh") for n in public
    ]
