"""What is answered of files on their way into the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from api.record import Described


class StartedImport(Described):
    """A file that was taken, or is to be worked on again."""

    id: UUID
    park_id: UUID
    state: Literal["queued", "ready", "cancelled"]


class FileNote(Described):
    """Something to know of a file, a column or a row."""

    field: str
    code: str
    message: str


class ReadColumn(Described):
    """A column of a file, and the field it was taken for."""

    heading: str
    field: str | None
    unit: str | None
    date_order: Literal["ymd", "mdy", "dmy"] | None
    ground: Literal["mapping", "label", "heading", "cut", "pinyin", "part", "unknown"]
    fault: FileNote | None


class ReadTable(Described):
    """A table of a file."""

    sheet: str
    line: int
    columns: list[ReadColumn]


class VerdictCounts(Described):
    """Rows by what becomes of them."""

    new: int
    changed: int
    same: int
    conflict: int
    refused: int


class SeverityCounts(Described):
    """What is told of rows, by how grave it is."""

    error: int
    warning: int
    note: int


class MissingUnit(Described):
    """A unit of the park that the file does not have."""

    asset_id: UUID
    code: str
    name: str


class FileSummary(Described):
    """What becomes of a file, or became of it."""

    rows: int
    counts: VerdictCounts
    issues: SeverityCounts
    tables: list[ReadTable]
    notes: list[FileNote]
    missing: list[MissingUnit]


class FileImport(Described):
    """A file on its way into the register."""

    id: UUID
    park_id: UUID
    account_id: UUID
    file_name: str
    file_sha256: str
    file_bytes: int
    options: dict[str, Any]
    state: Literal["queued", "running", "ready", "saved", "failed", "cancelled"]
    stage: Literal["reading", "comparing", "checking", "writing"] | None
    done: int
    total: int
    result: FileSummary | None
    faults: list[FileNote]
    batch_id: UUID | None
    created_at: datetime


class RowChange(Described):
    """A fact that a row changes: as it is, as the file has it, and as the file's reader saw it."""

    field: str
    current: Any
    value: Any
    seen: Any
    is_conflict: bool


class FileRowIssue(Described):
    """What is told of a row."""

    severity: Literal["error", "warning", "note"]
    field: str
    code: str
    message: str


class FileRow(Described):
    """A row of a file, and what becomes of it."""

    row: int
    sheet: str
    line: int
    verdict: Literal["new", "changed", "same", "conflict", "refused"]
    code: str | None
    name: str | None
    asset_id: UUID | None
    changes: list[RowChange]
    moves: bool
    issues: list[FileRowIssue]
