"""Heads of the chain of events kept in a file outside the database: what changed events and heads alike shows there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from ops.premises import ClusterRefused

#: Some 400,000 scopes; a file is read up to here and no further.
MOST_BYTES = 64 << 20

Heads = Mapping[UUID, tuple[int, bytes]]


def kept(file: Path) -> Heads:
    """The heads in a file. Empty: there is no file yet.

    Raises: ClusterRefused where it cannot be read or is no such file.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError("too large")
        rows = json.loads(raw)["heads"].items()
        return {UUID(scope): (int(rev), bytes.fromhex(head)) for scope, (rev, head) in rows}
    except FileNotFoundError:
        return {}
    except OSError as fault:
        raise ClusterRefused("cannot_read", file=file, reason=fault.strerror) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise ClusterRefused("no_anchor", file=file) from fault


def keep(file: Path, heads: Heads) -> None:
    """Writes the heads, whole or not at all, for the caller's account alone.

    Raises: ClusterRefused where the file cannot be written.
    """
    text = json.dumps({"heads": {str(scope): [rev, head.hex()] for scope, (rev, head) in heads.items()}}, indent=0)
    part = file.with_name(f".{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
    except OSError as fault:
        raise ClusterRefused("cannot_write", file=file, reason=fault.strerror) from fault
    finally:
        part.unlink(missing_ok=True)
