"""An empty ledger to fill in: the columns of new units, with drop-downs and bounds, and a sheet that explains each.

All of it follows from the declaration of the fields; the words to choose from stand in the explanation, one a cell.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from domain.field import Bound, Field
from domain.fields import LATITUDE, LONGITUDE
from ledger.columns import CODES, POINT, TableColumn, columns_of
from ledger.print_setup import A4, pages_wide
from ledger.sheet import characters, style_of
from ledger.writing import DAY, GENERAL, LINE_PT, letters
from texts.lookup import Language, label, tables
from texts.words import words_of

#: Types of facts that people enter in a cell.
ENTERED: Final = ("number", "integer", "flag", "day", "text", "word", "words", "codes")
#: Facts that follow from another that is entered: the kind from the level.
FOLLOWING: Final = {"kind"}
#: Rows that have drop-downs and bounds, and how wide their columns are.
ROWS, WIDTH = 10_000, 16
#: Characters of a message at a cell, and of its title. Source: the limits of Excel.
MESSAGE, MESSAGE_TITLE = 255, 32
FORMATS: Final = {GENERAL: "General", DAY: "yyyy-mm-dd"}
#: A usual amount by unit, and of facts without one, to show how it is written.
AMOUNTS: Final[Mapping[str, str]] = {
    "m2": "1200", "m": "9", "kN/m2": "10", "t": "5", "kVA": "630", "yuan/m2/month": "12.5", "yuan/m2": "3200",
    "yuan": "5000000", "month": "12", "%": "40", "wan_yuan/mu": "300", "kV": "10", "m3/d": "500", "t/h": "2",
    "t/d": "100", "degree": "",
}  # fmt: skip
PLAIN_AMOUNTS: Final[Mapping[str, str]] = {
    "stated_area": "1800", "storeys": "3", "floor_no": "2", "far_max": "2", "far_min": "1", "condition_grade": "4",
    "built_year": "2015", "crane_count": "2", "dock_doors": "4", "longitude": "105.78", "latitude": "29.49",
    "density_max": "40",
}  # fmt: skip
DAY_SHOWN: Final = "2026-03-05"
CODES_SHOWN: Final = ("3752", "34")
#: Fills of a title, and of one that has to be filled in.
TITLE, REQUIRED = "E8EEF4", "F8CBAD"


def columns_entered(*, is_staff: bool) -> list[str]:
    """The columns of a new unit, in the order of the ledger: units and zones by code, a point by its degrees."""
    return [
        name
        for name in columns_of("asset", is_staff=is_staff)
        if name in (*CODES.values(), *POINT) or _is_entered(TableColumn("asset", name, None).field)
    ]


def _is_entered(field: Field | None) -> bool:
    return (
        field is not None and field.entry in ("once", "any") and field.type in ENTERED and field.name not in FOLLOWING
    )


def template(language: Language, required: Collection[str], *, is_staff: bool) -> bytes:
    """The workbook in a language; `required` columns are marked, for staff those that they alone read stand in it."""
    from openpyxl import Workbook  # loaded by a process that makes sheets, and by no other

    workbook = Workbook()
    names = tables("ledger", language)["sheet"]
    ledger, explanation = workbook.worksheets[0], workbook.create_sheet(names["explanation"])
    ledger.title = names["table"]
    columns = [TableColumn("asset", name, language) for name in columns_entered(is_staff=is_staff)]
    _fill_explanation(explanation, columns, language, required)
    _fill_ledger(ledger, columns, language, required)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


#: Columns of the explanation before the words, which take as many as there are.
ABOUT: Final = ("column", "required", "meaning", "kind", "unit", "range", "example", "words")
WIDTHS: Final = (26, 10, 60, 30, 18, 26, 20, 20)


def _fill_explanation(
    sheet: Any, columns: Sequence[TableColumn], language: Language, required: Collection[str]
) -> None:
    say = tables("ledger", language)["explanation"]
    rows = [[say[name] for name in ABOUT], *(_explained(column, language, required) for column in columns)]
    for line, row in enumerate(rows, 1):
        for n, text in enumerate(row, 1):
            _put(sheet.cell(line, n), text, fill=TITLE if line == 1 else None)
        sheet.row_dimensions[line].height = _height(row, WIDTHS)
    for n, width in enumerate(WIDTHS):
        sheet.column_dimensions[letters(n)].width = width
    sheet.freeze_panes, sheet.print_title_rows = "B2", "1:1"
    sheet.print_area = f"A1:{letters(len(ABOUT) - 1)}{len(rows)}"
    _print(sheet, WIDTHS)


def _height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Points of a row whose texts wrap at widths in characters, the last of them that of all that follow."""
    last = len(widths) - 1
    return LINE_PT * max(1, *(-(-characters(text) // (widths[min(n, last)] - 2)) for n, text in enumerate(texts)))


def _print(sheet: Any, widths: Sequence[int]) -> None:
    page = sheet.page_setup
    page.orientation, page.paperSize = "landscape", A4
    page.fitToWidth, page.fitToHeight = pages_wide(widths), 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _put(cell: Any, text: str, *, fill: str | None) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.value, cell.number_format = text or None, "@"
    cell.data_type = "s" if text else cell.data_type
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if fill is not None:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=fill)


def _explained(column: TableColumn, language: Language, required: Collection[str]) -> list[str]:
    """A row of the explanation, its words last."""
    words, field = tables("ledger", language), column.field
    unit = "degree" if column.name in POINT else "" if field is None else field.unit
    return [
        column.title,
        words["explanation"]["is_required"] if column.name in required else "",
        _meaning(column, language),
        words["kind"][_type(column)],
        label("unit", unit, language) if unit else "",
        _range(column, language),
        _example(column, language),
        *_words(column, language),
    ]


def _type(column: TableColumn) -> str:
    if column.field is not None:
        return column.field.type
    return "number" if column.name in POINT else "text"


def _meaning(column: TableColumn, language: Language) -> str:
    beside = tables("ledger", language)["beside"]
    return beside.get(column.name) or tables("fields", language)["asset_meaning"][column.name]


def _bound(column: TableColumn) -> Bound | None:
    if column.name in POINT:
        return LONGITUDE if column.name == POINT[0] else LATITUDE
    return None if column.field is None else column.field.bound


def _range(column: TableColumn, language: Language) -> str:
    say, bound = tables("ledger", language)["form"], _bound(column)
    if bound is not None:
        return say["between"].format(least=bound.least, most=bound.most)
    most = None if column.field is None else column.field.most
    if most is None:
        return ""
    return say["length" if _type(column) == "text" else "entries"].format(most=most)


def _words(column: TableColumn, language: Language) -> list[str]:
    if _type(column) == "flag":
        cell = tables("ledger", language)["cell"]
        return [cell["true"], cell["false"]]
    return [] if column.field is None or not column.field.words else [*words_of(column.field.words, language).values()]


def _example(column: TableColumn, language: Language) -> str:
    words, own = _words(column, language), tables("ledger", language)
    match _type(column):
        case "number" | "integer":
            return PLAIN_AMOUNTS.get(column.name) or AMOUNTS[column.field.unit if column.field else "degree"]
        case "day":
            return DAY_SHOWN
        case "codes":
            return own["cell"]["between"].join(CODES_SHOWN)
        case "words":
            return own["cell"]["between"].join(words[:2])
    return words[0] if words else own["example"].get(column.name, "")


def _fill_ledger(sheet: Any, columns: Sequence[TableColumn], language: Language, required: Collection[str]) -> None:
    for n, column in enumerate(columns):
        _put(sheet.cell(1, n + 1), column.title, fill=REQUIRED if column.name in required else TITLE)
        dimension = sheet.column_dimensions[letters(n)]
        dimension.width, dimension.number_format = WIDTH, FORMATS.get(style_of(column), "@")
        sheet.add_data_validation(_validation(column, n, language))
    sheet.row_dimensions[1].height = _height([column.title for column in columns], [WIDTH])
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.auto_filter.ref = f"A1:{letters(len(columns) - 1)}1"
    _print(sheet, [WIDTH] * len(columns))


def _validation(column: TableColumn, n: int, language: Language) -> Any:
    """What may be entered in a column, and what is said at its cells."""
    from openpyxl.worksheet.datavalidation import DataValidation

    say = tables("ledger", language)
    rule = DataValidation(**_rule(column, n, language), allow_blank=True)
    rule.add(f"{letters(n)}2:{letters(n)}{ROWS + 1}")
    rule.promptTitle = rule.errorTitle = column.title[:MESSAGE_TITLE]
    rule.prompt = _meaning(column, language)[:MESSAGE]
    rule.error = f"{say['form']['refused']} {_range(column, language)}".strip()[:MESSAGE]
    rule.showInputMessage = True
    #: Of several words only the first could be chosen from a list; a day may be a month or a year.
    rule.showErrorMessage = _type(column) not in ("words", "codes", "day")
    return rule


def _rule(column: TableColumn, n: int, language: Language) -> dict[str, str]:
    kind, words, bound = _type(column), _words(column, language), _bound(column)
    if words:
        name = tables("ledger", language)["sheet"]["explanation"]
        first, last = letters(len(ABOUT) - 1), letters(len(ABOUT) + len(words) - 2)
        return {"type": "list", "formula1": f"'{name}'!${first}${n + 2}:${last}${n + 2}"}
    if bound is not None:
        of_type = "whole" if kind == "integer" else "decimal"
        return {"type": of_type, "operator": "between", "formula1": bound.least, "formula2": bound.most}
    if kind == "day":
        return {"type": "date", "operator": "greaterThan", "formula1": "1"}
    most = None if column.field is None else column.field.most
    if kind == "text" and most is not None:
        return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(most)}
    return {}
