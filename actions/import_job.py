"""Imports over HTTP: a file is sent, a worker tries it, a person decides, the worker saves it.

A run says every second that it is alive, over a connection of its own, and hears there that it is to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from actions.authorization import new_id, require_hidden, require_in_park
from actions.ledger_import import ImportDecisions, ImportOptions, ImportResult, import_ledger
from domain.actor import Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, Fault, Forbidden, NotFound, Refusal, Unavailable
from store import account, files, imports
from store.db import Act, Database
from store.imports import ClaimedImport

LOG = logging.getLogger("panhuo")
ALIVE_EVERY_S = 1.0
#: Statements of an import may take so long: it writes up to 100,000 units.
TIMEOUT_MS = 300_000


async def keep_file(folder: Path, raw: bytes) -> tuple[str, int]:
    """Keeps a file that is at hand whole; its SHA-256 and size."""

    async def chunks() -> AsyncIterator[bytes]:
        yield raw

    return await files.put(folder, chunks(), len(raw))


async def require_import(db: Database, actor: Actor, park_id: UUID) -> None:
    """Whoever may not bring in files is refused before one is kept."""
    await require_in_park(db, actor, "asset.write", park_id, "park_id")


async def add_import(
    db: Database,
    actor: Actor,
    park_id: UUID,
    file_name: str,
    file: tuple[str, int],
    options: ImportOptions,
    *,
    once: Once | None,
) -> Answer:
    """A file that was kept, under its SHA-256 and size, to be tried. Columns are read as in the park's last ledger."""
    await require_import(db, actor, park_id)
    import_id = new_id()
    async with db.write(actor, park_id, once=once) as act:
        await act.fix_instant()
        if not options.mapping.columns and (last := await imports.last_mapping(act.conn, park_id)) is not None:
            options = ImportOptions.of({**options.document(), "mapping": last})
        await imports.insert(act, import_id, file_name, *file, options.document())
        act.did("import.sent", "import", import_id, file_name=file_name, file_sha256=file[0], file_bytes=file[1])
        act.answer = _answer(park_id, import_id, "queued")
    return act.answer


async def queue_import(
    db: Database,
    actor: Actor,
    import_id: UUID,
    *,
    options: ImportOptions | None,
    decisions: Mapping[str, Any] | None,
    once: Once | None,
) -> Answer:
    """Has an import tried again, read by other options, or saved as decided on its trial.

    Raises: Conflict where it is being run, or was saved before.
    """
    park_id = await park_of_import(db, actor, import_id, "asset.write")
    async with db.write(actor, park_id, once=once) as act:
        row = await imports.lock(act, import_id)
        await act.fix_instant()
        if row is None:
            raise NotFound("no_such")
        if row["state"] in ("queued", "running"):
            raise Conflict("import_is_running", "")
        if row["state"] == "saved":
            raise Conflict("import_is_saved", "")
        if decisions is not None and row["state"] != "ready":
            raise Conflict("import_not_ready", "")
        await imports.queue(act, import_id, None if options is None else options.document(), decisions)
        act.did("import.tried_again" if decisions is None else "import.to_be_saved", "import", import_id)
        act.answer = _answer(park_id, import_id, "queued")
    return act.answer


async def cancel_import(db: Database, actor: Actor, import_id: UUID, *, once: Once | None) -> Answer:
    """Stops an import that waits or runs; nothing of it is kept. Raises Conflict where it does neither."""
    park_id = await park_of_import(db, actor, import_id, "asset.write")
    async with db.write(actor, park_id, once=once) as act:
        await imports.lock(act, import_id)
        await act.fix_instant()
        state = await imports.cancel(act, import_id)
        if state is None:
            raise Conflict("import_not_running", "")
        act.did("import.cancelled", "import", import_id)
        act.answer = _answer(park_id, import_id, state, status=200)
    return act.answer


async def park_of_import(db: Database, actor: Actor, import_id: UUID, verb: str) -> UUID:
    """The park of an import. Raises NotFound where the caller may not know of it."""
    park_id = await imports.home(db, import_id)
    if park_id is None:
        raise NotFound("no_such")
    require_hidden(actor, verb, is_visible=False, park_id=park_id)
    return park_id


