"""Pages: one font on every machine, no table parted from its heading, who signs beside what is signed, drawn bars."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from domain.errors import Unavailable
from reports import pdf
from reports.paper import Cell, Paper, Part
from reports.pdf import pdf_of

ROLES: list[list[Cell]] = [["制表", "日期"], ["审核", "日期"], ["签发", "日期"]]
SIGNED = Part("signatures", "", ROLES)


def table(heading: str, rows: int) -> Part:
    cells: list[list[Cell]] = [[f"{heading}第{n}行", Decimal(n)] for n in range(1, rows + 1)]
    return Part("table", heading, cells, ("列名甲", "列名乙"), note=f"{heading}附注", total=["合计", Decimal(rows)])


def pages_of(parts: list[Part], *, is_one_page: bool = False) -> list[str]:
    """The text of each page, without blanks."""
    paper = Paper("x", "题目", "副题", parts, "页脚", is_one_page=is_one_page)
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf_of(paper))).pages]


def test_every_paper_is_set_in_the_font_of_the_packages() -> None:
    paper = Paper("x", "盘活 Panhuo", "m² · ↑ 1,234.50 — 鑫 垚", [table("表", 3), SIGNED], "x")

    reader = PdfReader(io.BytesIO(pdf_of(paper)))

    fonts = {font.get_object()["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert {str(font).split("+")[-1] for font in fonts} == {"NotoSansSC-Regular-Identity-H"}


def test_without_its_font_no_page_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf._fonts.cache_clear()
    monkeypatch.setattr(pdf, "PACKAGE", "no_such_package")

    with pytest.raises(Unavailable) as refused:
        pdf_of(Paper("x", "x", "x", [], "x"))

    assert [fault.code for fault in refused.value.faults] == ["no_chinese_font"]
    pdf._fonts.cache_clear()


@pytest.mark.parametrize("filler", range(30, 60, 3))
def test_no_table_parts_from_its_heading(filler: int) -> None:
    lines = Part("lines", "", [[f"行{n}"] for n in range(filler)])

    pages = pages_of([lines, table("短表", 8), table("长表", 90)])

    (short,) = [page for page in pages if "短表第1行" in page]
    assert all(text in short for text in ("列名甲", "短表第8行", "合计", "短表附注"))
    long = [page for page in pages if "长表第" in page]
    assert len(long) >= 2
    for page in long:
        start = page.index("长表列名甲列名乙")
        assert page[start:].startswith("长表列名甲列名乙长表第")
    assert "长表附注" in long[-1]


def test_a_table_of_long_texts_fills_the_page_it_begins_on() -> None:
    lines = Part("lines", "", [[f"行{n}"] for n in range(36)])
    reasons = Part("table", "理由", [[n, f"第{n}名" + "\n· 理由" * 7] for n in range(1, 4)], ("名次", "理由"), (1, 12))

    first, second = pages_of([lines, reasons])

    assert [f"第{n}名" in first for n in (1, 2, 3)] == [True, True, False]
    assert second.startswith("理由名次理由3第3名")


@pytest.mark.parametrize("filler", range(28, 52, 2))
def test_two_rows_at_either_end_of_a_table_stay_together(filler: int) -> None:
    lines = Part("lines", "", [[f"行{n}"] for n in range(filler)])

    pages = pages_of([lines, table("长表", 16)])

    rows = [[n for n in range(1, 17) if f"长表第{n}行" in page] for page in pages]
    assert [n for on_page in rows for n in on_page] == list(range(1, 17))
    assert all(len(on_page) != 1 for on_page in rows)


@pytest.mark.parametrize("rows", range(34, 46))
def test_a_total_and_a_note_stay_with_the_last_row(rows: int) -> None:
    last = pages_of([table("长表", rows)])[-1]

    assert f"长表第{rows}行" in last and f"合计{rows}" in last and "长表附注" in last


@pytest.mark.parametrize("filler", range(36, 52, 2))
def test_who_signs_has_what_is_signed_on_the_same_page(filler: int) -> None:
    lines = Part("lines", "", [[f"行{n}"] for n in range(filler)])

    pages = pages_of([lines, table("末表", 4), SIGNED])

    assert [("末表第4行" in page, "签发" in page) for page in pages if "末表" in page or "签发" in page] == [
        (True, True)
    ]


@pytest.mark.parametrize("rows", [10, 50, 60])
def test_what_is_to_be_one_page_is_set_smaller(rows: int) -> None:
    (page,) = pages_of([table("表", rows), SIGNED], is_one_page=True)

    assert f"表第{rows}行" in page and "签发" in page


def test_what_is_drawn_stands_over_its_table() -> None:
    rows: list[list[Cell]] = [["一月", Decimal("10.00"), 1], ["二月", Decimal("20.00"), 2]]
    plain = Part("table", "逐月", rows, ("月份", "土地（亩）", "宗"), is_numeric=True)

    (drawn,) = pages_of([Part(**{**vars(plain), "drawn": (1,)})])
    (bare,) = pages_of([plain])

    assert (drawn.count("20.00"), bare.count("20.00")) == (2, 1)
    assert drawn.index("逐月") < drawn.index("20.00") < drawn.index("月份土地（亩）宗")
    assert (drawn.count("逐月"), drawn.count("宗")) == (1, 1)


def test_a_table_parted_from_its_chart_has_its_heading_again() -> None:
    rows: list[list[Cell]] = [[f"{n}月", Decimal(n * 11)] for n in range(1, 7)]
    drawn = Part("table", "逐月", rows, ("月份", "土地（亩）"), is_numeric=True, drawn=(1,))
    lines = [[f"行{n}"] for n in range(60)]

    made = [pages_of([Part("lines", "", lines[:filler]), drawn]) for filler in range(36, 60, 3)]

    of_part = [[page for page in pages if "土地（亩）" in page] for pages in made]
    assert {len(pages) for pages in of_part} == {1, 2}
    assert [page for pages in of_part for page in pages if page.count("逐月") != 1] == []
    assert all(page.index("逐月") < page.index("土地（亩）") for pages in of_part for page in pages)


def test_a_cell_longer_than_a_page_runs_on() -> None:
    text = "很长的理由。" * 1500
    part = Part("table", "表", [["甲", text]], ("名次", "理由"), (1, 4))

    assert "".join(pages_of([part])).count("很长的理由。") >= 1490


def test_a_code_without_blanks_stays_in_its_cell() -> None:
    part = Part("table", "表", [["A" * 64, "乙"]], ("编号", "单元"), (1, 1))
    paper = Paper("x", "题目", "副题", [part], "页脚")

    lines = PdfReader(io.BytesIO(pdf_of(paper))).pages[0].extract_text().splitlines()

    assert max(line.count("A") for line in lines) < 64


def test_a_pair_longer_than_a_page_runs_on() -> None:
    part = Part("pairs", "概况", [["单元", "示例厂房；" * 1500]])

    assert len(pages_of([part, SIGNED])) > 1
