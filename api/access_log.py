"""One log line a request: method, route, status, milliseconds, number, account; and its counters."""

from __future__ import annotations

import logging
import secrets
import time
from functools import cache
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import Counter, Histogram

from api.health import REQUESTS, SECONDS

LOG = logging.getLogger("panhuo.access")
NOSNIFF = (b"x-content-type-options", b"nosniff")
#: What is counted by name; a caller can make up any number of others.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "PUT", "DELETE"})


@cache
def _count(method: str, route: str, status: int) -> Counter:
    """The counter of one kind of answer; a look-up by labels costs a lock and a join of texts each time."""
    return REQUESTS.labels(method, route, str(status))


@cache
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)


async def watched(app: ASGIApp, method: str, scope: Any, receive: Receive, send: Send) -> None:
    """Numbers a request, and counts and logs its answer under the route's template, never the raw path.

    No answer's type may be guessed at.
    """
    started = time.perf_counter()
    request_id = secrets.token_hex(8)
    scope["state"] = {**scope.get("state", {}), "request_id": request_id, "account": None}
    status, seconds = 500, None

    async def answer(message: Message) -> None:
        nonlocal status, seconds
        if message["type"] == "http.response.start":
            # Until the answer began: a stream may go on for hours.
            status, seconds = message["status"], time.perf_counter() - started
            own = [(b"x-request-id", request_id.encode()), NOSNIFF]
            message["headers"] = [*(field for field in message["headers"] if field[0] != NOSNIFF[0]), *own]
        await send(message)

    try:
        await app(scope, receive, answer)
    finally:
        if seconds is None:
            seconds = time.perf_counter() - started
        route = scope.get("path_template") or "-"
        _count(method if method in METHODS else "-", route, status).inc()
        _seconds(route).observe(seconds)
        LOG.info(
            "answered",
            extra={
                "request_id": request_id,
                "method": method[:16],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "account": scope["state"]["account"],
            },
        )