def _answer(park_id: UUID, import_id: UUID, state: str, *, status: int = 202) -> Answer:
    location = f"/api/v1/assets/imports/{import_id}" if status == 202 else None
    document = {"id": str(import_id), "park_id": str(park_id), "state": state}
    return Answer(json.dumps(document), status=status, location=location)


# The worker's side


async def run_due(db: Database, slow: Database, folder: Path, *, today: date) -> int:
    """Runs the imports that are due, one after the other; how many. `slow` has statements that may take minutes."""
    count = 0
    while (claimed := await imports.claim(db)) is not None:
        await _run(db, slow, folder, claimed, today)
        count += 1
    return count


class _Stopped(Exception):
    """Somebody cancelled the import."""


async def _run(db: Database, slow: Database, folder: Path, claimed: ClaimedImport, today: date) -> None:
    at = ["reading", 0, 0]

    async def on_progress(stage: str, done: int, total: int) -> None:
        at[:] = [stage, done, total]
        if not await imports.advance(db, claimed, stage, done, total):
            raise _Stopped

    async def stay_alive() -> None:
        while await imports.advance(db, claimed, *at):  # type: ignore[arg-type]
            await asyncio.sleep(ALIVE_EVERY_S)

    run = asyncio.create_task(_import(db, slow, folder, claimed, today, on_progress))
    alive = asyncio.create_task(stay_alive())
    await asyncio.wait({run, alive}, return_when=asyncio.FIRST_COMPLETED)
    if not run.done():  # it was cancelled, or its connection is gone: the act is rolled back
        run.cancel()
    alive.cancel()
    with contextlib.suppress(asyncio.CancelledError, _Stopped):
        await run
    with contextlib.suppress(asyncio.CancelledError, Refusal):
        await alive


async def _import(
    db: Database, slow: Database, folder: Path, claimed: ClaimedImport, today: date, on_progress: Any
) -> None:
    """One run, and what came of it."""
    decisions = None if claimed.decisions is None else _decisions(claimed.decisions)

    async def saved(act: Act, result: ImportResult) -> None:
        rows = _rows(result)
        await imports.finish(
            act.conn, claimed, "saved", result=result.document(), rows=rows, batch_id=result.batch_id
        )

    try:
        actor = await account.acting(db, claimed.account_id)
        if actor is None:
            raise Forbidden("not_yours")
        result = await import_ledger(
            slow,
            actor,
            claimed.park_id,
            files.path_of(folder, claimed.file_sha256),
            claimed.file_name,
            claimed.file_sha256,
            ImportOptions.of(claimed.options),
            decisions,
            today=today,
            on_progress=on_progress,
            finish=saved,
        )
    except Unavailable:
        raise  # it stays this process's, and is begun again when its time is over
    except Refusal as refusal:
        faults = [_fault(fault) for fault in refusal.faults]
        state = "failed" if decisions is None else "ready"
        async with db.system(is_read_only=False) as conn:
            await imports.finish(conn, claimed, state, faults=faults)
        return
    except Exception:
        LOG.exception("import %s", claimed.import_id)
        raise
    if decisions is None:
        async with slow.system(is_read_only=False) as conn:
            await imports.finish(conn, claimed, "ready", result=result.document(), rows=_rows(result))


def _decisions(document: Mapping[str, Any]) -> ImportDecisions:
    return ImportDecisions(
        document["only_sound"],
        document["conflicts"],
        frozenset(document["left_out"]),
        [UUID(asset_id) for asset_id in document["withdrawn"]],
    )


def _rows(result: ImportResult) -> Sequence[Mapping[str, Any]]:
    return [
        {"n": row.n, "verdict": row.verdict, "document": row.document(), "geometry": _multi(row.source.geometry)}
        for row in result.rows
    ]


def _multi(geometry: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An outline is a MultiPolygon, as units have it."""
    if geometry is None or geometry["type"] != "Polygon":
        return geometry
    return {"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]}


def _fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "field": fault.field, "params": dict(fault.params)}
