"""The story once more, over the network, against what `make run` starts: launcher, private cluster, demo, server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.test_story import (
    test_a_repeated_key_does_nothing_twice,
    test_fifty_leases_at_once_one_wins,
    test_from_register_to_figure_and_its_correction,
    test_whole_floor_and_bay_never_share_a_leaf,
)

__all__ = [
    "test_a_repeated_key_does_nothing_twice",
    "test_fifty_leases_at_once_one_wins",
    "test_from_register_to_figure_and_its_correction",
    "test_whole_floor_and_bay_never_share_a_leaf",
]

pytestmark = pytest.mark.slow
READY_S = 120.0
HALF_YEAR = {"from": "2025-01-01", "to": "2025-06-30"}


@dataclass(frozen=True)
class Served:
    """A running service: its address, and its demo accounts by login."""

    address: str
    accounts: dict[str, dict[str, Any]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """`panhuo up` from nothing on a data folder and a port of its own; a stop signal ends it."""
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    place.chmod(0o711)
    address = f"http://127.0.0.1:{(port := _free_port())}"
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment = own | {"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place), "PORT": str(port)}
    environment["PANHUO_LOG_LEVEL"] = "warning"
    launcher = subprocess.Popen([sys.executable, "-m", "ops.cli", "up"], env=environment, stdout=subprocess.PIPE)
    try:
        _wait_until_ready(address, launcher)
        accounts = json.loads((place / "data" / "demo-accounts.json").read_text(encoding="utf-8"))["accounts"]
        yield Served(address, {account["login"]: account for account in accounts})
    finally:
        launcher.terminate()
        launcher.communicate(timeout=60)
        shutil.rmtree(place, ignore_errors=True)
    assert launcher.returncode == 0


def _wait_until_ready(address: str, launcher: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + READY_S
    while time.monotonic() < give_up_at:
        assert launcher.poll() is None, "the launcher ended by itself"
        try:
            if httpx.get(f"{address}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("not ready in time")


@pytest_asyncio.fixture(loop_scope="session")
async def client(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.address, timeout=30) as http:
        yield http


@pytest.fixture
def keys(served: Served) -> dict[str, dict[str, str]]:
    return {login: {"X-API-Key": account["api_key"]} for login, account in served.accounts.items()}


async def figures(client: httpx.AsyncClient, **query: str) -> tuple[str, str]:
    answer = (await client.get("/api/v1/stats/revitalized", params={**HALF_YEAR, **query})).json()
    return answer["land"]["area_mu"], answer["factory"]["area_m2"]


async def revived(client: httpx.AsyncClient, admin: dict[str, str]) -> list[dict[str, Any]]:
    """The leases handed over in the half-year, of all parks."""
    places = (await client.get("/api/v1/parks")).json()["features"]
    result = []
    for park_id in (place["id"] for place in places if place["properties"].get("zone_of") is None):
        query = {"park": park_id, "limit": 100}
        page = (await client.get("/api/v1/outcomes", params=query, headers=admin)).json()
        result += [item for item in page["items"] if (item.get("revived_on") or "").startswith("2025-0")]
    return result


async def test_a_revival_that_never_happened_leaves_the_half_year(
    client: httpx.AsyncClient, keys: dict[str, dict[str, str]]
) -> None:
    admin = keys["demo-admin"]
    assert await figures(client) == ("857.00", "38000.00")
    wrong = (await revived(client, admin))[0]
    place = f"/api/v1/outcomes/{wrong['id']}"
    read = await client.get(place, headers=admin)
    land_m2 = factory_m2 = Decimal(0)
    for part in read.json()["assets"]:
        unit = (await client.get(f"/api/v1/assets/{part['asset_id']}", headers=admin)).json()["properties"]
        area_m2 = Decimal(str(unit["area_m2"]))
        land_m2 += area_m2 if unit["kind"] == "land" else 0
        factory_m2 += area_m2 if unit["kind"] == "factory" else 0
    assert land_m2 + factory_m2 > 0

    before = datetime.now(UTC).isoformat()
    body = {"stage": "corrected", "reason": "没有这回事"}
    corrected = await client.post(f"{place}/stages", headers=admin | {"If-Match": read.headers["etag"]}, json=body)

    assert corrected.status_code == 200, corrected.text
    land_mu = 857 - land_m2 * Decimal("0.0015")
    assert await figures(client) == (f"{land_mu:.2f}", f"{38000 - factory_m2:.2f}")
    assert await figures(client, as_of=before) == ("857.00", "38000.00")
