"""A ledger of 100,000 units as a workbook, from the database to the last byte, beside writers that only write.

Each anchor has the same cells in hand as lists of Python, in a process of its own; ours reads, types and names them,
and sends them as they come. Rounds in turn, medians. `make bench-export` prints the table kept in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from api.asset import table_rows
from api.queries import AssetCsvQuery
from api.request import query_of
from api.table import CSV, GEOJSON, XLSX, Form, table_bytes, table_columns
from bench.export_anchor import WRITERS
from bench.items import FILL, FOLDER, empty, url
from domain.actor import ANONYMOUS
from ledger.columns import Cell, Portion, TableColumn
from ledger.sheet import SheetWriter
from store.db import Database

NAME, ASSETS = "panhuo_bench_export", int(os.environ.get("PANHUO_TEST_BENCH_ASSETS", "100000"))
ROUNDS = 3
#: The part of an export as a workbook that an anchor does too.
WRITING = "of this, writing"
PYTHON = FOLDER.parent / ".venv-bench" / "bin" / "python"


class _Kept:
    """Keeps the cells of a table as an anchor is given them."""

    def __init__(self, columns: list[TableColumn], _: str) -> None:
        self.columns, self.rows = columns, list[list[Any]]()

    def add(self, portion: Portion) -> bytes:
        cells = [[_plain(column.cell(raw)) for raw in portion[column.name]] for column in self.columns]
        self.rows += map(list, zip(*cells, strict=True))
        return b""

    def end(self) -> bytes:
        return pickle.dumps(([column.title for column in self.columns], self.rows))


class _TimedWriter(SheetWriter):
    """Adds up the seconds of writing alone, without the database and the reading of its rows."""

    seconds = 0.0

    def add(self, portion: Portion) -> bytes:
        begun = time.perf_counter()
        chunk = super().add(portion)
        _TimedWriter.seconds += time.perf_counter() - begun
        return chunk


def _plain(cell: Cell) -> float | str | date | None:
    return float(cell) if isinstance(cell, bytes) else cell


async def prepare() -> None:
    await empty(NAME)
    conn = await asyncpg.connect(url(None, NAME))
    await conn.execute(FILL.replace(":assets", str(ASSETS)))
    await conn.execute((FOLDER / "export.sql").read_text(encoding="utf-8"))
    await conn.execute("VACUUM ANALYZE panhuo.asset")
    await conn.close()


async def exported(db: Database, form: Form, file: Path) -> float:
    """Seconds to write all units into a file."""
    query = query_of(b"titles=zh", AssetCsvQuery)
    rows = await table_rows(db, ANONYMOUS, query)
    begun = time.perf_counter()
    with file.open("wb") as out:
        async for chunk in table_bytes(db, form, rows, table_columns(form, rows, query, "zh")):
            out.write(chunk)
    return time.perf_counter() - begun


def anchored(writer: str, source: Path, file: Path) -> float:
    """Seconds an anchor takes for the same cells."""
    command = [str(PYTHON), str(FOLDER / "export_anchor.py"), writer, str(source), str(file)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


async def main() -> None:
    await prepare()
    db = await Database.connect(url("panhuo_service", NAME), size=2, public_size=2, statement_timeout_ms=60_000)
    taken: dict[str, list[float]] = {}
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        timed = replace(XLSX, writer=_TimedWriter)
        ours = {"Panhuo, XLSX": timed, "Panhuo, CSV": CSV, "Panhuo, GeoJSON": GEOJSON}
        file, source = Path(folder) / "out", Path(folder) / "rows"
        await exported(db, XLSX, file)
        print(
            f"{ASSETS} units; at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB in hand", flush=True
        )
        await exported(db, Form("", _Kept, "", is_in_words=True), source)  # type: ignore[arg-type]
        titles, rows = pickle.loads(source.read_bytes())
        print(f"{len(titles)} columns, {sum(cell is not None for row in rows for cell in row)} cells", flush=True)
        del rows
        for _ in range(ROUNDS):
            for name, form in ours.items():
                _TimedWriter.seconds = 0.0
                taken.setdefault(name, []).append(await exported(db, form, file))
                sizes[name] = file.stat().st_size
                if form is timed:
                    taken.setdefault(WRITING, []).append(_TimedWriter.seconds)
                    sizes[WRITING] = sizes[name]
            for name in WRITERS:
                file.unlink(missing_ok=True)
                taken.setdefault(name, []).append(anchored(name, source, file))
                sizes[name] = file.stat().st_size
    await db.close()
    fastest = min(statistics.median(taken[name]) for name in WRITERS)
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"| {name} | {median:.1f} | {sizes[name] / 1e6:.1f} | {median / fastest:.2f} |")


if __name__ == "__main__":
    asyncio.run(main())
