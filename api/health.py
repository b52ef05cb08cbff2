"""Whether the service lives, whether it can answer, and its figures."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from api.request import ApplicationState
from api.response import NO_STORE, Reply
from domain.errors import Unavailable

REGISTRY = CollectorRegistry()
REQUESTS = Counter("panhuo_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram("panhuo_request_seconds", "Seconds until the answer began", ["route"], registry=REGISTRY)


@get("/health/live", tags=["health"])
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


@get("/health/ready", tags=["health"])
async def ready(request: Request[Any, Any, Any]) -> Reply:
    """The database answers; 503 with the reason while it does not. Degraded: it can be read, and there is no room."""
    state: ApplicationState = request.app.state.application_state
    try:
        await state.db.ping()
    except Unavailable as away:
        body = {"status": "not ready", "reason": away.faults[0].code}
        return Reply(msgspec.json.encode(body), status=503, headers={**NO_STORE, "Retry-After": "1"})
    return Reply(b'{"status":"degraded","reason":"storage_full"}' if state.db.is_full else b'{"status":"ready"}')


@get("/metrics", tags=["health"])
async def metrics() -> Reply:
    """Figures of this process for Prometheus."""
    return Reply(generate_latest(REGISTRY), "text/plain; version=0.0.4; charset=utf-8")


ROUTES = [live, ready, metrics]
