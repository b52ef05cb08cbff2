"""A request of every operation that is answered as it should be: the examples of the description are made of them, and
the bad inputs start from them.

One function an operation; each makes what it needs anew, so that it can be asked any number of times.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tests.api.test_story import Headers, box, firm_of
from tests.conftest import TODAY

ADMIN, STAFF, FIRM = "demo-admin", "demo-shuangqiao", "demo-zhiding"


@dataclass(frozen=True)
class Asked:
    """A request: its operation, parameters by name and body; headers say who asks."""

    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Headers | None = None  # the admin's where none are given


@dataclass
class District:
    """The demo's district, its operations by id, and what a request begins with: a unit, a firm, a need, a lease."""

    client: httpx.AsyncClient
    keys: Mapping[str, Headers]
    document: dict[str, Any]
    park: dict[str, Any]
    firm_id: str
    passwords: Mapping[str, str]
    made: int = 0

    async def send(self, asked: Asked, *, text: str | None = None) -> httpx.Response:
        """The answer; `text` goes in place of the body. A parameter nobody told of stands in the query."""
        method, path, told = self.operation(asked.operation)
        places = {one["name"]: one["in"] for one in told["parameters"]}
        given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for name, value in asked.parameters.items():
            given[places.get(name, "query")][name] = value
        address = path.format(
            **{name: quote(str(value), safe="", errors="surrogatepass") for name, value in given["path"].items()}
        )
        query = urlencode(given["query"], errors="surrogatepass")
        headers: dict[str, Any] = dict(self.keys[ADMIN] if asked.headers is None else asked.headers)
        headers |= {name: str(value).encode("utf-8", "surrogatepass") for name, value in given["header"].items()}
        if asked.body is not None:
            text = json.dumps(asked.body) if text is None else text
            headers["Content-Type"] = "application/json"
        return await self.client.request(
            method, f"{address}?{query}" if query else address, headers=headers, content=text
        )

    def operation(self, name: str) -> tuple[str, str, dict[str, Any]]:
        """Method, address and description of an operation."""
        return next(
            (method.upper(), path, told)
            for path, methods in self.document["paths"].items()
            for method, told in methods.items()
            if told["operationId"] == name
        )

    async def done(self, asked: Asked) -> dict[str, Any]:
        answer = await self.send(asked)
        assert answer.is_success, (asked, answer.text)
        body: dict[str, Any] = answer.json()
        return body

    async def seen(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The parameters of a change to what this operation reads: its id, and the revision it is at."""
        headers = self.keys[FIRM] if operation == "read_demand" else None  # a draft is the firm's alone to read
        read = await self.send(Asked(operation, parameters, headers=headers))
        assert read.status_code == 200, (operation, read.text)
        return parameters | {"If-Match": read.headers["etag"]}

    def code(self, before: str) -> str:
        """A code that nothing has yet."""
        self.made += 1
        return f"{before}-{self.made:03}"

    async def unit(self, *, is_published: bool = False) -> str:
        unit_id = str((await self.done(await register_asset(self)))["id"])
        if is_published:
            await self.done(Asked("publish_asset", {"asset_id": unit_id, "If-Match": "*"}))
        return unit_id

    async def demand(self, *, listing: str = "draft") -> str:
        asked = await post_demand(self)
        asked.body["listing"] = listing
        return str((await self.done(asked))["id"])

    async def lease(self) -> str:
        return str((await self.done(await open_outcome(self)))["id"])


async def district(
    client: httpx.AsyncClient, keys: dict[str, Headers], accounts: Mapping[str, Mapping[str, Any]]
) -> District:
    parks = (await client.get("/api/v1/parks")).json()["features"]
    park = next(one for one in parks if one["properties"]["code"] == "shuangqiao")
    document = (await client.get("/api/v1/openapi.json")).json()
    passwords = {login: str(account["password"]) for login, account in accounts.items()}
    return District(client, keys, document, park, await firm_of(client, keys), passwords)


Make = Callable[[District], Awaitable[Asked]]
#: Operation → what makes a request of it, in the order a district works in.
REQUESTS: dict[str, Make] = {}
#: Requests of operations that have one already, with another body.
ALSO: dict[str, Make] = {}


def request(make: Make) -> Make:
    REQUESTS[make.__name__] = make
    return make


def day(days: int) -> str:
    return str(TODAY + timedelta(days=days))


@request
async def live(_: District) -> Asked:
    return Asked("live")


@request
async def ready(_: District) -> Asked:
    return Asked("ready")


@request
async def metrics(_: District) -> Asked:
    return Asked("metrics")


@request
async def openapi(_: District) -> Asked:
    return Asked("openapi")


@request
async def log_in(of: District) -> Asked:
    return Asked("log_in", body={"login": STAFF, "password": of.passwords[STAFF]}, headers={})


@request
async def refresh(of: District) -> Asked:
    tokens = await of.done(await log_in(of))
    return Asked("refresh", body={"refresh_token": tokens["refresh_token"]}, headers={})


@request
async def me(of: District) -> Asked:
    return Asked("me", headers=of.keys[STAFF])


@request
async def add_key(_: District) -> Asked:
    return Asked("add_key", body={"label": "园区平台对接", "expires_on": day(365)})


@request
async def list_keys(_: District) -> Asked:
    return Asked("list_keys")


@request
async def revoke_key(of: District) -> Asked:
    return Asked("revoke_key", {"key_id": (await of.done(await add_key(of)))["id"]})


@request
async def log_out(of: District) -> Asked:
    token = (await of.done(await log_in(of)))["access_token"]
    return Asked("log_out", headers={"Authorization": f"Bearer {token}"})


@request
async def list_industries(_: District) -> Asked:
    return Asked("list_industries", {"q": "375", "limit": 2})


@request
async def list_schemes(_: District) -> Asked:
    return Asked("list_schemes")


@request
async def list_parks(_: District) -> Asked:
    return Asked("list_parks", {"limit": 1})


@request
async def read_park(of: District) -> Asked:
    return Asked("read_park", {"park_id": of.park["id"]})


@request
async def add_park(of: District) -> Asked:
    facts = {"code": of.code("park"), "name_zh": "示例产业园", "name_en": "Example Industrial Park"}
    facts |= {"leading_industries": ["3752"], "negative_list": ["25"], "is_chemical_park": False}
    return Asked("add_park", body=_feature(box(of.park, -80), facts))


@request
async def add_zone(of: District) -> Asked:
    facts = {"code": of.code("zone"), "name_zh": "摩托车零部件园", "leading_industries": ["3752"]}
    return Asked("add_zone", {"park_id": of.park["id"]}, _feature(box(of.park, 0), facts))


@request
async def list_assets(_: District) -> Asked:
    about = {"kind": "factory", "availability": "available", "area_m2_min": 1000, "path": "lease"}
    return Asked("list_assets", about | {"sort": "-area_m2", "limit": 1})


@request
async def register_asset(of: District) -> Asked:
    facts = {"park_id": of.park["id"], "level": "building", "code": of.code("SQ-F-9"), "name": "9 号标准厂房"}
    facts |= {"stated_area": 1800, "stated_area_unit": "m2", "clear_height_m": 9.2, "clear_height_at": "under_beam"}
    facts |= {"floor_load_kn_m2": 10, "power_kva": 630, "fire_hazard_class": "D", "rent_yuan_m2_month": 9.5}
    facts |= {"allowed_paths": ["lease", "equity_swap"], "available_from": day(0), "idle_basis": "vacant_building"}
    facts |= {"title_is_registered": True, "mortgage": "none", "is_seized": False}
    works = {"rule": "H5", "up_to": 1000, "cost_yuan": 120000, "days": 40, "source": "报价单", "payer": "业主"}
    facts |= {"works": [works], "attributes": {"dock_doors": 2, "has_sprinklers": True, "structure": "门式刚架"}}
    return Asked("register_asset", body=_feature(box(of.park, 0), facts))


@request
async def read_asset(of: District) -> Asked:
    return Asked("read_asset", {"asset_id": await of.unit()})


@request
async def amend_asset(of: District) -> Asked:
    changed = {"properties": {"rent_yuan_m2_month": 8.8, "available_from": None}}
    return Asked("amend_asset", await of.seen("read_asset", asset_id=await of.unit()), changed)


@request
async def publish_asset(of: District) -> Asked:
    return Asked("publish_asset", await of.seen("read_asset", asset_id=await of.unit()))


@request
async def withdraw_asset(of: District) -> Asked:
    return Asked("withdraw_asset", await of.seen("read_asset", asset_id=await of.unit(is_published=True)))


@request
async def asset_history(of: District) -> Asked:
    return Asked("asset_history", {"asset_id": await of.unit()})


@request
async def asset_rights(of: District) -> Asked:
    deals = await of.done(Asked("list_outcomes", {"park": of.park["id"], "stage": "trial_production"}))
    unit_id = deals["items"][0]["assets"][0]["asset_id"]
    return Asked("asset_rights", {"asset_id": unit_id, "on": "2024-07-01"})


@request
async def add_firm(_: District) -> Asked:
    return Asked("add_firm", body={"name": "重庆示例灯具有限公司", "industry_code": "3872"})


@request
async def list_firms(_: District) -> Asked:
    return Asked("list_firms", {"q": "智鼎", "limit": 1})


@request
async def read_firm(of: District) -> Asked:
    return Asked("read_firm", {"firm_id": (await of.done(await add_firm(of)))["id"]})


@request
async def amend_firm(of: District) -> Asked:
    firm_id = (await of.done(await add_firm(of)))["id"]
    return Asked("amend_firm", await of.seen("read_firm", firm_id=firm_id), {"industry_code": "3874"})


@request
async def post_demand(of: District) -> Asked:
    need = _need() | {"title": "灯具塑料件厂房", "firm_id": of.firm_id, "listing": "draft", "audience": "parks"}
    return Asked("post_demand", body=need)


@request
async def list_demands(of: District) -> Asked:
    return Asked("list_demands", {"firm": of.firm_id, "limit": 1})


@request
async def read_demand(of: District) -> Asked:
    return Asked("read_demand", {"demand_id": await of.demand(listing="published")})


@request
async def amend_demand(of: District) -> Asked:
    changed = {"floor_area_m2_max": 2500, "need_on": None}
    return Asked("amend_demand", await of.seen("read_demand", demand_id=await of.demand()), changed)


@request
async def publish_demand(of: District) -> Asked:
    return Asked("publish_demand", await of.seen("read_demand", demand_id=await of.demand()))


@request
async def withdraw_demand(of: District) -> Asked:
    return Asked("withdraw_demand", await of.seen("read_demand", demand_id=await of.demand(listing="published")))


@request
async def rank_need(_: District) -> Asked:
    return Asked("rank_need", {"limit": 1}, _need())


@request
async def rank_demand(of: District) -> Asked:
    return Asked("rank_demand", {"demand_id": await of.demand(), "limit": 1})


@request
async def list_rankings(of: District) -> Asked:
    asked = await rank_demand(of)
    await of.done(asked)
    return Asked("list_rankings", asked.parameters)


@request
async def read_ranking(of: District) -> Asked:
    return Asked("read_ranking", {"ranking_id": (await of.done(await rank_demand(of)))["id"]})


@request
async def open_outcome(of: District) -> Asked:
    lease = {"path": "lease", "asset_ids": [await of.unit(is_published=True)], "firm_id": of.firm_id}
    lease |= {"starts_on": day(0), "ends_on": day(1095), "output_yuan_year": 30_000_000, "tax_yuan_year": 1_200_000}
    return Asked("open_outcome", body=lease)


@request
async def list_outcomes(of: District) -> Asked:
    return Asked("list_outcomes", {"park": of.park["id"], "stage": "handed_over", "limit": 1})


@request
async def read_outcome(of: District) -> Asked:
    return Asked("read_outcome", {"outcome_id": await of.lease()})


@request
async def step_outcome(of: District) -> Asked:
    signed = {"stage": "signed", "signed_on": day(0), "rent_yuan_m2_month": 9}
    return Asked("step_outcome", await of.seen("read_outcome", outcome_id=await of.lease()), signed)


@request
async def outcome_history(of: District) -> Asked:
    return Asked("outcome_history", {"outcome_id": await of.lease()})


@request
async def list_tenancies(of: District) -> Asked:
    return Asked("list_tenancies", {"park": of.park["id"], "limit": 1})


@request
async def revitalized(_: District) -> Asked:
    return Asked("revitalized", {"from": "2025-01-01", "to": "2025-06-30"})


async def propose_swap(of: District) -> Asked:
    owner_id = (await of.done(await add_firm(of)))["id"]
    swap = {"path": "equity_swap", "asset_ids": [await of.unit(is_published=True)], "firm_id": of.firm_id}
    return Asked("open_outcome", body=swap | {"owner_firm_id": owner_id, "tax_yuan_year": 15_000_000})


async def appraise_swap(of: District) -> Asked:
    swap = {"outcome_id": (await of.done(await propose_swap(of)))["id"], "If-Match": "*"}
    await of.done(Asked("step_outcome", swap, {"stage": "due_diligence", "happened_on": day(0)}))
    valued = {"stage": "valuation", "happened_on": day(0), "appraiser": "示例评估", "appraisal_method": "成本法"}
    return Asked("step_outcome", swap, valued | {"appraised_yuan": 12_000_000, "appraisal_valid_until": day(364)})


ALSO |= {"propose_swap": propose_swap, "appraise_swap": appraise_swap}


def _feature(square: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    ring = [[round(x, 6), round(y, 6)] for x, y in square["coordinates"][0]]
    return {"type": "Feature", "properties": facts, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _need() -> dict[str, Any]:
    need: dict[str, Any] = {"kinds": ["factory"], "accepted_paths": ["lease"], "product_codes": ["3872", "2929"]}
    need |= {"floor_area_m2_min": 1500, "floor_area_m2_pref": 1800, "floor_area_m2_max": 2200}
    need |= {"clear_height_m_min": 8, "power_kva_min": 400, "rent_yuan_m2_month_max": 12, "need_on": day(60)}
    need["attributes"] = {"products": ["LED 灯具"], "lease_years": 3}
    return need | {"importances": {"size": 3, "industry": 4, "cost": 5}}
