"""What tests of the figure do over HTTP: units with a past, deals dated back, the figure and the lines beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx

from tests.api.story import EMPTY, Headers, box, register

DAY = timedelta(days=1)
PATHS = ["lease", "sublease", "part_use", "temporary_use", "sale", "owner_restart", "repurchase_resupply"]
#: Stages of a sale before its title is registered, each with what it needs.
TO_TITLE: list[dict[str, Any]] = [
    {"stage": "due_diligence"},
    {"stage": "contracted", "price_yuan": 8_000_000, "contract_no": "HT-1"},
    {"stage": "tax_cleared"},
]
TITLE = {"stage": "title_registered", "certificate_no": "渝(2012)大足区不动产权第000009号"}


def days(first: str, last: str | None = None) -> tuple[date, date | None]:
    return date.fromisoformat(first), None if last is None else date.fromisoformat(last)


@dataclass
class Counting:
    """A park, its staff, and the figure of one of its years."""

    client: httpx.AsyncClient
    staff: Headers
    park: dict[str, Any]
    made: int = field(default=0)

    async def send(self, path: str, body: Mapping[str, Any], status: int = 200, **headers: str) -> dict[str, Any]:
        answer = await self.client.post(f"/api/v1/{path}", headers=self.staff | headers, json=body)
        assert answer.status_code == status, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.staff, params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def etag(self, outcome_id: str) -> str:
        return (await self.client.get(f"/api/v1/outcomes/{outcome_id}", headers=self.staff)).headers["etag"]

    async def unit(self, **facts: Any) -> str:
        """A published hall of 1000 m², empty since 2010 on record unless `facts` say otherwise."""
        self.made += 1
        about = {"level": "building", "stated_area": 1000, "stated_area_unit": "m2", "allowed_paths": PATHS}
        about |= {"title_is_registered": True, "mortgage": "none", "is_seized": False, **EMPTY}
        about = {name: value for name, value in (about | facts).items() if value is not None}
        place = box(self.park, about.pop("place", self.made), part=about.pop("part", 1.0))
        return str((await register(self.client, self.staff, self.park, f"C-{self.made}", place, **about))["id"])

    async def plot(self, **facts: Any) -> str:
        """A published bare plot of 15 mu, idle since 2010 on record."""
        about = {"level": "plot", "stated_area": 15, "stated_area_unit": "mu", "land_right": "allocated"}
        return await self.unit(**about | {"idle_basis": "supplied_unused"} | facts)

    async def building(self, *floors: Mapping[str, Any], **facts: Any) -> tuple[str, list[str]]:
        """A building and its floors, of which each says what is particular of it."""
        whole = await self.unit(**facts)
        about = {"level": "floor", "parent_id": whole, "place": self.made, "stated_area": 400}
        made = [await self.unit(**about | {"floor_no": n} | dict(floor)) for n, floor in enumerate(floors, 1)]
        return whole, made

    async def firm(self, **codes: str) -> str:
        self.made += 1
        return str((await self.send("firms", {"name": f"示例企业{self.made}", **codes}, 201))["id"])

    async def open(self, path: str, units: list[str], firm: str, opened_on: date, **about: Any) -> str:
        body = {"path": path, "asset_ids": units, "firm_id": firm, "opened_on": str(opened_on), **about}
        return str((await self.send("outcomes", body, 201))["id"])

    async def step(self, outcome_id: str, status: int = 200, **facts: Any) -> dict[str, Any]:
        return await self.send(f"outcomes/{outcome_id}/stages", facts, status, **{"If-Match": "*"})

    async def signed(self, unit: str, firm: str, first: str, last: str | None = None, **about: Any) -> str:
        """A lease of the unit, or what `path` says, opened and signed ten days before its first day."""
        starts_on, ends_on = days(first, last)
        opened_on = starts_on - 10 * DAY
        facts = {"starts_on": first} | ({} if ends_on is None else {"ends_on": last}) | about
        opened = await self.open(facts.pop("path", "lease"), [unit], firm, opened_on, **facts)
        consent = {"consent_no": "同意-1"} if about.get("path") == "sublease" else {}
        area = {"area_m2": 400} if about.get("path") == "part_use" else {}
        await self.step(opened, stage="signed", signed_on=str(opened_on), **consent, **area)
        return opened

    async def let(self, unit: str, firm: str, first: str, last: str | None = None, **about: Any) -> str:
        """The same, handed over on its first day."""
        facts = {} if (reason := about.pop("reason", None)) is None else {"reason": reason}
        lease = await self.signed(unit, firm, first, last, **about)
        await self.step(lease, stage="handed_over", handed_over_on=first, **facts)
        return lease

    async def sell(self, unit: str, giver: str, taker: str, on: str, **about: Any) -> str:
        """A sale whose title is registered on a day."""
        opened = await self.open("sale", [unit], taker, date.fromisoformat(on) - 10 * DAY, owner_firm_id=giver, **about)
        for stage in (*TO_TITLE, TITLE):
            await self.step(opened, **stage, happened_on=on)
        return opened

    async def end(self, outcome_id: str, on: str) -> dict[str, Any]:
        """The tenant left; the day is its last."""
        return await self.step(outcome_id, stage="ended", ended_on=on)

    async def tenancy(self, outcome_id: str) -> dict[str, Any]:
        items = (await self.get("tenancies", limit=1000))["items"]
        return next(item for item in items if item["outcome_id"] == outcome_id)

    async def renew(self, outcome_id: str, last: str, status: int = 201, **facts: Any) -> str:
        """The tenancy of a deal renewed from the day after its term."""
        place = f"tenancies/{(await self.tenancy(outcome_id))['id']}/renewal"
        return str((await self.send(place, {"ends_on": last, **facts}, status, **{"If-Match": "*"})).get("id"))

    async def verdict(self, outcome_id: str, leaf: str | None = None) -> str:
        """What a deal of one leaf is to the figure, or one leaf of it, with the clause."""
        revivals = (await self.get(f"outcomes/{outcome_id}"))["revivals"]
        (revival,) = [row for row in revivals if leaf in (None, row["asset_id"])]
        return f"{revival['verdict']} {revival['clause']}"

    async def figure(self, year: int, kind: str = "factory", **query: str) -> dict[str, Decimal]:
        """The area counted in a year and that on each line beside it, land in mu; lines of 0 are left out."""
        period = {"from": f"{year}-01-01", "to": f"{year}-12-31", "park": self.park["id"]}
        answer = await self.get("stats/revitalized", **period | query)
        unit = "area_mu" if kind == "land" else "area_m2"
        lines = {"counted": answer[kind], **{name: line[kind] for name, line in answer["beside"].items()}}
        return {name: Decimal(line[unit]) for name, line in lines.items() if Decimal(line[unit])}

    async def close(self, year: int, park: str | None = None) -> None:
        place = f"parks/{park or self.park['id']}/closed-years"
        await self.send(place, {"year": year, "note": "已报区统计局"})

    async def events(self, outcome_id: str) -> list[str]:
        """What was done to a deal, the latest first."""
        return [event["act"] for event in (await self.get(f"outcomes/{outcome_id}/history"))["events"]]
