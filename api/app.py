"""The application: routes, problems, and what a process keeps for its requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from actions.snapshot_cache import SnapshotCache
from api import (
    account,
    asset,
    attachment,
    batch,
    bulk_change,
    check,
    closed_year,
    docs,
    enquiry,
    errors,
    feed,
    gap,
    health,
    idle_clock,
    imports,
    interest,
    ledger,
    mandate,
    ogc,
    outcome,
    packet,
    pages,
    park,
    pin,
    problems,
    public_contact,
    ranking,
    rearrangement,
    reverse,
    revival,
    service_request,
    sign_up,
    statistics,
    supervision,
    tenancy,
    title,
    webhook,
)
from api import demand as demand_routes
from api import report as papers
from api.asgi import Service
from api.limits import Limits
from api.request import ApplicationState
from api.streams import ended_by_signals
from domain.settings import Settings
from store.db import Database

#: The framework's own limit lies above ours, so that ours speaks.
FRAMEWORK_BODY_LIMIT = 1 << 31


ROUTES = [
    *asset.ROUTES,
    *attachment.ROUTES,
    *packet.ROUTES,
    *batch.ROUTES,
    *imports.ROUTES,
    *ledger.ROUTES,
    *bulk_change.ROUTES,
    *check.ROUTES,
    *rearrangement.ROUTES,
    *park.ROUTES,
    *public_contact.ROUTES,
    *demand_routes.ROUTES,
    *mandate.ROUTES,
    *ranking.ROUTES,
    *interest.ROUTES,
    *pin.ROUTES,
    *outcome.ROUTES,
    *tenancy.ROUTES,
    *supervision.ROUTES,
    *title.ROUTES,
    *idle_clock.ROUTES,
    *statistics.ROUTES,
    *revival.ROUTES,
    *gap.ROUTES,
    *reverse.ROUTES,
    *closed_year.ROUTES,
    *papers.ROUTES,
    *enquiry.ROUTES,
    *service_request.ROUTES,
    *feed.ROUTES,
    *webhook.ROUTES,
    *sign_up.ROUTES,
    *account.ROUTES,
    *health.ROUTES,
    *docs.ROUTES,
    *problems.ROUTES,
    *ogc.ROUTES,
    *pages.ROUTES,
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
        app.state.application_state = state = ApplicationState(db, SnapshotCache(db), settings, Limits())
        watching = asyncio.create_task(db.watch_for_ever())
        try:
            with ended_by_signals(state.streams):
                yield
        finally:
            watching.cancel()
            await state.streams.close()
            await db.close()

    return Service(
        ROUTES,
        lifespan=[lifespan],
        exception_handlers=dict(errors.HANDLERS),
        request_max_body_size=FRAMEWORK_BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
    )
