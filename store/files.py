"""Bytes of files by their SHA-256, below a folder that every process of the service shares: put, open, drop.

The same bytes lie there once, whoever sent them; who may read them is asked of the rows that refer to them, before.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import NotFound, TooLarge

#: Bytes in hand.
CHUNK_BYTES = 1 << 18
INCOMING = "incoming-"
_HASH = re.compile(r"[0-9a-f]{64}")


def path_of(folder: Path, sha256: str) -> Path:
    """Where the bytes of a file lie."""
    return folder / sha256[:2] / sha256


async def put(
    folder: Path,
    chunks: AsyncIterator[bytes],
    most: int,
    *,
    examine: Callable[[Path], Awaitable[None]] | None = None,
) -> tuple[str, int]:
    """Keeps the bytes of a file; their SHA-256, hex, and how many there are. The same bytes are kept once.

    `examine` looks at them first, where they lie until then; of what it refuses nothing is kept.
    Raises: TooLarge for more than `most` bytes, of which nothing is kept.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=INCOMING)
    try:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as sink:
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise TooLarge("file_too_large", "file", file="", most=most)
                digest.update(chunk)
                sink.write(chunk)
            sink.flush()
            if examine is not None:
                await examine(Path(name))
            await asyncio.to_thread(os.fsync, sink.fileno())
        target = path_of(folder, digest.hexdigest())
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with _held(folder, fcntl.LOCK_SH):
            Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


async def chunks_of(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a file on this machine."""
    with path.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, CHUNK_BYTES):
            yield chunk


def open_file(folder: Path, sha256: str) -> BinaryIO:
    """The bytes of a file, to be read. Raises: NotFound where they are gone."""
    try:
        return path_of(folder, sha256).open("rb")
    except FileNotFoundError as fault:
        raise NotFound("file_gone") from fault


def drop(folder: Path, sha256: str, *, before_s: float) -> bool:
    """Removes bytes that were last put before that instant, seconds since 1970; whether it did.

    Whoever puts the same bytes meanwhile finds them there or puts them after: they are never lost to it.
    """
    path = path_of(folder, sha256)
    with _held(folder, fcntl.LOCK_EX):
        if not path.exists() or path.stat().st_mtime >= before_s:
            return False
        path.unlink()
        return True


def hashes(folder: Path) -> Iterator[str]:
    """The SHA-256 of all that lies in the folder."""
    for path in folder.glob("[0-9a-f][0-9a-f]/*"):
        if _HASH.fullmatch(path.name):
            yield path.name


def forget_incoming(folder: Path, *, before_s: float) -> None:
    """Removes what came half and was never put, because its process was killed."""
    for path in folder.glob(f"{INCOMING}*"):
        if path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)


@contextmanager
def _held(folder: Path, mode: int) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, mode)
        yield
    finally:
        os.close(handle)
