"""What a refusal's `type` leads to: what the problem means and how to mend it, as a page or as JSON, in both languages.

A kind of problem and the code of a fault have a page each; all of them are made from the texts of refusals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from api.docs import HEADERS
from api.errors import STATUS
from api.response import Reply
from domain.errors import NotFound
from texts.lookup import Language, language_of, tables, tag

ROUTE = "/problems"
#: What the framework refuses, and a fault of the service itself.
OTHERS: Mapping[str, int] = {"method-not-allowed": 405, "internal": 500}
#: The kinds of problems that an answer's `type` can name, with their status.
KINDS: Mapping[str, int] = {**{kind: status for status, kind in STATUS.values()}, **OTHERS}


@get(f"{ROUTE}/{{code:str}}", opt={"hidden": True})
async def problem_page(request: Request[Any, Any, Any], code: FromPath[str]) -> Reply:
    """What a problem means and how to mend it; HTML where a browser asks."""
    language = language_of(request.headers.get("accept-language"))
    about = _kind(code, language) if code in KINDS else _fault(code, language)
    if about is None:
        raise NotFound("route_missing")
    about = {"type": request.app.state.application_state.link(f"{ROUTE}/{code}"), **about}
    headers = {**HEADERS, "Content-Language": tag(language), "Vary": "Accept, Accept-Language"}
    if "text/html" in request.headers.get("accept", ""):
        return Reply(_page(about, language).encode(), "text/html; charset=utf-8", headers=headers)
    return Reply(json.dumps(about, ensure_ascii=False).encode(), headers=headers)


def _kind(code: str, language: Language) -> dict[str, Any]:
    texts = tables("refusals", language)
    return {
        "status": KINDS[code],
        "title": texts["title"][code],
        "meaning": texts["meaning"][code],
        "remedy": texts["remedy"][code],
    }


def _fault(code: str, language: Language) -> dict[str, Any] | None:
    """A fault of one field: its sentence says what would be right; `{…}` are the case's own values."""
    text = tables("refusals", language)["refusal"].get(code)
    return None if text is None else {"code": code, "title": code, "meaning": text}


def _page(about: Mapping[str, Any], language: Language) -> str:
    words = tables("refusals", language)["page"]
    rows = [(words["means"], about["meaning"])]
    rows += [(words["mend"], about["remedy"])] if "remedy" in about else []
    body = "".join(f"<h2>{escape(name)}</h2><p>{_marked_up(text)}</p>" for name, text in rows)
    heading = " ".join(str(about[name]) for name in ("status", "title") if name in about)
    return (
        f'<!doctype html><html lang="{tag(language)}"><meta charset="utf-8">'
        f"<title>{escape(heading)} · {escape(words['problem'])}</title>"
        f'<h1>{escape(heading)}</h1>{body}<p><a href="../docs">/docs</a></p></html>'
    )


def _marked_up(text: str) -> str:
    """Names of the interface, which stand between backticks, as such."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


ROUTES = [problem_page]
