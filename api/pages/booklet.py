"""A booklet of units: what is selected at a glance, then a page of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, get

from api.asset import selected
from api.pages.frame import PageRequest
from api.pages.unit import UnitFacts, fact_label, figure, park_name, read_unit
from api.pages.unit_papers import SHEET, unit_sheet
from api.queries import AssetFilter
from api.request import request_context
from api.response import NO_STORE, Reply, saved_as
from domain.actor import ANONYMOUS
from domain.errors import NotFound
from domain.fields import ASSET
from reports.paper import Paper, Part
from reports.pdf import pdf_of
from store.asset_search import count, search
from texts.lookup import tables, tag

#: Units of a booklet: setting a page takes a core for a fifth of a second.
MOST: Final = 50
#: Facts of a unit in the table at the front.
COLUMNS: Final = ("name", "code", "stated_area", "rent_yuan_m2_month", "price_yuan_m2", "available_from")


@get("/api/v1/papers/units", opt={"query": AssetFilter, "also": (SHEET,)}, tags=["papers"])
async def unit_booklet(request: Request[Any, Any, Any]) -> Reply:
    """The first 50 published units under the filters of the list, as a booklet: a table, then a page of each.

    It says how many there are in all.
    """
    context = await request_context(request)
    selection = await selected(context.db, ANONYMOUS, context.query)
    async with context.db.read(ANONYMOUS) as conn:
        typed = context.query.q
        units = await search(conn, selection.filters, typed=typed, limit=MOST, is_signed_in=False)
        in_all = len(units.features)
        if units.after is not None:
            in_all = await count(conn, selection.filters, typed=typed, is_sorted=False)
    page = PageRequest(context, "/", context.language)
    facts = [facts for feature in units.features if (facts := await _read(page, json.loads(feature)["id"])) is not None]
    made = booklet_of(page, in_all, sorted(facts, key=lambda unit: (unit.row["park_code"], unit.properties["code"])))
    body = await asyncio.to_thread(pdf_of, made)
    saved = saved_as("units.pdf", f"{made.title}-{context.today}.pdf")
    return Reply(body, SHEET, headers={**NO_STORE, **saved, "Content-Language": tag(context.language)})


async def _read(page: PageRequest, asset_id: str) -> UnitFacts | None:
    try:
        return await read_unit(page.context.db, UUID(asset_id))
    except NotFound:  # withdrawn a moment ago
        return None


def booklet_of(page: PageRequest, in_all: int, units: Sequence[UnitFacts]) -> Paper:
    """The booklet of units in their order, of so many that are selected."""
    texts, heads = page.texts, [fact_label(page, name) for name in COLUMNS]
    rows = [[park_name(page, unit.row), *(_cell(page, unit, name) for name in COLUMNS)] for unit in units]
    parts = [Part("table", "", rows, columns=[texts["park"], *heads], widths=(3, 4, 2, 2, 2, 2, 2))] if rows else [
        Part("lines", "", [(texts["nothing_on_offer"],)])
    ]  # fmt: skip
    for unit in units:
        sheet = unit_sheet(page, unit)
        parts += [Part("title", sheet.title, [(sheet.subtitle,)], note=sheet.flag), *sheet.parts]
    shown_n = texts["units_n" if in_all <= len(units) else "units_n_of"].format(n=len(units), of=in_all)
    return Paper(
        name="units",
        title=texts["booklet"],
        subtitle=f"{shown_n} · {page.context.today}",
        parts=parts,
        foot=f"{page.address('/')} · {page.context.today}",
        flag=tables("pages", page.language)["poster"]["illustrative"] if any(unit.invented for unit in units) else "",
        language=page.language,
        unknown=texts["unknown"],
    )


def _cell(page: PageRequest, unit: UnitFacts, name: str) -> str:
    shown = figure(page, unit, ASSET[name])
    return str(shown["value"]) if shown["is_unknown"] else f"{shown['value']} {shown['unit']}".strip()


ROUTES = [unit_booklet]
