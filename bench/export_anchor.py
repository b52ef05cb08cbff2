"""The anchors of bench/export.py, run in an environment of their own: a writer, the same cells, nothing else.

`python export_anchor.py WRITER ROWS FILE`: ROWS holds the titles and the rows as a pickle. Prints the seconds.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rows = list[list[Any]]


def rustpy(titles: list[str], rows: Rows, file: str) -> None:
    from rustpy_xlsxwriter import write_worksheet

    write_worksheet([dict(zip(titles, row, strict=True)) for row in rows], file)


def rustypyxl(titles: list[str], rows: Rows, file: str) -> None:
    import rustypyxl

    workbook = rustypyxl.WriteOnlyWorkbook(file)
    workbook.create_sheet("x")
    for row in (titles, *rows):
        workbook.append_row(row)
    workbook.close()


def xlsxwriter(titles: list[str], rows: Rows, file: str) -> None:
    import xlsxwriter

    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = workbook.add_worksheet()
    for n, row in enumerate((titles, *rows)):
        sheet.write_row(n, 0, row)
    workbook.close()


WRITERS: dict[str, Callable[[list[str], Rows, str], None]] = {
    "rustpy-xlsxwriter": rustpy,
    "rustypyxl": rustypyxl,
    "xlsxwriter, constant memory": xlsxwriter,
}

if __name__ == "__main__":
    _, writer, source, file = sys.argv
    titles, rows = pickle.loads(Path(source).read_bytes())
    begun = time.perf_counter()
    WRITERS[writer](titles, rows, file)
    print(time.perf_counter() - begun)
