"""What goes back: bytes that are ready, with their headers, sent without the framework touching them again.

An answer is text made by the database or encoded once: the framework's own response (serialiser, header merging,
cookies) and its compression layer have nothing to add to it.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from litestar import Response
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from api.request import RequestContext
from domain.answer import Answer
from domain.entity_tags import entity_tag, gzipped_tag, kept_tag, listed_tags, names_revision
from domain.errors import Stale

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SVG: Final = "image/svg+xml"
#: A picture opened as a page of its own runs nothing and loads nothing.
SVG_POLICY: Final = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}
NO_CACHE: Final[Mapping[str, str]] = {"Cache-Control": "no-cache"}
#: Units depend on who asks; a cache in between must keep answers to different callers apart.
PER_CALLER: Final[Mapping[str, str]] = {**NO_CACHE, "Vary": "Authorization, X-API-Key"}
#: The same where they also depend on the language of the reader.
PER_READER: Final[Mapping[str, str]] = {**PER_CALLER, "Vary": f"{PER_CALLER['Vary']}, Accept-Language"}
#: Answers without a body, and so without its type and length. Source: RFC 9110 §8.6, §15.3.5, §15.4.5.
BODILESS: Final = (204, 304)
#: Below this gzip gains nothing on the wire; above the other it would hold up every request of the process.
GZIP_FROM, GZIP_ASIDE_FROM = 1024, 32_768
GZIP_LEVEL = 5


class Reply(Response[bytes]):
    """An answer of ready bytes; it is its own ASGI application.

    `tag` is that of the bytes as they are; gzipped they have another. `known`: tags of answers that the caller has.
    `gzipped`: the bytes so, where they are kept so.
    """

    __slots__ = ("_fields", "_gzipped", "_known", "_tag")

    def __init__(
        self,
        body: bytes,
        media_type: str = JSON,
        *,
        status: int = 200,
        headers: Mapping[str, str] = NO_STORE,
        tag: str | None = None,
        known: Sequence[str] = (),
        gzipped: bytes | None = None,
    ) -> None:
        self.content = body
        self._gzipped = gzipped
        self.status_code: int = status
        self._tag, self._known = tag, known
        self._fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        if media_type == SVG:
            self._fields.append((b"content-security-policy", SVG_POLICY))
        if status not in BODILESS:
            self._fields.append((b"content-type", media_type.encode()))

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and the body, gzipped where that is accepted and gains; no body where the caller has it."""
        body, status, fields = self.content, self.status_code, list(self._fields)
        is_gzipped = False
        if len(body) >= GZIP_FROM:
            fields.append((b"vary", b"Accept-Encoding"))
            is_gzipped = accepts_gzip(scope)
        if self._tag is not None:
            kept = kept_tag(self._known, self._tag, is_gzipped=is_gzipped) if self._known else None
            if kept is not None:
                body, status, is_gzipped = b"", 304, False
                fields = [field for field in fields if field[0] != b"content-type"]
            tag = kept or (gzipped_tag(self._tag) if is_gzipped else self._tag)
            fields.append((b"etag", tag.encode()))
        if is_gzipped:
            fields.append((b"content-encoding", b"gzip"))
            if self._gzipped is not None:
                body = self._gzipped
            else:
                body = _gzipped(body) if len(body) < GZIP_ASIDE_FROM else await asyncio.to_thread(_gzipped, body)
        if status not in BODILESS:
            fields.append((b"content-length", str(len(body)).encode()))
        start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": fields}
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})


def accepts_gzip(scope: Scope) -> bool:
    accepted = b",".join([value for name, value in scope["headers"] if name == b"accept-encoding"])
    codings = (part.replace(b" ", b"").lower().partition(b";q=") for part in accepted.split(b","))
    return any(name == b"gzip" and (not q or weight.strip(b"0.") != b"") for name, q, weight in codings)


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def conditional(
    context: RequestContext,
    body: str | bytes,
    revision: int,
    *,
    media_type: str = JSON,
    headers: Mapping[str, str] = PER_CALLER,
) -> Reply:
    """A thing with its ETag, or 304 where the caller has it as it is. Raises Stale where an If-Match names another."""
    shown = body if isinstance(body, bytes) else body.encode()
    if context.if_match is not None and not names_revision(listed_tags(context.if_match, "If-Match"), revision):
        raise Stale("stale", "If-Match", current=revision)
    return Reply(shown, media_type, headers=headers, tag=entity_tag(shown, revision), known=known_tags(context))


def saved_as(name: str, title: str) -> dict[str, str]:
    """The header by which an answer is saved, under its title where the reader can write it. Source: RFC 6266."""
    return {"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(title)}"}


def known_tags(context: RequestContext) -> Sequence[str]:
    """The tags of answers that the caller has."""
    return () if context.if_none_match is None else listed_tags(context.if_none_match, "If-None-Match")


def written(answer: Answer, headers: Mapping[str, str] = NO_STORE) -> Reply:
    """The answer of an act."""
    sent = dict(headers)
    if answer.location is not None:
        sent["Location"] = answer.location
    media = GEOJSON if answer.body.startswith('{"type":"Feature"') else JSON
    return Reply(answer.body.encode(), media, status=answer.status, headers=sent, tag=answer.etag)
