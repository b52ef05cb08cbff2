"""Whether the service says the truth about itself."""

from __future__ import annotations

import httpx

from actions.catalogue import Shelf
from api.app import create
from api.cluster import ADMIN_LOGIN, SERVICE_LOGIN, Cluster
from api.limits import Limits
from api.request import Office
from api.settings import read
from store.db import Database
from store.roles import ensure_roles
from tests.conftest import TODAY, Dazu
from tests.test_cluster import cluster, place

__all__ = ["cluster", "place"]


async def test_ready_says_why_not_while_the_database_is_away() -> None:
    settings = read({"DATABASE_URL": "postgresql://panhuo_service@/none?host=/nonexistent"})
    app = create(settings)
    db = await Database.connect("postgresql://panhuo_service@/none?host=/nonexistent", size=1, public_size=1)
    app.state.office = Office(db, Shelf(db), settings, Limits())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test") as http:
        ready = await http.get("/health/ready")
        live = await http.get("/health/live")
        page = await http.get("/api/v1/assets")

    await db.close()
    assert (ready.status_code, ready.json()["reason"]) == (503, "database_away")
    assert live.status_code == 200
    assert (page.status_code, page.headers["retry-after"]) == (503, "1")


async def test_stored_availability_is_what_the_facts_give(dazu: Dazu) -> None:
    from store import asset

    assert await asset.overtaken(dazu.db, TODAY) == []


async def test_metrics_count_requests(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/parks")

    said = (await client.get("/metrics")).text

    assert 'panhuo_requests_total{method="GET",route="/api/v1/parks",status="200"}' in said


async def test_ready_comes_back_by_itself(cluster: Cluster) -> None:
    urls = cluster.up()
    await ensure_roles(urls.superuser, service=SERVICE_LOGIN, admin=ADMIN_LOGIN, password=None)
    settings = read({"DATABASE_URL": urls.service})
    app = create(settings)
    db = await Database.connect(urls.service, size=1, public_size=1)
    app.state.office = Office(db, Shelf(db), settings, Limits())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test") as http:
        before = (await http.get("/health/ready")).status_code
        cluster.down()
        away = await http.get("/health/ready")
        cluster.up()
        after = (await http.get("/health/ready")).status_code

    await db.close()
    assert (before, away.status_code, after) == (200, 503, 200)
    assert away.json()["reason"] == "database_away"
