"""Claims on leaves: those a deal lays, and those a building takes over with the plot it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from actions import revival
from actions.authorization import new_id
from domain.errors import Conflict, Invalid
from store import claim, outcome, tenancy
from store.db import Act
from texts.lookup import side_by_side


async def add(
    act: Act,
    outcome_id: UUID,
    leaves: Sequence[UUID],
    kind: str,
    source_kind: str,
    holder: UUID,
    starts_on: date,
    ends_before: date | None,
) -> None:
    """A deal claims these leaves, under the lock of all it touches; the constraint no_double_letting has the last word.

    Raises: Conflict where a building on its plot, or a unit that overlaps one of its own, is taken on those days.
    """
    clash = await claim.clash(act, outcome_id, leaves, kind, starts_on, ends_before)
    if clash is not None:
        raise Conflict(clash.code, "asset_ids", other=clash.other)
    ids = [new_id() for _ in leaves]
    await outcome.claim(act, ids, leaves, kind, source_kind, outcome_id, holder, starts_on, ends_before)


async def begin(act: Act, outcome_id: UUID, leaves: Sequence[UUID], firm_id: UUID, day: date, today: date) -> None:
    """A new deal claims `deal` from its first day on; one that is recorded late, around deals that are over since."""
    if day == today:
        await add(act, outcome_id, leaves, "deal", "deal", firm_id, day, None)
        return
    for row in await claim.days_for_outcome(act, leaves, day):
        await add(act, outcome_id, row["leaf_ids"], "deal", "deal", firm_id, row["starts_on"], row["ends_before"])


async def prolong(act: Act, outcome_id: UUID, used_until: date, until: date | None) -> None:
    """The use of a deal goes on beyond the day before `used_until`; None: without an end.

    Raises: Conflict where a unit that overlaps one of its own is taken then.
    """
    clash = await claim.clash(act, outcome_id, await claim.leaves(act, outcome_id), "use", used_until, until)
    if clash is not None:
        raise Conflict(clash.code, "asset_ids", other=clash.other)
    await tenancy.move_end(act, outcome_id, used_until, until)


async def take_over(act: Act, building_ids: Sequence[UUID], today: date) -> None:
    """Buildings that stand on a claimed plot, or on a claimed part of it, take its claims that run or are to come.

    Whoever has moved into the plot as its owner leaves alone what a tenant has. Raises: Conflict where a building's own
    claims stand against it.
    """
    taken = set()
    for row in await claim.lacking(act, building_ids, today):
        days = (row["starts_on"], row["ends_before"])
        clash = await claim.clash(act, row["source_id"], [row["leaf_id"]], row["claim"], *days)
        if clash is not None and clash.code == "building_taken" and row["source_kind"] == "own_use":
            continue
        if clash is not None:
            raise Conflict(clash.code, "properties.plot_id", other=clash.other)
        kinds = (row["claim"], row["source_kind"])
        await outcome.claim(act, [new_id()], [row["leaf_id"]], *kinds, row["source_id"], row["holder_id"], *days)
        act.did("asset.taken_with_plot", "asset", row["leaf_id"], outcome_id=row["source_id"], claim=row["claim"])
        taken.add(row["leaf_id"])
    if taken:
        await revival.judge(act, taken, reason=side_by_side("sources", "source", "put_on_claimed_plot"))


async def share_past(act: Act, part_id: UUID) -> None:
    """A part registered below a whole that was let or sold before was so with it: it has that past, as judged."""
    past = await claim.past_of_whole(act, part_id)
    for row in past:
        kinds, days = (row["claim"], row["source_kind"]), (row["starts_on"], row["ends_before"])
        await outcome.claim(act, [new_id()], [part_id], *kinds, row["source_id"], row["holder_id"], *days)
    await revival.judge(act, [part_id], reason=side_by_side("sources", "source", "part_of_whole"))


def days_of(starts_on: date, ends_on: date | None) -> str:
    """A PostgreSQL daterange of days that include both ends. Raises Invalid where they are reversed."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("dates_reversed", "ends_on", other=starts_on)
    return f"[{starts_on},{'' if ends_on is None else ends_on + timedelta(days=1)})"
