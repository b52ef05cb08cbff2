"""A lease as the staff of a park signs it, over the network, and what any process of the service says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from api.request import SHANGHAI

Accounts = dict[str, dict[str, Any]]
STAFF, FIRM = "demo-shuangqiao", "demo-zhiding"


def ask(address: str, method: str, path: str, key: str, **more: Any) -> httpx.Response:
    """An answer of 2xx to a signed-in caller; anything else fails the proof."""
    headers = {"X-API-Key": key, **more.pop("headers", {})}
    answer = httpx.request(method, f"{address}{path}", headers=headers, timeout=30, **more)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer


def open_lease(address: str, accounts: Accounts) -> tuple[str, str]:
    """Opens a lease on a factory that stands idle; its id and the unit's."""
    staff = accounts[STAFF]["api_key"]
    park_id = ask(address, "GET", "/api/v1/auth/me", staff).json()["park_ids"][0]
    asked = {"park": park_id, "kind": "factory", "availability": "available", "path": "lease", "limit": 1}
    unit_id = ask(address, "GET", "/api/v1/assets", staff, params=asked).json()["features"][0]["id"]
    firm_id = ask(address, "GET", "/api/v1/auth/me", accounts[FIRM]["api_key"]).json()["firm_id"]
    body = {"path": "lease", "asset_ids": [unit_id], "firm_id": firm_id, "starts_on": _today(), "ends_on": "2035-12-31"}
    opened = ask(address, "POST", "/api/v1/outcomes", staff, json=body)
    return str(opened.json()["id"]), str(unit_id)


def _today() -> str:
    return str(datetime.now(UTC).astimezone(SHANGHAI).date())


def move_on(address: str, accounts: Accounts, lease_id: str, stage: str) -> None:
    """Signs a lease, or hands it over, today."""
    staff, path = accounts[STAFF]["api_key"], f"/api/v1/outcomes/{lease_id}"
    tag = ask(address, "GET", path, staff).headers["etag"]
    body = {"stage": stage, f"{stage}_on": _today()}
    ask(address, "POST", f"{path}/stages", staff, headers={"If-Match": tag}, json=body)


def standing(address: str, accounts: Accounts, lease_id: str, unit_id: str) -> tuple[str, str]:
    """The stage of the lease as its staff reads it, and the availability of the unit as anyone does."""
    stage = ask(address, "GET", f"/api/v1/outcomes/{lease_id}", accounts[STAFF]["api_key"]).json()["stage"]
    unit = httpx.get(f"{address}/api/v1/assets/{unit_id}").json()
    return str(stage), str(unit["properties"]["availability"])
