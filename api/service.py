"""The application as servers see it: every request numbered and counted, HEAD and OPTIONS right on every route.

The framework answers HEAD with 405 and names one method of several to OPTIONS; both are put right before it routes.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Litestar
from litestar.types import Message, Send

from api.logs import watched

#: No route has this method: the refusal names those that are there.
ASKED: Final = "?"


class Service(Litestar):
    """Litestar behind a door of our own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """HEAD is GET without its body; OPTIONS is answered by `api/errors.py` from the routes."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        method: str = scope["method"]
        if method == "HEAD":
            scope["method"], send = "GET", _bodiless(send)
        elif method == "OPTIONS":
            scope["method"] = ASKED
        await watched(super().__call__, method, scope, receive, send)


def _bodiless(send: Send) -> Send:
    """Sends the head of an answer, and nothing of its body."""

    async def head_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return head_only


def methods(allowed: str) -> str:
    """The methods of a route as `Allow` names them, those we add among them."""
    names = {name.strip() for name in allowed.split(",") if name.strip()} | {"OPTIONS"}
    return ", ".join(sorted(names | ({"HEAD"} if "GET" in names else set())))
