"""Pages by key: a signed cursor that holds only for the query it came from, and the `next` link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from api.queries import fields_of
from api.request import RequestContext
from api.response import JSON, NO_CACHE, Reply
from domain.errors import Malformed, Unavailable
from store.search import SearchPage, SearchPosition

TAG_BYTES = 12


def seal(key: bytes, about: str, values: Sequence[str | None]) -> str:
    """A cursor: the last row's keys, signed together with what they are the keys of."""
    raw = json.dumps(list(values)).encode()
    return base64.urlsafe_b64encode(_tag(key, about, raw) + raw).decode().rstrip("=")


def unseal(key: bytes, about: str, cursor: str) -> list[str | None]:
    """What a cursor holds. Raises Malformed for one that was not given for the same."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as fault:
        raise Malformed("cursor", "cursor") from fault
    if not hmac.compare_digest(raw[:TAG_BYTES], _tag(key, about, raw[TAG_BYTES:])):
        raise Malformed("cursor", "cursor")
    values: list[str | None] = json.loads(raw[TAG_BYTES:])
    return values


def sealed(context: RequestContext, route: str, values: Sequence[str | None]) -> str:
    """The cursor of a page: it belongs to its query."""
    return seal(context.cursor_key, _about(context, route), values)


def unsealed(context: RequestContext, route: str) -> list[str | None] | None:
    """What the cursor of a query holds; None without one. Raises Malformed for one that was not given for it."""
    cursor = context.query.cursor
    return None if cursor is None else unseal(context.cursor_key, _about(context, route), cursor)


def after_id(context: RequestContext, route: str) -> UUID | None:
    """The id behind which the page begins."""
    values = unsealed(context, route)
    return None if values is None else UUID(values[0])


def after_position(context: RequestContext, route: str) -> SearchPosition | None:
    """The place behind which a page of a search begins."""
    values = unsealed(context, route)
    return None if values is None else SearchPosition(int(values[0] or 0), str(values[1]))


def next_link(context: RequestContext, route: str, values: Sequence[str | None]) -> str:
    """The address of the following page, on the public address of the service."""
    parameters = {**_parameters(context.query), "limit": context.query.limit, "cursor": sealed(context, route, values)}
    return f"{context.state.settings.public_url}{route}?{urlencode(parameters)}"


def following(href: str | None, media_type: str = JSON) -> dict[str, str]:
    """The next page as a header, for readers that do not look inside. Source: RFC 8288."""
    return {} if href is None else {"Link": f'<{href}>; rel="next"; type="{media_type}"'}


def listed(context: RequestContext, route: str, items: Sequence[str], last_key: str | None) -> Reply:
    """A page of JSON texts; `last_key` is the key of its last item where more follow."""
    return _listed(context, route, items, None if last_key is None else [last_key])


def search_page(context: RequestContext, route: str, page: SearchPage) -> Reply:
    """A page of a search."""
    rest = None if page.rest is None else [str(page.rest.query_no), page.rest.key]
    return _listed(context, route, [row["document"] for row in page.rows], rest)


def _listed(context: RequestContext, route: str, items: Sequence[str], last: Sequence[str] | None) -> Reply:
    href = None if last is None else next_link(context, route, last)
    body = f'{{"items":[{",".join(items)}],"next":{json.dumps(href)}}}'
    return Reply(body.encode(), headers={**NO_CACHE, **following(href)})


async def matched(reading: AbstractAsyncContextManager[Any], count: Callable[[Any], Awaitable[int]]) -> int | None:
    """How many rows a whole list has; None where counting them takes longer than a statement may."""
    try:
        async with reading as conn:
            return await count(conn)
    except Unavailable as refusal:
        if refusal.faults[0].code != "busy":
            raise
        return None


def numbers(returned: int, in_all: int | None) -> bytes:
    """Members of a FeatureCollection: how many rows the page has, and the whole list where they were counted."""
    whole = b"" if in_all is None else b'"numberMatched":%d,' % max(in_all, returned)
    return whole + b'"numberReturned":%d' % returned


def keyed(rows: Sequence[Any], limit: int, key: str, text: str) -> tuple[list[str], str | None]:
    """Texts of a page that was fetched with one row more than its limit, and its last key where that row came."""
    shown = rows[:limit]
    return [row[text] for row in shown], str(shown[-1][key]) if len(rows) > limit else None


def _parameters(query: Any) -> dict[str, Any]:
    """The query without page and size, as sent."""
    fields = [field for field in fields_of(query.__class__) if field.name not in ("limit", "cursor")]
    parameters = {field.encode_name: getattr(query, field.name) for field in fields}
    return {name: str(value) for name, value in parameters.items() if value is not None}


def _about(context: RequestContext, route: str) -> str:
    return json.dumps([route, sorted(_parameters(context.query).items())])


def _tag(key: bytes, about: str, raw: bytes) -> bytes:
    return hmac.new(key, about.encode() + b"\0" + raw, hashlib.sha256).digest()[:TAG_BYTES]
