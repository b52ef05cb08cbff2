"""Pages for people, made on the server: of a unit and to ask about it, of a park, and the first one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath

from api.pages import booklet
from api.pages.ask import ask, ask_form
from api.pages.frame import (
    HEADERS,
    ROOT,
    PageFormQuery,
    PageRequest,
    codes_of,
    kept_page,
    missing,
    page_request,
    path_of,
)
from api.pages.park import front_page_of, park_page_of
from api.pages.unit import unit_page_of
from api.pages.unit_papers import POSTER, SHEET, poster_of, sheet_of
from api.request import request_context
from api.response import Reply
from domain.actor import ANONYMOUS
from domain.errors import NotFound
from store import unit_page
from store.db import Database

OPTIONS = {"hidden": True, "query": PageFormQuery}
#: Forms of the page of a unit.
ASK = "ask"
FORMS = {"html": (unit_page_of, "text/html; charset=utf-8"), "pdf": (sheet_of, SHEET), "png": (poster_of, POSTER)}


@get("/", opt=OPTIONS)
async def front(request: Request[Any, Any, Any]) -> Reply:
    """The first page."""
    page = page_request(await request_context(request), "/")
    return await kept_page(request, page, ("front",), object(), lambda: front_page_of(page))


@post(f"{ROOT}/{{path:path}}", opt={**OPTIONS, "form": True}, status_code=201)
async def ask_about_unit(request: Request[Any, Any, Any], path: FromPath[str]) -> Reply:
    """Asks about a unit by the form of its page."""
    context = await request_context(request)
    park_code, code = codes_of(request)
    page = page_request(context, path_of(*filter(None, (park_code, code))), (ASK,))
    state = await context.state.page_states.value((park_code, code), partial(_states, context.db)) if code else None
    return missing(page) if state is None else await ask(request, page, state.id)


@get(f"{ROOT}/{{path:path}}", opt=OPTIONS)
async def park_or_unit(request: Request[Any, Any, Any], path: FromPath[str]) -> Reply:
    """The page of a park, or of a unit, by their codes; of a unit by its id the way to it."""
    context = await request_context(request)
    park_code, code = codes_of(request)
    page = page_request(context, path_of(*filter(None, (park_code, code))), (*FORMS, ASK) if code else ("html",))
    if code:
        return await _unit(request, page, park_code, code)
    async with context.db.read(ANONYMOUS) as conn:
        state = await unit_page.park(conn, park_code)
    if state is not None:
        return await kept_page(request, page, ("park", state.id), state.rev, lambda: park_page_of(page, state.id))
    return await _by_id(request, page, park_code)


async def _unit(request: Request[Any, Any, Any], page: PageRequest, park_code: str, code: str) -> Reply:
    context = page.context
    state = await context.state.page_states.value((park_code, code), partial(_states, context.db))
    if state is None:
        return missing(page)
    if context.query.f == ASK:
        return await ask_form(page, state.id)
    make, media_type = FORMS[context.query.f]
    try:
        return await kept_page(request, page, ("unit", state.id), state.rev, lambda: make(page, state.id), media_type)
    except NotFound:  # withdrawn a moment ago
        return missing(page)


async def _states(db: Database, codes: Sequence[tuple[str, str]]) -> list[unit_page.PageState | None]:
    async with db.read(ANONYMOUS) as conn:
        return await unit_page.units(conn, codes)


async def _by_id(request: Request[Any, Any, Any], page: PageRequest, text: str) -> Reply:
    """A unit by its id: it is sent to its address, or shown here where that has another of the same code."""
    try:
        asset_id = UUID(text)
    except ValueError:
        return missing(page)
    async with page.context.db.read(ANONYMOUS) as conn:
        unit_address = await unit_page.address(conn, asset_id)
    if unit_address is None:
        return missing(page)
    if unit_address.is_shown:
        chosen = "" if page.context.query.lang is None else f"?lang={page.context.query.lang}"
        headers = {**HEADERS, "Location": path_of(unit_address.park_code, unit_address.code) + chosen}
        return Reply(b"", status=302, headers=headers)
    return await kept_page(request, page, ("unit", asset_id), unit_address.rev, lambda: unit_page_of(page, asset_id))


ROUTES = [front, park_or_unit, ask_about_unit, *booklet.ROUTES]
