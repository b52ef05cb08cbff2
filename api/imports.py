"""Files of units over HTTP: sent, tried, looked at, decided, saved."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from msgspec import structs

from actions import import_job
from actions.authorization import require
from actions.ledger_import import ImportOptions, read_file
from api.asset import ROUTE
from api.bodies import FileReading, ImportDecision, NewImport
from api.paging import after_id, keyed, listed, next_link, unsealed
from api.queries import ImportQuery, ImportRowQuery
from api.request import RequestContext, decoded, request_context
from api.response import GEOJSON, NO_STORE, PER_READER, Reply, saved_as, written
from api.table import XLSX_TYPE
from domain.errors import Fault, Invalid, Malformed, NotFound, TooLarge, TooSlow, Unavailable, WrongMedia
from domain.facts import refuse
from domain.text import LONGEST, text_fault
from ledger.assembly import check_mapping
from ledger.mapping import ColumnMapping, LedgerMapping
from ledger.marked import RowIssue, SheetRows, with_issues
from store import files, imports
from texts.lookup import Language, tag
from texts.refusal_sentences import sentence

IMPORTS = f"{ROUTE}/imports"
IMPORT = f"{IMPORTS}/{{import_id:uuid}}"
TAGS = ["imports"]
#: Bytes of a file, of a form around it, and how long a file may take to come.
MOST_BYTES, FORM_BYTES, SENT_WITHIN_S = 64 << 20, 1 << 20, 600
CHUNK_BYTES = 1 << 18
MULTIPART: Final = "multipart/form-data"
FIELDS: Final = frozenset({"park_id", "file", "reading"})


@post(
    IMPORTS,
    opt={"form": NewImport},
    status_code=202,
    tags=TAGS,
    request_max_body_size=MOST_BYTES + FORM_BYTES,
)
async def add_import(request: Request[Any, Any, Any]) -> Reply:
    """A file of units for a park: XLSX, XLS, CSV, corner points or GeoJSON. It is read and tried; nothing is saved yet.

    Sent as a form: `file`, `park_id`, and `reading`, JSON, where the file is to be read otherwise than it says itself.
    The answer names the import; it is worked on until its state is `ready` or `failed`.
    """
    context = await request_context(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MULTIPART:
        raise WrongMedia("content_type", "Content-Type", allowed=[MULTIPART])
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BYTES + FORM_BYTES:
        raise TooLarge("body_too_large", "body", most=MOST_BYTES + FORM_BYTES)
    try:
        async with asyncio.timeout(SENT_WITHIN_S):
            form = await request.form()
    except TimeoutError as fault:
        raise TooSlow("body_too_slow", "body", least=MOST_BYTES // SENT_WITHIN_S) from fault
    if unknown := sorted(form.keys() - FIELDS):
        raise Invalid.of([Fault("unknown_field", name[:64]) for name in unknown])
    file, park_id = form.get("file"), _park_id(form.get("park_id"))
    if not isinstance(file, UploadFile):
        raise Invalid("missing", "file")
    name = PurePath(file.filename.replace("\\", "/")).name[:200].strip() or "-"
    wrong = text_fault(name, max_chars=200)
    refuse([] if wrong is None else [Fault(wrong.code, "file", wrong.params)])
    options = _options(form.get("reading"))
    await import_job.require_import(context.db, context.actor, park_id)
    try:
        kept = await files.put(context.state.settings.files_dir, _chunks(file), MOST_BYTES)
    except OSError as fault:  # no room, or no right to write there
        raise Unavailable("files_unwritable", retry_after_s=60) from fault
    if kept[1] == 0:
        raise Invalid("file_empty", "file")
    once = context.once
    if once is not None:
        about = json.dumps([IMPORTS, str(park_id), name, *kept, options.document()], sort_keys=True)
        once = replace(once, fingerprint=hashlib.sha256(about.encode()).digest())  # the same form has other boundaries
    return written(await import_job.add_import(context.db, context.actor, park_id, name, kept, options, once=once))


def _park_id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError as fault:
        code = "missing" if value is None else "not_a_uuid"
        raise Invalid(code, "park_id") from fault


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK_BYTES):
        yield chunk


def _options(text: object) -> ImportOptions:
    """How a file is read, from the JSON of a form."""
    if text is None:
        return ImportOptions()
    if not isinstance(text, str):
        raise Invalid("not_text", "reading")
    try:
        return options_of(decoded(text.encode(), FileReading))
    except (Invalid, Malformed, TooLarge) as refusal:
        faults = [
            Fault(fault.code, "reading" if fault.field == "body" else f"reading.{fault.field}", fault.params)
            for fault in refusal.faults
        ]
        raise Invalid.of(faults) from refusal


def options_of(reading: FileReading) -> ImportOptions:
    """How a file is read, as the act takes it. Raises: Invalid naming each member that is not right."""
    texts = {name: getattr(reading, name) for name in ("crs", "encoding", "layer")}
    texts |= {f"sheets.{n}": name for n, name in enumerate(reading.sheets or ())}
    for n, constant in enumerate(reading.constants):
        texts |= {f"constants.{n}.{name}": getattr(constant, name) for name in ("field", "value")}
    for n, column in enumerate(reading.columns):
        texts |= {f"columns.{n}.{name}": getattr(column, name) for name in ("heading", "field", "unit")}
    wrong = [(name, text_fault(text, max_chars=LONGEST)) for name, text in texts.items() if text is not None]
    refuse([Fault(fault.code, name, fault.params) for name, fault in wrong if fault is not None])
    columns = tuple(ColumnMapping(**structs.asdict(column)) for column in reading.columns)
    constants = {constant.field: constant.value for constant in reading.constants}
    mapping = LedgerMapping(columns, constants, reading.date_order, reading.crs)
    try:
        check_mapping(mapping)
    except Invalid as refusal:
        places = {f"constants.{constant.field[:64]}": f"constants.{n}" for n, constant in enumerate(reading.constants)}
        faults = []
        for fault in refusal.faults:
            member = ".field" if fault.code in ("unknown_field", "read_only") else ".value"
            place = f"{places[fault.field]}{member}" if fault.field in places else fault.field
            faults.append(Fault(fault.code, place, fault.params))
        raise Invalid.of(faults) from refusal
    return ImportOptions(mapping, reading.sheets, reading.encoding, reading.crs, reading.layer)


@get(IMPORTS, opt={"query": ImportQuery}, tags=TAGS)
async def list_imports(request: Request[Any, Any, Any]) -> Reply:
    """Files brought in, the latest first."""
    context = await request_context(request)
    query = context.query
    require(context.actor, "asset.history", park_id=query.park)
    async with context.db.read(context.actor, park_id=query.park) as conn:
        rows = await imports.page(conn, query.park, after_id(context, IMPORTS), query.limit + 1)
    items, last = keyed(rows, query.limit, "id", "document")
    shown = [json.dumps(_in_words(json.loads(item), context.language), ensure_ascii=False) for item in items]
    return listed(context, IMPORTS, shown, last)


@get(IMPORT, tags=TAGS)
async def read_import(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """One file: how far it is, how its columns were read and on what ground, what becomes of its rows."""
    context = await request_context(request)
    _, document = await _read(context, import_id)
    return Reply(msgspec.json.encode(_in_words(document, context.language)), headers=NO_STORE)


async def _read(context: RequestContext, import_id: UUID) -> tuple[UUID, dict[str, Any]]:
    park_id = await import_job.park_of_import(context.db, context.actor, import_id, "asset.history")
    async with context.db.read(context.actor, park_id=park_id) as conn:
        document = await imports.read(conn, park_id, import_id)
    if document is None:
        raise NotFound("no_such")
    return park_id, document


@get(f"{IMPORT}/rows", opt={"query": ImportRowQuery}, tags=TAGS)
async def import_rows(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """The rows of a file: which is new, which changes what, which is refused, and what is told of each."""
    context = await request_context(request)
    query, route = context.query, f"{IMPORTS}/{import_id}/rows"
    park_id, _ = await _read(context, import_id)
    keys = unsealed(context, route)
    async with context.db.read(context.actor, park_id=park_id) as conn:
        rows = await imports.rows(
            conn,
            park_id,
            import_id,
            verdict=query.verdict,
            with_issues=query.issues,
            after=0 if keys is None else int(keys[0] or 0),
            limit=query.limit + 1,
        )
    shown = [_row_in_words(json.loads(row["document"]), context.language) for row in rows[: query.limit]]
    href = next_link(context, route, [str(shown[-1]["row"])]) if len(rows) > query.limit else None
    return Reply(msgspec.json.encode({"items": shown, "next": href}), headers=NO_STORE)


@get(f"{IMPORT}/preview.geojson", tags=TAGS)
async def import_preview(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """The rows of a file on a map, as a GeoJSON FeatureCollection: each with its code, name and what becomes of it."""
    context = await request_context(request)
    park_id, _ = await _read(context, import_id)
    features = []
    async with context.db.snapshot(context.actor, park_id=park_id) as conn:
        async for portion in imports.preview(conn, park_id, import_id):
            for row in portion:
                facts = {"row": row["n"], "verdict": row["verdict"], "code": row["code"], "name": row["name"]}
                properties = json.dumps(facts, ensure_ascii=False)
                features.append(
                    f'{{"type":"Feature","id":"{row["n"]}","geometry":{row["geometry"]},"properties":{properties}}}'
                )
    body = f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
    return Reply(body.encode(), GEOJSON, headers=NO_STORE)


@get(f"{IMPORT}/issues.xlsx", opt={"also": [XLSX_TYPE]}, tags=TAGS)
async def import_issues(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """The file as it was sent, as a workbook, with a column of what is wrong in each row, and the cells marked."""
    context = await request_context(request)
    park_id, document = await _read(context, import_id)
    async with context.db.read(context.actor, park_id=park_id) as conn:
        rows = await imports.rows(conn, park_id, import_id, verdict=None, with_issues=True, after=0, limit=100_000)
    path = files.path_of(context.state.settings.files_dir, document["file_sha256"])
    if not path.exists():
        raise NotFound("file_gone")
    stored = [json.loads(row["document"]) for row in rows]
    options = ImportOptions.of(document["options"])
    body = await asyncio.to_thread(issues_workbook, path, document["file_name"], options, stored, context.language)
    name = f"{PurePath(document['file_name']).stem}-issues.xlsx"
    saved = saved_as("issues.xlsx", name)
    return Reply(body, XLSX_TYPE, headers={**PER_READER, "Content-Language": tag(context.language), **saved})


def issues_workbook(
    path: Path, file_name: str, options: ImportOptions, rows: Sequence[Mapping[str, Any]], language: Language
) -> bytes:
    """A file as a workbook in which what is told of its rows stands beside them; `rows` as they are stored."""
    workbook, ledger = read_file(path, file_name, options)
    heads = {table.sheet: table for table in reversed(ledger.tables)}
    sheets = [
        SheetRows(
            sheet.name,
            [list(cells) for cells in zip(*sheet.columns, strict=True)],
            max(1, heads[sheet.name].line - sheet.first_line) if sheet.name in heads else 1,
            sheet.print_setup,
        )
        for sheet in workbook.sheets
    ]
    first_lines = {sheet.name: sheet.first_line for sheet in workbook.sheets}
    indexes: dict[tuple[str, str, str], int] = {}
    for table in ledger.tables:
        for column in table.columns:
            indexes |= {(table.sheet, "field", column.field): column.index} if column.field else {}
            indexes[table.sheet, "heading", column.heading] = column.index
    issues = [
        RowIssue(
            row["sheet"],
            row["line"] - first_lines[row["sheet"]] + 1,
            _column_of(row["sheet"], issue, indexes),
            issue["severity"],
            sentence(_fault(issue), language),
        )
        for row in rows
        for issue in row["issues"]
        if row["sheet"] in first_lines
    ]
    return with_issues(sheets, issues, language)


def _column_of(sheet: str, issue: Mapping[str, Any], indexes: Mapping[tuple[str, str, str], int]) -> int | None:
    """The column that an issue is about: that of its heading, else that of its field; None: of the whole row."""
    heading, name = issue["params"].get("column", ""), issue["field"].rpartition(".")[2]
    return indexes.get((sheet, "heading", heading), indexes.get((sheet, "field", name)))


@post(f"{IMPORT}/trial", opt={"body": FileReading}, status_code=202, tags=TAGS)
async def try_import(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """Has a file read otherwise, and tried again."""
    context = await request_context(request)
    options = options_of(context.body)
    answer = await import_job.queue_import(
        context.db, context.actor, import_id, options=options, decisions=None, once=context.once
    )
    return written(answer)


@post(f"{IMPORT}/save", opt={"body": ImportDecision}, status_code=202, tags=TAGS)
async def save_import(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """Saves a file that was tried, as one change that can be undone: all its rows, or the sound ones alone.

    Where a fact changed here since the file was made, `conflicts` says whose value counts. Units that the file does not
    have stay, but for those `withdrawn` names.
    """
    context = await request_context(request)
    decisions = json.loads(msgspec.json.encode(context.body))
    answer = await import_job.queue_import(
        context.db, context.actor, import_id, options=None, decisions=decisions, once=context.once
    )
    return written(answer)


@post(f"{IMPORT}/cancel", status_code=200, tags=TAGS)
async def cancel_import(request: Request[Any, Any, Any], import_id: FromPath[UUID]) -> Reply:
    """Stops work on a file; nothing of it is kept."""
    context = await request_context(request)
    return written(await import_job.cancel_import(context.db, context.actor, import_id, once=context.once))


# In the reader's words


def _fault(stored: Mapping[str, Any]) -> Fault:
    return Fault(stored["code"], stored["field"], stored["params"])


def _note(stored: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {"field": stored["field"], "code": stored["code"], "message": sentence(_fault(stored), language)}


def _in_words(document: dict[str, Any], language: Language) -> dict[str, Any]:
    document["faults"] = [_note(fault, language) for fault in document["faults"]]
    result = document["result"]
    if result is not None:
        result["notes"] = [_note(note, language) for note in result["notes"]]
        for table in result["tables"]:
            for column in table["columns"]:
                column["fault"] = None if column["fault"] is None else _note(column["fault"], language)
    return document


def _row_in_words(row: dict[str, Any], language: Language) -> dict[str, Any]:
    row["issues"] = [{"severity": issue["severity"], **_note(issue, language)} for issue in row["issues"]]
    return row


ROUTES = [
    add_import,
    list_imports,
    read_import,
    import_rows,
    import_preview,
    import_issues,
    try_import,
    save_import,
    cancel_import,
]
