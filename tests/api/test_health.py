"""Whether the service says the truth about itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from actions.snapshot_cache import SnapshotCache
from api.app import create
from api.limits import Limits
from api.request import ApplicationState
from domain.actor import ANONYMOUS, SYSTEM
from domain.errors import Unavailable
from ops.cluster import ADMIN_LOGIN, SERVICE_LOGIN, Cluster
from ops.premises import processes_in
from ops.settings import read
from store.db import Database
from store.roles import ensure_roles
from tests.conftest import TODAY, Dazu
from tests.ops.test_cluster import cluster, place

__all__ = ["cluster", "place"]


async def test_ready_says_why_not_while_the_database_is_away() -> None:
    settings = read({"DATABASE_URL": "postgresql://panhuo_service@/none?host=/nonexistent"})
    app = create(settings)
    db = await Database.connect("postgresql://panhuo_service@/none?host=/nonexistent", size=1, public_size=1)
    app.state.application_state = ApplicationState(db, SnapshotCache(db), settings, Limits())
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

    body = (await client.get("/metrics")).text

    assert 'panhuo_requests_total{method="GET",route="/api/v1/parks",status="200"}' in body


async def test_ready_comes_back_by_itself(cluster: Cluster) -> None:
    urls = cluster.up()
    await ensure_roles(urls.superuser, service=SERVICE_LOGIN, admin=ADMIN_LOGIN, password=None)
    settings = read({"DATABASE_URL": urls.service})
    app = create(settings)
    db = await Database.connect(urls.service, size=1, public_size=1)
    app.state.application_state = ApplicationState(db, SnapshotCache(db), settings, Limits())
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


@pytest_asyncio.fixture(loop_scope="session")
async def watched(cluster: Cluster) -> AsyncIterator[tuple[Database, httpx.AsyncClient]]:
    """A service over a cluster of the test's own, with the database monitored as by the server."""
    urls = cluster.up()
    await ensure_roles(urls.superuser, service=SERVICE_LOGIN, admin=ADMIN_LOGIN, password=None)
    settings = read({"DATABASE_URL": urls.service})
    app = create(settings)
    db = await Database.connect(urls.service, size=2, public_size=2)
    app.state.application_state = ApplicationState(db, SnapshotCache(db), settings, Limits())
    watching = asyncio.create_task(db.watch_for_ever())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test") as http:
        yield db, http
    watching.cancel()
    await db.close()


def _order(cluster: Cluster, order: signal.Signals) -> None:
    for pid in processes_in(cluster.folder) or []:
        os.kill(pid, order)


async def test_a_database_that_hangs_is_503_within_2_s_and_comes_back_by_itself(
    cluster: Cluster, watched: tuple[Database, httpx.AsyncClient]
) -> None:
    db, http = watched
    refused_after: list[float] = []

    async def refused_read(actor: object, seconds: float) -> None:
        began_at = time.monotonic()
        with pytest.raises(Unavailable) as refused:
            async with db.read(actor) as conn:  # type: ignore[arg-type]
                await conn.fetchval(f"SELECT pg_sleep({seconds})")
        refused_after.append(time.monotonic() - began_at)
        assert refused.value.faults[0].code == "database_away"

    assert (await http.get("/health/ready")).status_code == 200
    for actor in (SYSTEM, ANONYMOUS):  # both pools have a connection that lies idle
        async with db.read(actor) as conn:
            await conn.fetchval("SELECT 1")
    _order(cluster, signal.SIGSTOP)
    try:
        began_at = time.monotonic()
        ready, *_ = await asyncio.gather(http.get("/health/ready"), refused_read(SYSTEM, 0), refused_read(ANONYMOUS, 0))
        took_s = time.monotonic() - began_at
        at_once_at = time.monotonic()
        again = await http.get("/health/ready")
        at_once_s = time.monotonic() - at_once_at
    finally:
        _order(cluster, signal.SIGCONT)
    back_at = time.monotonic()
    while (back := await http.get("/health/ready")).status_code != 200 and time.monotonic() - back_at < 10:
        await asyncio.sleep(0.05)

    assert (ready.status_code, ready.json()["reason"]) == (503, "database_away")
    assert max(took_s, *refused_after) < 2 * 2  # twice what is promised: the test may be on a busy machine
    assert (again.status_code, again.headers["retry-after"]) == (503, "1")
    assert at_once_s < took_s / 2  # it does not wait again
    assert back.status_code == 200
    assert time.monotonic() - back_at < 5
    async with db.read(SYSTEM) as conn:
        assert await conn.fetchval("SELECT 1") == 1


async def test_a_slow_statement_is_not_cut_off_while_the_database_answers(
    watched: tuple[Database, httpx.AsyncClient],
) -> None:
    db, _ = watched

    async with db.read(SYSTEM) as conn:
        assert await conn.fetchval("SELECT 1 FROM pg_sleep(2.5)") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a small file system")
async def test_ready_is_degraded_while_the_disk_is_full(
    cluster: Cluster, watched: tuple[Database, httpx.AsyncClient]
) -> None:
    _, http = watched
    small = Path(cluster.folder) / "base" / "pgsql_tmp"  # the room that is left, as a file system of its own
    small.mkdir(exist_ok=True)
    os.chown(small, cluster.account.uid, cluster.account.gid)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "small", str(small)], check=False)
    if mounted.returncode != 0:
        pytest.skip("no right to mount here")
    try:
        os.chown(small, cluster.account.uid, cluster.account.gid)
        full = await _ready_is(http, "degraded")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    free = await _ready_is(http, "ready")

    assert (full.status_code, full.json()) == (200, {"status": "degraded", "reason": "storage_full"})
    assert (free.status_code, free.json()) == (200, {"status": "ready"})


async def _ready_is(http: httpx.AsyncClient, status: str) -> httpx.Response:
    """The answer once it says so, or the last one within 10 s."""
    give_up_at = time.monotonic() + 10
    while (answer := await http.get("/health/ready")).json()["status"] != status and time.monotonic() < give_up_at:
        await asyncio.sleep(0.1)
    return answer
