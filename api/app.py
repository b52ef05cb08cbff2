"""The application: routes, problems, and what a process keeps for its requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from actions.catalogue import Shelf
from api import (
    assets,
    auth,
    books,
    docs,
    errors,
    events,
    gap,
    health,
    idle_clock,
    interests,
    mandates,
    needs,
    outcomes,
    parks,
    pins,
    rankings,
    reverse,
    rights,
    service_requests,
    statistics,
    supervision,
    tenancies,
    webhooks,
)
from api.limits import Limits
from api.papers import routes as papers
from api.request import Office
from api.service import Service
from api.settings import Settings
from api.streams import ended_by_signals
from store.db import Database

#: The framework's own limit lies above ours, so that ours speaks.
FRAMEWORK_BODY_LIMIT = 1 << 31


ROUTES = [
    *assets.ROUTES,
    *parks.ROUTES,
    *needs.ROUTES,
    *mandates.ROUTES,
    *rankings.ROUTES,
    *interests.ROUTES,
    *pins.ROUTES,
    *outcomes.ROUTES,
    *tenancies.ROUTES,
    *supervision.ROUTES,
    *rights.ROUTES,
    *idle_clock.ROUTES,
    *statistics.ROUTES,
    *gap.ROUTES,
    *reverse.ROUTES,
    *books.ROUTES,
    *papers.ROUTES,
    *service_requests.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *auth.ROUTES,
    *health.ROUTES,
    *docs.ROUTES,
]


def create(settings: Settings) -> Litestar:
    """The application over the database the settings name; it starts, and says so, with the database away."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        assert settings.database_url is not None
        db = await Database.connect(
            settings.database_url,
            size=settings.pool_size,
            public_size=settings.public_pool_size,
            statement_timeout_ms=settings.statement_timeout_ms,
        )
        app.state.office = office = Office(db, Shelf(db), settings, Limits())
        watching = asyncio.create_task(db.watch_for_ever())
        try:
            with ended_by_signals(office.streams):
                yield
        finally:
            watching.cancel()
            await office.streams.close()
            await db.close()

    return Service(
        ROUTES,
        lifespan=[lifespan],
        exception_handlers=dict(errors.HANDLERS),
        request_max_body_size=FRAMEWORK_BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
    )
