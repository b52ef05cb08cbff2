"""What goes back: bytes that are ready, with their headers, sent without the framework touching them again.

An answer is text made by the database or encoded once: the framework's own response (serialiser, header merging,
cookies) and its compression layer have nothing to add to it.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from api.request import RequestContext
from domain.answer import Answer

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SVG: Final = "image/svg+xml"
#: A picture opened as a page of its own runs nothing and loads nothing.
SVG_POLICY: Final = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}
NO_CACHE: Final[Mapping[str, str]] = {"Cache-Control": "no-cache"}
#: Units depend on who asks; a cache in between must keep answers to different callers apart.
PER_CALLER: Final[Mapping[str, str]] = {**NO_CACHE, "Vary": "Authorization, X-API-Key"}
#: Answers without a body, and so without its type and length. Source: RFC 9110 §8.6, §15.3.5, §15.4.5.
BODILESS: Final = (204, 304)
#: Below this gzip gains nothing on the wire; above the other it would hold up every request of the process.
GZIP_FROM, GZIP_ASIDE_FROM = 1024, 32_768
GZIP_LEVEL = 5


class Reply(Response[bytes]):
    """An answer of ready bytes; it is its own ASGI application."""

    __slots__ = ("_fields",)

    def __init__(
        self, body: bytes, media_type: str = JSON, *, status: int = 200, headers: Mapping[str, str] = NO_STORE
    ) -> None:
        self.content = body
        self.status_code: int = status
        self._fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        if media_type == SVG:
            self._fields.append((b"content-security-policy", SVG_POLICY))
        if status not in BODILESS:
            self._fields.append((b"content-type", media_type.encode()))

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and the body, gzipped where that is accepted and gains."""
        body, fields = self.content, self._fields
        if len(body) >= GZIP_FROM:
            fields = [*fields, (b"vary", b"Accept-Encoding")]
            if _accepts_gzip(scope):
                fields.append((b"content-encoding", b"gzip"))
                body = _gzipped(body) if len(body) < GZIP_ASIDE_FROM else await asyncio.to_thread(_gzipped, body)
        if self.status_code not in BODILESS:
            fields = [*fields, (b"content-length", str(len(body)).encode())]
        start: HTTPResponseStartEvent = {"type": "http.response.start", "status": self.status_code, "headers": fields}
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _accepts_gzip(scope: Scope) -> bool:
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    codings = (part.replace(b" ", b"").lower().partition(b";q=") for part in accepted.split(b","))
    return any(name == b"gzip" and (not q or weight.strip(b"0.") != b"") for name, q, weight in codings)


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def conditional(context: RequestContext, body: str | bytes, revision: int, *, media_type: str = JSON) -> Reply:
    """A thing with its ETag, or 304 where the caller has this revision already."""
    tag = f'"{revision}"'
    headers = {"ETag": tag, **PER_CALLER}
    if has_tag(context, tag):
        return Reply(b"", media_type, status=304, headers=headers)
    return Reply(body if isinstance(body, bytes) else body.encode(), media_type, headers=headers)


def has_tag(context: RequestContext, tag: str) -> bool:
    """Whether the caller has what this tag names; a proxy may have made it weak. Source: RFC 9110 §13.1.2."""
    return tag in [one.strip().removeprefix("W/") for one in (context.if_none_match or "").split(",")]


def written(answer: Answer, headers: Mapping[str, str] = NO_STORE) -> Reply:
    """The answer of an act."""
    sent = dict(headers)
    if answer.etag is not None:
        sent["ETag"] = answer.etag
    if answer.location is not None:
        sent["Location"] = answer.location
    media = GEOJSON if answer.body.startswith('{"type":"Feature"') else JSON
    return Reply(answer.body.encode(), media, status=answer.status, headers=sent)
