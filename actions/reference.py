"""Reference tables come in: industry codes and versioned schemes. Loading again what is there changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from actions import route
from actions.authorization import require
from domain.actor import Actor
from domain.industry import IndustryRow
from store import reference
from store.db import NIL, Database


class _Unchanged(Exception):
    """Leaves the transaction of an act that turned out to have nothing to do."""


async def load_industries(db: Database, actor: Actor, rows: Sequence[IndustryRow]) -> int:
    """Adds missing codes and corrects names; how many changed."""
    require(actor, "scheme.write")
    changed: list[str] = []
    columns = await asyncio.to_thread(reference.industry_columns, rows)  # no transaction is idle that long
    try:
        async with db.write(actor, NIL) as act:
            await act.fix_instant()
            changed = await reference.put_industries(act, columns)
            if not changed:
                raise _Unchanged
            act.did("industries.loaded", "industry", NIL, count=len(changed))
    except _Unchanged:
        pass
    return len(changed)


async def add_scheme(db: Database, actor: Actor, kind: str, version: str, body: dict[str, Any]) -> bool:
    """Stores a version beside the others; False where it is there already. A stored version is never overwritten.

    Raises: Invalid for paths with an effect that nobody knows.
    """
    require(actor, "scheme.write")
    if kind == route.KIND:
        route.require_routes(body)
    try:
        async with db.write(actor, NIL) as act:
            await act.fix_instant()
            if not await reference.put_scheme(act, kind, version, body):
                raise _Unchanged
            act.did("scheme.added", "scheme", NIL, kind=kind, version=version)
    except _Unchanged:
        return False
    return True
