"""Claims on leaves: which leaves a deal takes, and what stands against it where no constraint can see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from store.db import Act
from store.sql import load

SQL = load("claim")


class Clash(NamedTuple):
    """Why a claim cannot be: `building_taken` or `overlapping_taken`, and the code of the unit that another has."""

    code: str
    other: str


async def leaves(act: Act, outcome_id: UUID) -> list[UUID]:
    """The leaves a deal takes: those of its units and, unless it is about land alone, of the buildings on them."""
    return [row["leaf_id"] for row in await act.conn.fetch(SQL.leaves, act.scope_id, outcome_id)]


async def days_for_outcome(act: Act, leaf_ids: Sequence[UUID], day: date) -> list[asyncpg.Record]:
    """The days from that one on, each with its leaves, that no deal which is over has."""
    return list(await act.conn.fetch(SQL.days_for_deal, act.scope_id, list(leaf_ids), day))


async def is_in_pieces(act: Act, outcome_id: UUID) -> bool:
    """Whether a deal has a leaf before and after another deal."""
    return bool(await act.conn.fetchval(SQL.is_in_pieces, act.scope_id, outcome_id))


async def clash(
    act: Act, outcome_id: UUID, leaf_ids: Sequence[UUID], claim: str, starts_on: date, ends_before: date | None
) -> Clash | None:
    row = await act.conn.fetchrow(SQL.clash, act.scope_id, outcome_id, list(leaf_ids), claim, starts_on, ends_before)
    return None if row is None else Clash(*row)


async def taken_whole(act: Act, asset_ids: Sequence[UUID], day: date) -> set[UUID]:
    """Of these units those that a deal has whole, on that day or later."""
    return {row["id"] for row in await act.conn.fetch(SQL.taken_whole, act.scope_id, list(asset_ids), day)}


async def taken_with_plot(act: Act, building_id: UUID, day: date) -> bool:
    """Whether a deal on its plot has taken this building along, on that day or later."""
    return bool(await act.conn.fetchval(SQL.taken_with_plot, act.scope_id, building_id, day))


async def lacking(act: Act, building_ids: Sequence[UUID], day: date) -> list[asyncpg.Record]:
    """Claims of deals on their plots that leaves of these buildings lack, on that day or later."""
    return list(await act.conn.fetch(SQL.lacking, act.scope_id, list(building_ids), day))


async def past_of_whole(act: Act, part_id: UUID) -> list[asyncpg.Record]:
    """What deals on a whole have claimed until now, of which a part registered later is part."""
    return list(await act.conn.fetch(SQL.past_of_whole, act.scope_id, part_id))


async def on_leaves(act: Act, leaf_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """What was, is and will be claimed on leaves."""
    return list(await act.conn.fetch(SQL.on_leaves, act.scope_id, list(leaf_ids)))


async def let_go(act: Act, leaf_ids: Sequence[UUID], day: date | None) -> None:
    """Nothing is claimed on leaves from a day on; None: nor ever was, as far as is known from now on."""
    await act.conn.execute(SQL.let_go, act.scope_id, list(leaf_ids), day)


async def restore(act: Act, leaf_ids: Sequence[UUID], at: datetime) -> None:
    """What an act at that instant took from leaves is claimed there again."""
    await act.conn.execute(SQL.restore, act.scope_id, list(leaf_ids), at)


async def to_verify(act: Act, asset_ids: Sequence[UUID], day: date) -> list[UUID]:
    """Of these units those let past their term of which nobody said how it ended."""
    return [row["id"] for row in await act.conn.fetch(SQL.to_verify, act.scope_id, list(asset_ids), day)]


async def under_way(act: Act, leaf_ids: Sequence[UUID], day: date) -> list[UUID]:
    """Of these leaves those on which a deal is under way on that day or later."""
    return [row["leaf_id"] for row in await act.conn.fetch(SQL.under_way, act.scope_id, list(leaf_ids), day)]
