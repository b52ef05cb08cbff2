"""The application as servers see it: every request numbered and counted, HEAD and OPTIONS right on every route, also
below a path of a shared address.

The framework answers HEAD with 405 and names one method of several to OPTIONS; both are put right before it routes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

from litestar import Litestar
from litestar.types import Message, Receive, Send

from api.access_log import watched

#: No route has this method: the refusal names those that are there.
OPTIONS_METHOD: Final = "?"
#: Nor this one: the request does not say, or says twice, whom it is for. Source: RFC 9112 §3.2.
NO_HOST: Final = "?host"


#: Any page may read what anyone may read, and what its own reader gives it a key for; never with what a browser keeps.
#: Source: Fetch, HTTP-CORS protocol.
FOR_ALL: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Retry-After, Content-Language, X-Request-Id"),
)
#: What such a page is told beforehand: the methods of reading, the headers that readers send, and for how long.
FOR_ALL_TO_KNOW: Final = (
    FOR_ALL[0],
    (b"access-control-allow-methods", b"GET, HEAD"),
    (
        b"access-control-allow-headers",
        b"Accept, Accept-Language, Authorization, If-None-Match, Last-Event-ID, X-API-Key",
    ),
    (b"access-control-max-age", b"86400"),
)
_HOST = re.compile(rb"(?:[\w.~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)


#: What may be done with these depends on who asks: their routes say it.
_OWN_OPTIONS = re.compile(r".*/ogc/collections/[^/]+/items(?:/[^/]+)?/?")


def has_one_host(scope: Any) -> bool:
    """Whether a request names its host once, and it is one; HTTP/1.0 need not. The server makes none an empty one."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if scope.get("http_version") in ("1", "1.0") and hosts in ([], [b""]):
        return True
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None


class Service(Litestar):
    """Litestar, with HEAD, OPTIONS and the Host header treated before its routes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """HEAD is GET without its body; OPTIONS is answered by `api/errors.py` from the routes."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        method: str = scope["method"]
        if (shared := _shared(method, scope)) is not None:
            send = _with_headers(send, shared)
        if method == "HEAD":
            scope["method"] = "GET"
            receive, send = _head_only(receive, send)
        elif method == "OPTIONS" and _OWN_OPTIONS.fullmatch(scope["path"]) is None:
            scope["method"] = OPTIONS_METHOD
        if not has_one_host(scope):
            scope["method"] = NO_HOST
        public_path = self.state.application_state.settings.public_path
        if public_path:
            _strip(scope, public_path)
            send = _located_below(public_path, send)
        await watched(super().__call__, method, scope, receive, send)


def _shared(method: str, scope: Any) -> Sequence[tuple[bytes, bytes]] | None:
    """The headers by which pages of other origins may read an answer, or learn that they may; None for no read."""
    if method in ("GET", "HEAD"):
        return FOR_ALL
    wanted = dict(scope["headers"]).get(b"access-control-request-method")
    return FOR_ALL_TO_KNOW if method == "OPTIONS" and wanted in (b"GET", b"HEAD") else None


def _with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return answer


def _strip(scope: Any, public_path: str) -> None:
    """A proxy may hand on the path as it came, or without the part that led to the service."""
    if scope["path"].startswith(public_path + "/"):
        scope["path"] = scope["path"][len(public_path) :]


def _located_below(public_path: str, send: Send) -> Send:
    """Sends answers whose Location is a path of the service as the path by which it is found from outside."""

    async def located(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, public_path.encode() + value if name == b"location" and value.startswith(b"/") else value)
                for name, value in message["headers"]
            ]
        await send(message)

    return located


def _head_only(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Sends the head of an answer; to the answer it looks as if the reader hung up then, so that a stream ends too."""
    is_sent = asyncio.Event()

    async def head_alone(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            is_sent.set()

    async def until_sent() -> Any:
        received, sent = asyncio.ensure_future(receive()), asyncio.ensure_future(is_sent.wait())
        try:
            await asyncio.wait([received, sent], return_when=asyncio.FIRST_COMPLETED)
            return {"type": "http.disconnect"} if sent.done() else received.result()
        finally:
            received.cancel()
            sent.cancel()

    return until_sent, head_alone


def methods(allowed: str) -> str:
    """The methods of a route as `Allow` names them, those we add among them."""
    names = {name.strip() for name in allowed.split(",") if name.strip()} | {"OPTIONS"}
    return ", ".join(sorted(names | ({"HEAD"} if "GET" in names else set())))
