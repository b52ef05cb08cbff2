"""The application as servers see it: every request numbered and counted, HEAD and OPTIONS right on every route.

The framework answers HEAD with 405 and names one method of several to OPTIONS; both are put right before it routes.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from litestar import Litestar
from litestar.types import Message, Receive, Send

from api.access_log import watched

#: No route has this method: the refusal names those that are there.
OPTIONS_METHOD: Final = "?"
#: Nor this one: the request does not say, or says twice, whom it is for. Source: RFC 9112 §3.2.
NO_HOST: Final = "?host"


_HOST = re.compile(rb"(?:[\w.~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)


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
        if method == "HEAD":
            scope["method"] = "GET"
            receive, send = _head_only(receive, send)
        elif method == "OPTIONS":
            scope["method"] = OPTIONS_METHOD
        if not has_one_host(scope):
            scope["method"] = NO_HOST
        await watched(super().__call__, method, scope, receive, send)


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
