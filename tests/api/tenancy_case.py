"""A hall of the park that is let, and what is said of its tenancies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from actions.daily_update import run_daily_update
from tests.api.story import Headers, box, firm_of, register
from tests.conftest import TODAY, Dazu

DAY = timedelta(days=1)
PATHS = ["lease", "sublease", "temporary_use", "sale", "owner_restart", "part_use"]


def on(days: int) -> str:
    return str(TODAY + timedelta(days=days))


@dataclass
class TenancyCase:
    """A hall of a park, its staff and two firms."""

    client: httpx.AsyncClient
    dazu: Dazu
    staff: Headers
    park: dict[str, Any]
    hall: dict[str, Any]
    tenant: str
    other: str

    @property
    def id(self) -> str:
        return str(self.hall["id"])

    async def post(self, path: str, body: dict[str, Any], status: int, **headers: str) -> dict[str, Any]:
        answer = await self.client.post(f"/api/v1/{path}", headers=self.staff | headers, json=body)
        assert answer.status_code == status, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.staff, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def open(self, starts: int, ends: int | None, **about: Any) -> str:
        body = {"path": "lease", "asset_ids": [self.id], "firm_id": self.tenant, "starts_on": on(starts)}
        body |= {} if ends is None else {"ends_on": on(ends)}
        body |= {"opened_on": on(min(starts, 0) - 10)} | about
        return str((await self.post("outcomes", body, 201))["id"])

    async def step(self, outcome_id: str, status: int = 200, **facts: Any) -> dict[str, Any]:
        return await self.post(f"outcomes/{outcome_id}/stages", facts, status, **{"If-Match": "*"})

    async def let(self, starts: int, ends: int | None, *, is_handed_over: bool = True, **about: Any) -> str:
        """A deal by which the hall is let, and the tenant in there."""
        opened = await self.open(starts, ends, **about)
        signed: dict[str, Any] = {"stage": "signed", "signed_on": about.get("opened_on", on(min(starts, 0) - 5))}
        signed |= {"temporary_use": {"permit_no": "临-1"}, "part_use": {"area_m2": 400}}.get(about.get("path", ""), {})
        signed |= {"consent_no": "同意-1"} if about.get("path") == "sublease" else {}
        await self.step(opened, **signed)
        if is_handed_over:
            await self.step(opened, stage="handed_over", handed_over_on=on(starts))
        return opened

    async def tenancy(self, outcome_id: str) -> dict[str, Any]:
        items = (await self.get("tenancies", limit=1000))["items"]
        return next(item for item in items if item["outcome_id"] == outcome_id and not item["is_corrected"])

    async def say(self, outcome_id: str, what: str, status: int = 200, **facts: Any) -> dict[str, Any]:
        place = f"tenancies/{(await self.tenancy(outcome_id))['id']}/{what}"
        return await self.post(place, facts, status, **{"If-Match": "*"})

    async def refused(self, outcome_id: str, what: str, status: int, field: str, code: str, **facts: Any) -> str:
        before = await self.tenancy(outcome_id)
        fault = (await self.say(outcome_id, what, status, **facts))["errors"][0]
        assert (fault["field"], fault["code"]) == (field, code)
        assert await self.tenancy(outcome_id) == before
        return str(fault["message"])

    async def left(self, outcome_id: str, days: int, status: int = 200, **facts: Any) -> dict[str, Any]:
        return await self.say(outcome_id, "left", status, left_on=on(days), **facts)

    async def availability(self, unit_id: str | None = None) -> str:
        unit = await self.get(f"assets/{unit_id or self.id}")
        return str(unit["properties"]["availability"])

    async def use(self) -> list[tuple[str, str, str | None]]:
        """Who has the use of the hall, from which day to which, both included."""
        async with self.dazu.db.system() as conn:
            rows = await conn.fetch(
                "SELECT holder_id::text, lower(during)::text, (upper(during) - 1)::text FROM occupancy "
                "WHERE leaf_id = $1 AND claim = 'use' ORDER BY during",
                self.id,
            )
        return [tuple(row) for row in rows]

    async def turn(self, days: int = 0) -> int:
        return await run_daily_update(self.dazu.db, today=TODAY + timedelta(days=days))

    async def events(self, prefix: str) -> list[tuple[str, Any]]:
        """Events of tenancies in the park, in order: the act, and how many days it says."""
        async with self.dazu.db.system() as conn:
            rows = await conn.fetch(
                "SELECT act, (body::json ->> 'days')::int AS days FROM event WHERE scope_id = $1 AND act LIKE $2 "
                "ORDER BY rev, n",
                self.park["id"],
                prefix,
            )
        return [tuple(row) for row in rows]

    async def idle(self, **query: str) -> tuple[int, int, float]:
        """Of factory space: idle units, units to verify, their area."""
        factory = (await self.get("stats/idle", park=self.park["id"], **query))["factory"]
        return factory["units"], factory["to_verify"]["units"], float(factory["to_verify"]["area_m2"])


@pytest.fixture
async def place(
    client: httpx.AsyncClient, dazu: Dazu, keys: dict[str, Headers], staff: Headers, park: dict[str, Any]
) -> TenancyCase:
    facts = {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9, "rent_yuan_m2_month": 9}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False, "power_kva": 400}
    hall = await register(client, staff, park, "E-1", box(park, 0), level="building", allowed_paths=PATHS, **facts)
    other = await client.post("/api/v1/firms", headers=staff, json={"name": "示例后来者"})
    return TenancyCase(client, dazu, staff, park, hall, await firm_of(client, keys), other.json()["id"])
