"""`panhuo import`, `export` and `template`: what is typed becomes an act, what became of it is shown."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from actions.ledger_import import ImportDecisions, ImportOptions, ImportResult, import_ledger
from actions.survey_file import FeatureResult, FileResult, export_survey, import_survey
from api.asset import selected, table_rows
from api.bodies import FileReading
from api.imports import issues_workbook, options_of
from api.ledger import made_template
from api.queries import AssetCsvQuery, AssetQuery
from api.request import decoded, query_of
from api.survey_file import new_unit
from api.table import CSV, XLSX, Form, table_bytes, table_columns
from domain.actor import ANONYMOUS, Actor
from domain.errors import Fault, Invalid, NotFound
from geo.files import DRIVERS
from store import account
from store.db import Database
from texts.lookup import Language, languages, side_by_side
from texts.refusal_sentences import every_sentence, sentence

#: Endings of ledgers; other files are survey files.
LEDGERS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt"})
#: Tables by the ending of their file.
TABLES: Final[Mapping[str, Form]] = {f".{form.ending}": form for form in (XLSX, CSV)}


async def import_file(db: Database, login: str, park_id: UUID, path: Path, **options: Any) -> FileResult:
    """Registers the features of a file in the name of an account; `options` are those of the act."""
    actor = await _account(db, login)
    return await import_survey(db, actor, park_id, path, lambda feature: new_unit(feature, park_id), **options)


async def import_table(
    db: Database,
    login: str,
    park_id: UUID,
    path: Path,
    options: ImportOptions,
    decisions: ImportDecisions | None,
    *,
    today: date,
    on_progress: Callable[[str, int, int], None],
) -> ImportResult:
    """Tries a ledger in the name of an account, or with decisions saves it."""
    actor = await _account(db, login)
    if not path.is_file():
        raise Invalid("no_such_file", "file", file=path.name)
    digest = await asyncio.to_thread(lambda: hashlib.sha256(path.read_bytes()).hexdigest())

    async def shown(stage: str, done: int, total: int) -> None:
        on_progress(f"{path.name} {stage}", done, total)

    about = (path, path.name, digest, options, decisions)
    return await import_ledger(db, actor, park_id, *about, today=today, on_progress=shown)


def options_from(reading: Path | None, **options: str | None) -> ImportOptions:
    """How a file is read: as another file says, JSON, and what is typed beside it."""
    about = FileReading() if reading is None else decoded(reading.read_bytes(), FileReading)
    typed: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return replace(options_of(about), **typed)


def row_lines(result: ImportResult) -> list[str]:
    """What is told of rows as people read it, one a line."""
    return [
        f"{row.source.sheet} {row.source.line}  {line}"
        for row in result.rows
        for line in lines(issue.fault for issue in row.issues)
    ]


def counts(result: ImportResult) -> dict[str, int]:
    """Rows by what becomes of them, under the words of the reader."""
    numbers = Counter(row.verdict for row in result.rows)
    return {side_by_side("vocabularies", "RowVerdict", name): count for name, count in sorted(numbers.items())}


def write_issues(path: Path, source: Path, result: ImportResult, options: ImportOptions) -> None:
    """A new workbook of a ledger with what is wrong in it. Raises: Invalid naming `issues` where the file is there."""
    if path.exists():
        raise Invalid("file_exists", "issues", file=path.name)
    rows = [row.document() for row in result.rows if row.issues]
    path.write_bytes(issues_workbook(source, source.name, options, rows, languages()[0]))


async def export_file(db: Database, path: Path, query: str, login: str | None = None) -> int:
    """Writes the units that an account sees, or the public, and that meet a query into a new file; how many.

    The query is one of `GET /api/v1/assets`, of a table one of `GET /api/v1/assets.csv`.
    Raises: Invalid naming `file` for another ending, or where the file is there already.
    """
    actor = ANONYMOUS if login is None else await _account(db, login)
    ending = _new_file(path, [*TABLES, *DRIVERS])
    if ending in TABLES:
        return await _export_table(db, actor, path, TABLES[ending], query_of(query.encode(), AssetCsvQuery))
    parsed: AssetQuery = query_of(query.encode(), AssetQuery)
    selection = await selected(db, actor, parsed)
    about: dict[str, Any] = {"typed": parsed.q, "sort": parsed.sort, "park_id": selection.park_id}
    return await export_survey(db, actor, path, selection.filters, **about)


def _new_file(path: Path, endings: Sequence[str]) -> str:
    """The ending of a file that is not there yet. Raises: Invalid naming `file` for another, or where it is."""
    ending = path.suffix.lower()
    if ending not in endings:
        raise Invalid("file_ending", "file", allowed=endings)
    if path.exists():
        raise Invalid("file_exists", "file", file=path.name)
    return ending


async def _export_table(db: Database, actor: Actor, path: Path, form: Form, query: AssetCsvQuery) -> int:
    rows = await table_rows(db, actor, query)
    columns = table_columns(form, rows, query, languages()[0])
    count = 0

    async def counted(conn: Any, names: Collection[str]) -> AsyncIterator[Sequence[Any]]:
        nonlocal count
        async for portion in rows.portions(conn, names):
            count += len(portion)
            yield portion

    with path.open("xb") as file:
        try:
            async for chunk in table_bytes(db, form, replace(rows, portions=counted), columns):
                file.write(chunk)
        except BaseException:
            path.unlink()  # half a table looks like a whole one
            raise
    return count


def write_template(path: Path, language: Language) -> None:
    """Writes an empty ledger for staff into a new file. Raises: Invalid naming `file` as `export_file`."""
    _new_file(path, [f".{XLSX.ending}"])
    made = made_template(language, is_staff=True)
    with path.open("xb") as file:
        file.write(made)


async def _account(db: Database, login: str) -> Actor:
    actor = await account.named(db, login)
    if actor is None:
        raise NotFound("no_such", "as")
    return actor


def lines(faults: Iterable[Fault]) -> list[str]:
    """Faults, issues or notes as people read them, one a line."""
    return [f"{fault.field}: {text}" if fault.field else text for fault in faults for text in [every_sentence(fault)]]


def record(row: FeatureResult) -> dict[str, Any]:
    """What became of a feature, as JSON."""
    return {
        "number": row.number,
        "code": row.code,
        "id": row.asset_id,
        "was_there": row.was_there,
        "errors": records(row.faults),
        "issues": records(row.issues),
    }


def records(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Faults, issues or notes, as JSON."""
    return [{"field": fault.field, "code": fault.code, "message": sentence(fault, "zh")} for fault in faults]
