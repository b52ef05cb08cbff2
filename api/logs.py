"""One JSON line a request: method, route, status, milliseconds, number. No bodies, no query strings, no headers."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import Counter, Histogram

from api.health import REQUESTS, SECONDS

LOG = logging.getLogger("panhuo.access")
LONGEST = 1000
NOSNIFF = (b"x-content-type-options", b"nosniff")
#: What is counted by name; a caller can make up any number of others.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "PUT", "DELETE"})


class JsonLines(logging.Formatter):
    """Every record as one line of JSON; control characters are escaped by the encoder."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        for name in ("request_id", "method", "route", "status", "ms", "address", "account"):
            if name in record.__dict__:
                line[name] = record.__dict__[name]
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)[-8 * LONGEST :]
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Logs go to the error output as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("panhuo.security").setLevel(logging.INFO)  # whatever else is left out
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # tells every lost connection with a trace


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
    scope["state"] = {**scope.get("state", {}), "request_id": request_id}
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
            },
        )
