"""Backups: one file with the database, as PostgreSQL's own programs write it, and behind it the bytes of files.

A tar archive: `database.dump`, then `files/…` as they lie in their folder. The database comes first: whatever its rows
refer to lies in the folder afterwards too, as nothing is removed there within 30 days. A dump alone is read as well.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from ops.postgres import find_postgres
from ops.premises import ClusterRefused
from store import files
from store.backup import is_clear, raise_epoch
from store.migrations import MigrationFault, check
from store.roles import login_of

#: What of a backup's list is ours; roles and extensions are made before, by whoever may.
_OURS = re.compile(r"\b(?:panhuo|history) |\bpublic migration\b")
#: A row of `public.migration` as a backup holds it: number, name, checksum, instant.
_MIGRATION = re.compile(r"(\d+)\t([^\t]*)\t([0-9a-f]{64})\t[^\t]*")


DUMP: Final = "database.dump"
FILES: Final = "files"
CHUNK_BYTES: Final = 1 << 20
_KEPT = re.compile(rf"{FILES}/[0-9a-f]{{2}}/([0-9a-f]{{64}})")


def save(url: str, file: Path, folder: Path) -> int:
    """Writes a backup nobody else may read, whole or not at all; its size in bytes. `folder`: where files lie.

    Raises: ClusterRefused where the file is there, or the program says why it cannot.
    """
    if file.exists():
        raise ClusterRefused("file_exists", file=file)
    part, dump = (file.with_name(f".{file.name}.{ending}") for ending in ("part", "dump"))
    for path in (part, dump):
        path.unlink(missing_ok=True)
    try:
        for path in (part, dump):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _run("pg_dump", "--format=custom", "--role=panhuo_owner", f"--file={dump}", url=url)
        with tarfile.open(part, "w") as archive:
            archive.add(dump, DUMP)
            for sha256 in sorted(files.hashes(folder)):
                path = files.path_of(folder, sha256)
                archive.add(path, f"{FILES}/{path.relative_to(folder)}")
        part.rename(file)
    except OSError as fault:
        raise ClusterRefused("cannot_write", file=file, reason=fault.strerror) from fault
    finally:
        for path in (part, dump):
            path.unlink(missing_ok=True)
    return file.stat().st_size


async def load(url: str, file: Path, folder: Path) -> None:
    """Reads a backup into a database without records, all or nothing, and raises its epoch; its files before it.

    Raises: ClusterRefused where there are records, the program says why it cannot, or bytes are not what was kept.
    """
    if not await is_clear(url):
        raise ClusterRefused("database_not_empty")
    if not file.exists() or not tarfile.is_tarfile(file):
        await _load_dump(url, file)
        return
    with tempfile.TemporaryDirectory(dir=file.parent) as place, tarfile.open(file) as archive:
        dump = Path(place) / DUMP
        source = archive.extractfile(DUMP)
        with dump.open("wb") as sink:
            while source is not None and (chunk := source.read(CHUNK_BYTES)):
                sink.write(chunk)
        _refuse_unsuited(dump)
        await _load_files(archive, folder)
        await _load_dump(url, dump)


async def _load_files(archive: tarfile.TarFile, folder: Path) -> None:
    for member in archive:
        name, source = _KEPT.fullmatch(member.name), archive.extractfile(member) if member.isfile() else None
        if name is None or source is None:
            continue
        sha256, _ = await files.put(folder, _chunks(source), member.size)
        if sha256 != name[1]:
            raise ClusterRefused("backup_damaged", name=member.name)


async def _chunks(source: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


async def _load_dump(url: str, file: Path) -> None:
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
