"""Figures of the district, from the records as they were known.

A figure is a list of rows and what is made of them, both named queries: the rows alone are the records behind it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.errors import NotFound
from domain.quantity import M2_PER_3_MU, M2_PER_HA, MU_PER_HA, MU_PER_M2
from store.db import Database, portions
from store.idle import leaves
from store.known import as_known
from store.sql import fill, load, places

SQL = load("statistics")
#: What figures are grouped by → the expression over their rows; industry: the division (大类) of the firm, as now; age
#: of a stock: years idle on its day. Source of 1 and 2 years: 闲置土地处置办法 (Order 53) art. 14.
GROUPS: Mapping[str | None, str] = {
    None: "NULL::text",
    "park": "park_id::text",
    "path": "path",
    "kind": "kind",
    "basis": "idle_basis",
    "industry": "(SELECT left(firm.industry_code, 2) FROM firm WHERE firm.id = counted.firm_id)",
    "month": "CASE WHEN revived_on_precision <> 'year' THEN to_char(revived_on, 'YYYY-MM') END",
    "age": "CASE WHEN idle_since > $3::date - interval '1 year' THEN 'under_1' "
    "WHEN idle_since > $3::date - interval '2 years' THEN 'under_2' "
    "WHEN idle_since > $3::date - interval '5 years' THEN 'under_5' WHEN idle_since IS NOT NULL THEN 'over_5' END",
}
#: Place in a query → a stated area in that unit. Mu are exact; m² are rounded where a figure is shown.
AREAS = {
    "area_mu": "CASE stated_area_unit WHEN 'mu' THEN stated_area "
    f"WHEN 'ha' THEN stated_area * {MU_PER_HA} WHEN 'm2' THEN stated_area * {MU_PER_M2} END",
    "area_m2": "CASE stated_area_unit WHEN 'm2' THEN stated_area "
    f"WHEN 'ha' THEN stated_area * {M2_PER_HA} WHEN 'mu' THEN stated_area * {M2_PER_3_MU} / 3 END",
}
#: Stages by which a deal is signed, and by which it produces.
SIGNED = ["signed", "contracted"]
PRODUCING = ["trial_production", "full_production"]
#: Records behind a figure that are shown at most.
MOST_RECORDS = 10_000


class Figures:
    """Figures read on one connection, each as known at the same instant, of all parks or one."""

    def __init__(self, conn: asyncpg.Connection, as_of: datetime | None, park_id: UUID | None) -> None:
        self._conn, self.as_of, self._park_id = conn, as_of, park_id

    async def revived(self, starts_on: date, ends_on: date, group_by: str | None = None) -> list[asyncpg.Record]:
        """Per group, kind and verdict what was revived in the period; `counted` is the figure."""
        return await self._made(SQL.revived, SQL.revived_sums, starts_on, ends_on, group_by=group_by)

    async def revived_records(self, starts_on: date, ends_on: date) -> list[str]:
        return await self._behind(SQL.revived, starts_on, ends_on)

    def revived_features(
        self, starts_on: date, ends_on: date, *, with_wkt: bool
    ) -> AsyncIterator[list[asyncpg.Record]]:
        """The same as Features in portions; in the transaction of a snapshot."""
        features = as_known(
            SQL.revived_features, self.as_of, wkt="ST_AsText(coalesce(u.geom, u.point), 7)" if with_wkt else "NULL"
        )
        text = fill(SQL.figure, rows=as_known(SQL.revived, self.as_of, **AREAS), figure=features)
        return portions(self._conn, text, self.as_of, self._park_id, starts_on, ends_on)

    async def closings(self, years: Sequence[int]) -> list[asyncpg.Record]:
        """Per park and year when it was closed, None where it is open."""
        return list(await self._conn.fetch(SQL.closings, self._park_id, list(years)))

    async def revived_as_closed(self, year: int, starts_on: date, ends_on: date) -> list[asyncpg.Record]:
        """Per kind what was counted in a part of a year, each park as known when it closed it, the others as now."""
        return list(
            await self._conn.fetch(fill(SQL.revived_as_closed, **AREAS), self._park_id, year, starts_on, ends_on)
        )

    async def waited(self, starts_on: date, ends_on: date) -> list[asyncpg.Record]:
        """Per kind how long what was revived in the period had stood idle."""
        return await self._made(self._waiting(), SQL.waited_sums, starts_on, ends_on)

    async def waited_records(self, starts_on: date, ends_on: date) -> list[str]:
        return await self._behind(self._waiting(), starts_on, ends_on)

    @staticmethod
    def _waiting() -> str:
        return fill(SQL.figure, rows=SQL.revived, figure=SQL.waited)

    async def stock(self, on: date, group_by: str | None = None) -> list[asyncpg.Record]:
        """Per group and kind the leaves registered, and those idle on a day."""
        return await self._made(self._stock(), SQL.stock_sums, on, group_by=group_by)

    async def stock_records(self, on: date) -> list[str]:
        return await self._behind(self._stock(), on)

    def _stock(self) -> str:
        return as_known(SQL.stock, self.as_of, idle_leaves=leaves(self.as_of), **AREAS)

    async def totals(self) -> dict[str, Any]:
        """Per kind the whole area of the parks, None where one has not stated it."""
        rows = await self._conn.fetch(as_known(SQL.park_totals, self.as_of), self.as_of, self._park_id)
        return {row["kind"]: row["area_m2"] for row in rows}

    async def parks(self) -> list[asyncpg.Record]:
        """The names of the parks that the figures cover."""
        return list(await self._conn.fetch(SQL.parks, self.as_of, self._park_id))

    async def shown(self, starts_on: date, ends_on: date) -> list[asyncpg.Record]:
        """Needs a ranking answered in the period and how far they came; deals without a ranking apart."""
        return await self._made(SQL.shown, SQL.shown_sums, starts_on, ends_on, SIGNED, PRODUCING)

    async def shown_records(self, starts_on: date, ends_on: date) -> list[str]:
        return await self._behind(SQL.shown, starts_on, ends_on, SIGNED, PRODUCING)

    async def enquiries(self, starts_on: date, ends_on: date) -> asyncpg.Record:
        """Enquiries received in the period, spam left out, and how far they came."""
        return (await self._made(SQL.enquiries, SQL.enquiry_sums, starts_on, ends_on))[0]

    async def promised(self, year: int, group_by: str | None = None) -> list[asyncpg.Record]:
        """Per group and figure what was promised for a year, and what was delivered of it."""
        return await self._made(SQL.promised, SQL.promised_sums, year, group_by=group_by)

    async def promised_records(self, year: int) -> list[str]:
        return await self._behind(SQL.promised, year)

    async def requests(self, starts_on: date, ends_on: date, today: date) -> asyncpg.Record:
        """Requests of firms raised in the period: how many are closed, and how old."""
        return (await self._made(SQL.requests, SQL.request_sums, starts_on, ends_on, today))[0]

    async def request_records(self, starts_on: date, ends_on: date) -> list[str]:
        return await self._behind(SQL.requests, starts_on, ends_on)

    async def stated(self) -> list[dict[str, Any]]:
        """What sources state, as they state it."""
        return [
            figure for row in await self._conn.fetch(SQL.stated_figures) for figure in json.loads(row[0])["figures"]
        ]

    async def names(self, group_by: str | None, keys: Sequence[str | None]) -> dict[str, asyncpg.Record]:
        """Names of groups that have one: of parks, of industries."""
        if group_by == "park":
            rows = await self._conn.fetch(SQL.park_names)
        elif group_by == "industry":
            rows = await self._conn.fetch(SQL.industry_names, [key for key in keys if key is not None])
        else:
            rows = []
        return {row["key"]: row for row in rows}

    async def _made(self, rows: str, figure: str, *values: object, group_by: str | None = None) -> list[asyncpg.Record]:
        key = {"key": GROUPS[group_by]} if "key" in places(figure) else {}
        areas = AREAS if AREAS.keys() <= places(rows) else {}
        text = fill(SQL.figure, rows=as_known(rows, self.as_of, **areas), figure=fill(figure, **key))
        return list(await self._conn.fetch(text, self.as_of, self._park_id, *values))

    async def _behind(self, rows: str, *values: object) -> list[str]:
        return [row[0] for row in await self._made(rows, SQL.behind, *values)]


@asynccontextmanager
async def figures(db: Database, *, as_of: datetime | None, park_id: UUID | None) -> AsyncIterator[Figures]:
    """Figures of all parks or one, as known now or at an instant. They are public; the records behind them are not.

    Raises: NotFound for a park that is not there.
    """
    async with db.system() as conn:
        if not (await conn.fetchrow(SQL.plan_for_values, park_id))["is_there"]:
            raise NotFound("no_such_park", "park")
        yield Figures(conn, as_of, park_id)


def inside(stated: Sequence[dict[str, Any]], starts_on: date, ends_on: date) -> list[dict[str, Any]]:
    """The stated figures whose period lies in this one."""
    return [
        figure
        for figure in stated
        if starts_on <= date.fromisoformat(figure["from"]) and date.fromisoformat(figure["to"]) <= ends_on
    ]
