"""Bytes of files by their SHA-256, below a folder that every process of the service shares."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from domain.errors import TooLarge


def path_of(folder: Path, sha256: str) -> Path:
    """Where the bytes of a file lie."""
    return folder / sha256[:2] / sha256


async def put(folder: Path, chunks: AsyncIterator[bytes], most: int) -> tuple[str, int]:
    """Keeps the bytes of a file; their SHA-256, hex, and how many there are. The same bytes are kept once.

    Raises: TooLarge for more than `most` bytes, of which nothing is kept.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
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
            os.fsync(sink.fileno())
        target = path_of(folder, digest.hexdigest())
        target.parent.mkdir(mode=0o700, exist_ok=True)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size
