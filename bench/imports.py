"""A ledger of 20,000 units and 30 columns: read, mapped, typed and checked, beside openpyxl that only reads the file.

The ledger is as parks keep them: a title, headings with units, numbers with and without them, words in Chinese, days in
several forms. Both read the same file in turn; ours starts its reading process too. `make bench-imports` prints the
table kept in docs/benchmarks.md.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from ledger.assembly import read_ledger
from ledger.workbook import read_workbook

UNITS, ROUNDS = 20_000, 5
#: Heading → a cell of it, by the number of the unit and a source of chance.
COLUMNS: dict[str, Callable[[int, random.Random], Any]] = {
    "编号": lambda n, _: f"GX-{n:05d}",
    "名称": lambda n, _: f"高新区{n % 400 + 1}号标准厂房{n}",
    "园区": lambda n, _: "大足高新区",
    "类别": lambda n, _: "厂房",
    "建筑面积(㎡)": lambda n, draw: round(draw.uniform(200, 20_000), 2),
    "可用面积": lambda n, draw: f"{draw.randrange(100, 9_000)}㎡" if n % 3 else draw.randrange(100, 9_000),
    "层数": lambda n, draw: draw.randrange(1, 7),
    "净高(m)": lambda n, draw: draw.choice((4.5, 6, 7.2, 8, 9, 12)),
    "承重(吨/㎡)": lambda n, draw: draw.choice((0.5, 0.8, 1, 1.5, 2, 3)),
    "行车吨位": lambda n, draw: draw.choice((0, 0, 5, 10, 20)),
    "跨度": lambda n, draw: draw.choice((12, 15, 18, 24, 30)),
    "配电容量(kVA)": lambda n, draw: draw.choice((200, 315, 630, 1000)),
    "可增容": lambda n, draw: draw.choice((None, 800, 1250)),
    "火灾危险性": lambda n, draw: draw.choice(("丙类", "丁类", "戊类")),
    "租金(元/㎡·月)": lambda n, draw: round(draw.uniform(6, 20), 1),
    "物业费": lambda n, draw: draw.choice((None, 0.5, 0.8, 1.2)),
    "可盘活方式": lambda n, draw: draw.choice(("租赁", "租赁、转让", "转让")),
    "可分割": lambda n, draw: draw.choice(("是", "否")),
    "竣工日期": lambda n, draw: date(2005, 1, 1) + timedelta(draw.randrange(6_000)),
    "可交付日期": lambda n, draw: f"2026-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
    "闲置类型": lambda n, draw: "空置厂房",
    "闲置时间": lambda n, draw: f"{draw.randrange(2019, 2026)}年{draw.randrange(1, 13)}月",
    "产权登记": lambda n, draw: draw.choice(("已办", "未办")),
    "抵押": lambda n, draw: draw.choice(("无", "有")),
    "适用行业": lambda n, draw: draw.choice((None, "3752、3360", "33")),
    "不动产权证号": lambda n, draw: f"渝（2020）大足区不动产权第{draw.randrange(10**8):09d}号",
    "坐落": lambda n, draw: f"大足区万古镇园区路{draw.randrange(1, 500)}号",
    "结构": lambda n, draw: draw.choice(("钢结构", "混凝土结构")),
    "联系电话": lambda n, draw: "023-43700000",
    "备注": lambda n, draw: draw.choice((None, "独立院落，可进 17.5 米车")),
}


def write(path: Path) -> None:
    draw = random.Random(4754)
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("台账")
    sheet.append(["闲置厂房台账"])
    sheet.append(list(COLUMNS))
    for n in range(UNITS):
        sheet.append([cell(n, draw) for cell in COLUMNS.values()])
    workbook.save(path)


def by_openpyxl(path: Path) -> int:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True))


def by_ledger(path: Path) -> tuple[float, float]:
    """Seconds to read the file, and to map, type and check its rows."""
    begun = time.perf_counter()
    workbook = read_workbook(path)
    read = time.perf_counter()
    ledger = read_ledger(workbook)
    assert len(ledger.rows) == UNITS and not any(row.has_errors for row in ledger.rows), ledger.counts
    return read - begun, time.perf_counter() - read


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        write(path)
        print(f"{UNITS} units x {len(COLUMNS)} columns, {path.stat().st_size >> 20} MB", flush=True)
        rows = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            by_openpyxl(path)
            rows.append((time.perf_counter() - begun, *by_ledger(path)))
    anchor, read, typed = (statistics.median(column) for column in zip(*rows, strict=True))
    ratios = [(read + typed) / anchor for anchor, read, typed in rows]
    print("| openpyxl, read-only | read | mapped, typed, checked | both | times openpyxl | range |")
    print(f"| {anchor:.2f} | {read:.2f} | {typed:.2f} | {read + typed:.2f} | ", end="")
    print(f"{statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} |")


if __name__ == "__main__":
    main()
