"""Backups: one file a database, made and read by PostgreSQL's own programs as the owner of the records."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from ops.postgres import find_postgres
from ops.premises import ClusterRefused
from store.backup import is_clear, raise_epoch
from store.migrations import MigrationFault, check
from store.roles import login_of

#: What of a backup's list is ours; roles and extensions are made before, by whoever may.
_OURS = re.compile(r"\b(?:panhuo|history) |\bpublic migration\b")
#: A row of `public.migration` as a backup holds it: number, name, checksum, instant.
_MIGRATION = re.compile(r"(\d+)\t([^\t]*)\t([0-9a-f]{64})\t[^\t]*")


def save(url: str, file: Path) -> int:
    """Writes a backup nobody else may read, whole or not at all; its size in bytes.

    Raises: ClusterRefused where the file is there, or the program says why it cannot.
    """
    if file.exists():
        raise ClusterRefused("file_exists", file=file)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _run("pg_dump", "--format=custom", "--role=panhuo_owner", f"--file={part}", url=url)
        part.rename(file)
    except OSError as fault:
        raise ClusterRefused("cannot_write", file=file, reason=fault.strerror) from fault
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


async def load(url: str, file: Path) -> None:
    """Reads a backup into a database without records, all or nothing, and raises its epoch.

    Raises: ClusterRefused where there are records, or the program says why it cannot.
    """
    if not await is_clear(url):
        raise ClusterRefused("database_not_empty")
    _refuse_unsuited(file)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        listed = _run("pg_restore", "--list", str(file)).splitlines()
        chosen.write("\n".join(line for line in listed if _OURS.search(line) and not line.startswith(";")))
        chosen.flush()
        options = ["--role=panhuo_owner", "--no-owner", "--exit-on-error", "--single-transaction"]
        _run("pg_restore", *options, f"--use-list={chosen.name}", str(file), url=url)
    await raise_epoch(url)


def _refuse_unsuited(file: Path) -> None:
    """Raises ClusterRefused where the backup was made by a later version than this, or by one too old: nothing of it
    has been loaded."""
    dump = _run("pg_restore", "--data-only", "--schema=public", "--table=migration", "--file=-", str(file))
    rows = [_MIGRATION.fullmatch(line) for line in dump.splitlines()]
    try:
        check([(int(row[1]), row[2], row[3]) for row in rows if row is not None])
    except MigrationFault as fault:
        raise ClusterRefused("backup_unsuited", reason=fault) from fault


def _run(program: str, *arguments: str, url: str | None = None) -> str:
    """What the program printed. Raises ClusterRefused with the first line of its error output where it fails.

    The password of the address goes by the environment: a command line is for everyone on the machine to read.
    """
    binaries = find_postgres()
    if binaries is None or not Path(binaries.program(program)).exists():
        raise ClusterRefused("program_not_here", program=program)
    command, environment = [binaries.program(program), *arguments], dict(os.environ)
    if url is not None:
        password = login_of(url)[1]
        command.append(f"--dbname={without_password(url)}")
        environment |= {} if password is None else {"PGPASSWORD": password}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        first_line = next(iter(ran.stderr.strip().splitlines()), "?")
        raise ClusterRefused("program_failed", program=program, reason=first_line)
    return ran.stdout


def without_password(url: str) -> str:
    """The address of a database as anyone may read it."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    parameters = [(name, value) for name, value in parse_qsl(parts.query) if name != "password"]
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}{query}"
