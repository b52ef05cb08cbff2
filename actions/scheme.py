"""What a rule reads of the versioned schemes; a stored version never changes, so each is read once a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import Conflict
from store import reference
from store.db import Act


async def in_force(act: Act, kind: str) -> Mapping[str, Any]:
    """What a rule reads today. Raises: Conflict where the reference tables were never loaded."""
    return await of_version(act, kind, await reference.version_in_force(act.conn, kind))


async def of_version(act: Act, kind: str, version: str | None) -> Mapping[str, Any]:
    """A stored version. Raises: Conflict where there is none."""
    if version is None:
        raise Conflict("scheme_missing", "", kind=kind)
    if (kind, version) not in _READ:
        _READ[kind, version] = await reference.scheme_of_version(act.conn, kind, version) or {}
    return _READ[kind, version]


_READ: dict[tuple[str, str], Mapping[str, Any]] = {}
