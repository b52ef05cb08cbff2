"""The command line `panhuo`: everything from nothing, or one thing of it.

Exit codes: 0 done; 1 refused, with the reason, or something found wrong; 2 misused.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.settings import Settings
from ops.launcher import (
    Steps,
    accounts_file,
    database_down,
    database_reset,
    database_up,
    prepare,
    reported,
    running_database,
    up,
)
from ops.settings import settings
from texts.lookup import languages, side_by_side

DAILY_UPDATE_S = 60.0
#: Bytes of files that nothing refers to are looked for so often.
FILES_S = 21_600.0
IMPORTS_S = 1.0
#: Statements of a command may take so long: nobody else waits for them.
COMMAND_TIMEOUT_MS = 300_000
NOTICES_S = 5.0
WORK_ENDS_S = 3.0


@dataclass(frozen=True)
class CommandResult:
    """What a command answers: for people, and for programs (`--json`)."""

    text: str
    data: dict[str, Any]
    code: int = 0


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; its exit code."""
    parsed = _parser().parse_args(arguments)

    def run() -> int:
        result: CommandResult | int = parsed.run(parsed, settings())
        if isinstance(result, int):
            return result
        text = json.dumps(result.data, ensure_ascii=False, default=str) if parsed.json else result.text
        if text:
            print(text)
        return result.code

    return reported(run, as_json=parsed.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="panhuo",
        description=_help("panhuo"),
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help=_help("json"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "up", "up", _up)
    _command(commands, "prepare", "prepare", _prepare)
    _command(commands, "verify", "verify", _verify).add_argument("file", type=Path)
    _command(commands, "serve", "serve", _serve)
    _command(commands, "work", "work", _work)
    doctor = _command(commands, "doctor", "doctor", _doctor)
    doctor.add_argument("--anchor", type=Path, metavar="FILE", help=_help("anchor"))
    db = commands.add_parser("db", help=_help("db")).add_subparsers(required=True, metavar="COMMAND")
    _command(db, "up", "db_up", _db_up)
    _command(db, "down", "db_down", _db_down)
    _command(db, "reset", "db_reset", _db_reset)
    _command(db, "migrate", "db_migrate", _db_migrate)
    _command(db, "status", "db_status", _db_status)
    _command(db, "backup", "db_backup", _db_backup).add_argument("file", type=Path)
    _command(db, "restore", "db_restore", _db_restore).add_argument("file", type=Path)
    load = commands.add_parser("load", help=_help("load")).add_subparsers(required=True, metavar="WHAT")
    _command(load, "reference", "load_reference", _load_reference)
    _command(load, "dazu", "load_dazu", _load_dazu)
    _command(load, "industries", "load_industries", _load_industries).add_argument("file", type=Path)
    bring = _command(commands, "import", "import", _import, between="")
    bring.add_argument("file", type=Path, help=".xlsx, .xls, .csv, .txt; .geojson, .gpkg, .fgb, .shp, .gdb")
    bring.add_argument("--park", type=UUID, required=True, help=_help("park"))
    bring.add_argument("--as", dest="login", required=True, help=_help("as"))
    bring.add_argument("--crs", help=_help("crs"))
    bring.add_argument("--layer", help=_help("layer"))
    bring.add_argument("--encoding", help=_help("encoding"))
    bring.add_argument("--dry-run", action="store_true", help=_help("dry_run"))
    bring.add_argument("--reading", type=Path, metavar="FILE", help=_help("reading"))
    bring.add_argument("--only-sound", action="store_true", help=_help("only_sound"))
    bring.add_argument("--conflicts", choices=["file", "register"], help=_help("conflicts"))
    bring.add_argument("--issues", type=Path, metavar="FILE.xlsx", help=_help("issues"))
    take = _command(commands, "export", "export", _export)
    take.add_argument("file", type=Path)
    take.add_argument("--query", default="", help=_help("query"))
    take.add_argument("--as", dest="login", help=_help("sees_as"))
    empty = _command(commands, "template", "template", _template)
    empty.add_argument("file", type=Path)
    empty.add_argument("--language", choices=languages(), default=languages()[0])
    user = commands.add_parser("user", help=_help("user")).add_subparsers(required=True, metavar="COMMAND")
    _command(user, "list", "user_list", _user("list_accounts"))
    add = _command(user, "add", "user_add", _user("add"))
    add.add_argument("login")
    add.add_argument("--role", choices=["admin", "staff", "leader", "auditor", "firm"], required=True)
    add.add_argument("--park", action="append", default=[], help=_help("parks"))
    add.add_argument("--firm", type=UUID, help=_help("firm"))
    _command(user, "disable", "user_disable", _user("disable")).add_argument("login")
    _command(user, "enable", "user_enable", _user("enable")).add_argument("login")
    _command(user, "password", "user_password", _user("set_password")).add_argument("login")
    move = _command(user, "parks", "user_parks", _user("set_parks"))
    move.add_argument("login")
    move.add_argument("--park", action="append", default=[], help=_help("parks"))
    key = commands.add_parser("key", help=_help("key")).add_subparsers(required=True, metavar="COMMAND")
    new = _command(key, "add", "key_add", _key_add)
    new.add_argument("login")
    new.add_argument("--label", required=True, help=_help("label"))
    new.add_argument("--expires-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help=_help("expires_on"))
    return parser


def _help(key: str, *, between: str = " ") -> str:
    return side_by_side("command_line", "help", key, between=between)


def _epilog() -> str:
    codes = " · ".join(f"{code} {_help(key)}" for code, key in enumerate(("done", "refused", "misused")))
    return f"{_help('exit_codes')}: {codes}\n{_help('settings')}: {_help('environment')}"


def _command(
    commands: Any, name: str, key: str, run: Callable[..., CommandResult | int], *, between: str = " "
) -> argparse.ArgumentParser:
    text = _help(key, between=between)
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _answer(key: str, /, **parameters: object) -> str:
    return side_by_side("command_line", "answer", key, between=" ", **parameters)


def _steps() -> Steps:
    from store.migrations import migrate

    return Steps(migrate, lambda url: _with_database(url, _reference), _demo)


def _up(_: argparse.Namespace, settings: Settings) -> int:
    return up(settings, _steps())


def _prepare(_: argparse.Namespace, settings: Settings) -> CommandResult:
    """What `up` does before it serves, for servers that others start."""
    asyncio.run(prepare(settings, running_database(settings), _steps()))
    return CommandResult(_answer("database_ready"), {"ready": True})


def _serve(_: argparse.Namespace, settings: Settings) -> int:
    from ops.child import ChildProcess
    from ops.server import serve

    if settings.database_url is None:
        print(side_by_side("command_line", "fault", "database_url_missing", between="\n"), file=sys.stderr)
        return 2
    if not settings.work:
        return serve(settings)
    work = ChildProcess([sys.executable, "-P", "-m", "ops.cli", "work"])
    try:
        return serve(settings, work.look)
    finally:
        work.stop(WORK_ENDS_S)


def _work(_: argparse.Namespace, settings: Settings) -> int:
    """Runs the daily update once a minute, notifies firms of new matches, delivers to webhooks, until it is stopped."""
    from ops import logs

    logs.configure(settings.log_level)
    url = running_database(settings).service
    with contextlib.suppress(KeyboardInterrupt):
        timeout_ms = settings.statement_timeout_ms
        work = partial(_work_for_ever, settings=settings)
        asyncio.run(_with_database(url, work, size=4, statement_timeout_ms=timeout_ms))
    return 0


async def _work_for_ever(db: Any, settings: Settings) -> None:
    from actions import import_job
    from actions.attachment import remove_unreferenced
    from actions.daily_update import run_daily_update
    from actions.notice import notify_firms
    from actions.snapshot_cache import SnapshotCache
    from actions.webhook_delivery import deliver_for_ever

    cache = SnapshotCache(db)
    deliver = partial(
        deliver_for_ever, db, allow_private=settings.webhook_allow_private, public_path=settings.public_path
    )
    from store.db import Database

    slow = await Database.connect(db.url, size=2, public_size=1, statement_timeout_ms=import_job.TIMEOUT_MS)
    imports = partial(import_job.run_due, db, slow, settings.files_dir)
    async with asyncio.TaskGroup() as group:
        group.create_task(db.watch_for_ever())
        group.create_task(_again("imports", lambda: imports(today=_today()), IMPORTS_S))
        group.create_task(_again("daily update", lambda: run_daily_update(db, today=_today()), DAILY_UPDATE_S))
        remove = partial(remove_unreferenced, db, settings.files_dir)
        group.create_task(_again("files", lambda: remove(today=_today(), now_s=time.time()), FILES_S))
        group.create_task(_again("delivery", deliver, 1))
        group.create_task(_again("notices", lambda: notify_firms(db, cache, today=_today()), NOTICES_S))


async def _again(name: str, work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """One kind of work for ever. What stops a round of it stops no other work, and the next round tries again."""
    import logging

    from domain.errors import Refusal

    while True:
        try:
            await work()
        except Refusal as refusal:
            # The database is away or busy: a round is taken up where it stood, and nothing was half done.
            logging.getLogger("panhuo").warning("%s: %s", name, refusal.faults[0].code)
        except Exception:
            # A mistake of ours or a record that nobody foresaw: each act of a round is whole or not done at all.
            logging.getLogger("panhuo").exception("%s failed", name)
        await asyncio.sleep(every_s)


def _doctor(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from ops import doctor

    def show(result: doctor.CheckResult) -> None:
        if not arguments.json:
            print("\n".join(doctor.lines(result)), flush=True)

    about = {"today": _today(), "show": show, "anchor_file": arguments.anchor}
    results = asyncio.run(doctor.examine(settings, running_database(settings), **about))
    is_well = all(result.is_well for result in results)
    data = {"well": is_well, "checks": [doctor.record(result) for result in results]}
    return CommandResult(_answer("all_well") if is_well else "", data, 0 if is_well else 1)


def _verify(arguments: argparse.Namespace, _: Settings) -> CommandResult:
    """Needs no database: a packet is verified where it is read."""
    from ops.premises import ClusterRefused
    from ops.verification import verify

    try:
        result = verify(arguments.file)
    except OSError as fault:
        raise ClusterRefused("cannot_read", file=arguments.file, reason=fault.strerror) from fault
    head = result.index.get("head", {})
    data = {"intact": not result.changed, "changed": result.changed, "head": head}
    if result.changed:
        return CommandResult(_answer("packet_changed", names=", ".join(result.changed)), data, 1)
    return CommandResult(_answer("packet_intact", rev=head["rev"], hash=head["hash"]), data)


def _db_up(_: argparse.Namespace, settings: Settings) -> CommandResult:
    from store.migrations import migrate

    urls = database_up(settings, migrate)
    asyncio.run(_with_database(urls.service, _reference))
    shown = urls.service if settings.database_url is None else None  # a given one's password is not for a log
    return CommandResult("" if shown is None else f"DATABASE_URL={shown}", {"database_url": shown})


def _db_down(_: argparse.Namespace, settings: Settings) -> CommandResult:
    stopped = database_down(settings)
    return CommandResult(_answer("stopped" if stopped else "not_running"), {"stopped": stopped})


def _db_reset(_: argparse.Namespace, settings: Settings) -> CommandResult:
    aside = database_reset(settings)
    text = _answer("nothing_to_do") if aside is None else _answer("set_aside", folder=aside)
    return CommandResult(text, {"set_aside": None if aside is None else str(aside)})


def _db_migrate(_: argparse.Namespace, settings: Settings) -> CommandResult:
    from store.migrations import migrate

    done = asyncio.run(migrate(running_database(settings).admin))
    return CommandResult("\n".join(done) or _answer("nothing_to_do"), {"applied": done})


def _db_status(_: argparse.Namespace, settings: Settings) -> CommandResult:
    from store.migrations import status

    rows = asyncio.run(status(running_database(settings).admin))
    text = "\n".join(f"{name}  {'✓' if applied else '–'}" for name, applied in rows)
    return CommandResult(text, {"migrations": [{"name": name, "applied": applied} for name, applied in rows]})


def _db_backup(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from ops import backup

    size = backup.save(running_database(settings).admin, arguments.file, settings.files_dir)
    return CommandResult(f"{arguments.file}  {size / 1e6:.1f} MB", {"file": arguments.file, "bytes": size})


def _db_restore(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    """The private cluster is started and stays, as after `db up`; an older backup is then migrated."""
    from ops import backup
    from store.migrations import migrate

    async def restore(url: str) -> list[str]:
        await backup.load(url, arguments.file, settings.files_dir)
        return await migrate(url)

    urls = database_up(settings, restore)
    return CommandResult(f"DATABASE_URL={urls.service}", {"database_url": urls.service})


def _load_reference(_: argparse.Namespace, settings: Settings) -> CommandResult:
    asyncio.run(_with_database(running_database(settings).service, _reference))
    return CommandResult(_answer("loaded"), {"loaded": True})


def _load_dazu(_: argparse.Namespace, settings: Settings) -> CommandResult:
    loaded = asyncio.run(_demo(running_database(settings).service, accounts_file(settings)))
    return CommandResult(_answer("loaded" if loaded else "loaded_before"), {"loaded": loaded})


def _load_industries(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from actions.reference import load_industries
    from domain.actor import SYSTEM
    from fixtures.reference import industries_from

    rows = industries_from(arguments.file)

    async def load(db: Any) -> int:
        return await load_industries(db, SYSTEM, rows)

    count = asyncio.run(_with_database(running_database(settings).service, load))
    return CommandResult(str(count), {"industries": count})


def _import(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from actions.survey_file import FileResult
    from ops import survey_files

    if arguments.file.suffix.lower() in survey_files.LEDGERS:
        return _import_table(arguments, settings)
    options = {name: getattr(arguments, name) for name in ("crs", "layer", "encoding")}

    async def import_file(db: Any) -> FileResult:
        with _progress() as on_progress:
            about = {"is_trial": arguments.dry_run, "today": _today(), "on_progress": on_progress}
            return await survey_files.import_file(
                db, arguments.login, arguments.park, arguments.file, **about, **options
            )

    outcome = asyncio.run(_with_database(running_database(settings).service, import_file))
    rows, refused = outcome.rows, [row for row in outcome.rows if row.faults]
    row_lines = [
        f"{row.number} {row.code}  {line}" for row in rows for line in survey_files.lines([*row.faults, *row.issues])
    ]
    before = sum(row.was_there for row in rows)
    done = _answer("can_be_registered" if arguments.dry_run else "registered")
    counts = [f"{done}: {len(rows) - len(refused) - before} / {len(rows)}"]
    counts += [f"{_answer('registered_before')}: {before}"] if before else []
    text = "\n".join([*survey_files.lines(outcome.notes), *row_lines, *counts])
    data = {
        "features": len(rows),
        "refused": len(refused),
        "notes": survey_files.records(outcome.notes),
        "rows": [survey_files.record(row) for row in rows],
    }
    return CommandResult(text, data, 1 if refused else 0)


def _import_table(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from actions.ledger_import import ImportDecisions, ImportResult
    from ops import survey_files

    typed = {name: getattr(arguments, name) for name in ("crs", "layer", "encoding")}
    options = survey_files.options_from(arguments.reading, **typed)
    saved = None if arguments.dry_run else ImportDecisions(arguments.only_sound, arguments.conflicts)

    async def import_table(db: Any, decisions: ImportDecisions | None) -> ImportResult:
        with _progress() as on_progress:
            about: dict[str, Any] = {"today": _today(), "on_progress": on_progress}
            file = (arguments.park, arguments.file, options, decisions)
            return await survey_files.import_table(db, arguments.login, *file, **about)

    url = running_database(settings).service
    result = asyncio.run(_with_database(url, lambda db: import_table(db, None)))
    if arguments.issues is not None:
        survey_files.write_issues(arguments.issues, arguments.file, result, options)
    verdicts = [row.verdict for row in result.rows]
    is_sound = bool(verdicts) and (arguments.only_sound or not {"refused", "conflict"} & {*verdicts})
    if saved is not None and is_sound and {"new", "changed"} & {*verdicts}:
        result = asyncio.run(_with_database(url, lambda db: import_table(db, saved)))
    notes = survey_files.lines(result.ledger.notes)
    done = [f"{name}: {count}" for name, count in survey_files.counts(result).items()]
    data = result.document() | {"batch_id": result.batch_id, "issues": [row.document() for row in result.rows]}
    text = "\n".join([*notes, *survey_files.row_lines(result), *done])
    return CommandResult(text, data, 0 if is_sound else 1)


def _export(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from ops import survey_files

    async def export_file(db: Any) -> int:
        return await survey_files.export_file(db, arguments.file, arguments.query, arguments.login)

    count = asyncio.run(_with_database(running_database(settings).service, export_file))
    return CommandResult(f"{arguments.file}  {count}", {"file": arguments.file, "features": count})


def _template(arguments: argparse.Namespace, _: Settings) -> CommandResult:
    from ops import survey_files

    survey_files.write_template(arguments.file, arguments.language)
    return CommandResult(str(arguments.file), {"file": arguments.file})


def _user(act: str) -> Callable[[argparse.Namespace, Settings], CommandResult]:
    """A command on accounts, by the name of its function in `ops.user`."""

    def run(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
        from ops import user

        work: Callable[..., Awaitable[user.Result]] = getattr(user, act)
        return CommandResult(
            *asyncio.run(_with_database(running_database(settings).service, lambda db: work(db, arguments)))
        )

    return run


def _key_add(arguments: argparse.Namespace, settings: Settings) -> CommandResult:
    from actions.account import add_key
    from domain.actor import SYSTEM

    about = {"label": arguments.label, "expires_on": arguments.expires_on, "login": arguments.login}

    async def add(db: Any) -> dict[str, Any]:
        answer = await add_key(db, SYSTEM, **about, once=None, today=_today())
        made: dict[str, Any] = json.loads(answer.body)
        return made

    made = asyncio.run(_with_database(running_database(settings).service, add))
    return CommandResult(made["key"], made)


async def _with_database(
    url: str, work: Callable[[Any], Awaitable[Any]], *, size: int = 2, statement_timeout_ms: int = COMMAND_TIMEOUT_MS
) -> Any:
    from store.db import Database

    db = await Database.connect(url, size=size, public_size=1, statement_timeout_ms=statement_timeout_ms)
    try:
        return await work(db)
    finally:
        await db.close()


async def _reference(db: Any) -> None:
    from fixtures.load import load_reference
    from store import flat

    await load_reference(db)
    with _progress() as on_progress:
        what = _answer("features_of_units")
        await flat.write_anew(db, lambda done, total: on_progress(what, done, total))


async def _demo(url: str, accounts: Path) -> bool:
    from fixtures.load import load_dazu

    with _progress() as on_progress:
        loaded = await _with_database(url, lambda db: load_dazu(db, accounts, today=_today(), on_progress=on_progress))
    return bool(loaded)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Shows the progress of long work: a bar on a terminal, one line a part elsewhere."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: print(f"{what}: {total}", file=sys.stderr, flush=True) if done == 0 else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield advance


def _today() -> date:
    from domain.instants import SHANGHAI

    return datetime.now(UTC).astimezone(SHANGHAI).date()


if __name__ == "__main__":
    sys.exit(main())
