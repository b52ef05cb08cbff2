"""The ledger of units over HTTP: what is filled in to register many. Ledgers that are kept go out by `api/asset`."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from litestar import Request, get

from api.bodies import NewAsset
from api.queries import fields_of
from api.request import request_context
from api.response import PER_READER, Reply, saved_as
from api.table import XLSX_TYPE
from domain.actor import may
from ledger.template import template
from texts.lookup import Language, tables, tag

#: What every new unit has; one without an outline, which no cell of the template holds, has its area too.
REQUIRED: Final = {
    *(field.encode_name for field in fields_of(NewAsset) if field.required), "stated_area", "stated_area_unit",
}  # fmt: skip


@get("/api/v1/assets/template.xlsx", opt={"also": [XLSX_TYPE]}, tags=["assets"])
async def asset_template(request: Request[Any, Any, Any]) -> Reply:
    """An empty ledger of new units as a workbook, in the reader's language.

    With drop-downs and bounds, and a sheet that explains each column; for staff with the facts that they alone read.
    """
    context = await request_context(request)
    language = context.language
    body = await asyncio.to_thread(made_template, language, is_staff=may(context.actor, "asset.history"))
    saved = saved_as("ledger.xlsx", f"{tables('ledger', language)['sheet']['table']}.xlsx")
    return Reply(body, XLSX_TYPE, headers={**PER_READER, "Content-Language": tag(language), **saved})


def made_template(language: Language, *, is_staff: bool) -> bytes:
    """The workbook, in which what every new unit must have is marked."""
    return template(language, REQUIRED, is_staff=is_staff)


ROUTES = [asset_template]
