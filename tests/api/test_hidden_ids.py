"""An id of what the caller may not see is answered as one of nothing: status, field, words, and the statements run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.api.story import NEED, Headers, box, firm_of, lease, register, state_need
from tests.api.test_interests import FIRM, OTHER_STAFF
from tests.conftest import TODAY

STAFF = "demo-shuangqiao"
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY = str(TODAY)
PIN = {"placement": "pinned", "reason": "近"}
VIEWED = {"ranking_id": "{ranking}", "asset_id": "{hall}", "act": "viewed"}
GAS = {"items": [{"item": "gas", "name": "燃气"}]}
REPORT = {"year": 2024, "value": 1, "unit": "yuan", "source": "季报"}
CORRECTION = {"source": "台账", "reason": "错", "stated_idle_since": None, "idle_basis": None}
REQUEST = {"park_id": "{park}", "topic": "power", "request": "增容", "outcome_id": "{id}"}
VISIT = {"park_id": "{park}", "visited_on": DAY, "note": "走访", "outcome_id": "{id}"}
UNIT = {"park_id": "{park}", "code": "H-7", "name": "H-7"}
PART = {"type": "Feature", "geometry": "{box}", "properties": UNIT | {"level": "bay", "parent_id": "{id}"}}
BUILDING = {"type": "Feature", "geometry": "{box}", "properties": UNIT | {"level": "building", "plot_id": "{id}"}}
LEASE = lease(["{hall}"], "{firm}")
FIGURE = {"name": "tax", "value": 1, "unit": "yuan", "per": "year", "starts_on": "2024-01-01"}
AGREED = {"signed_on": DAY, "source": "协议", "indicators": [FIGURE], "replaces": "{id}"}
INTERESTS = "/demands/{demand}/interests"
ON_PLOT = {"properties": {"plot_id": "{id}"}}
PUBLISHED = {"park_id": "{park}", "act": "publish"}
AMENDED = {"park_id": "{park}", "act": "amend"}
NAMELESS = {"asset_id": "{id}", "properties": {"storeys": 2}}
MOVED = {"asset_id": "{hall}", **ON_PLOT}
MERGED = {"sisters": [{"asset_id": "{id}", "revision": 1}], "properties": {"code": "M", "name": "M"}}
SENT = {"stage": "dispatched", "department": "供电所"}
OF_HALL = {"name": "来人", "mail": "asker@example.org", "message": "问", "consent": True}
OF_PARK = OF_HALL | {"park_id": "{park}"}
LINKS = "/enquiries/{enquiry}/links"


def added(unit: dict[str, Any]) -> dict[str, Any]:
    """The same new unit among many."""
    facts = {name: value for name, value in unit["properties"].items() if name != "park_id"}
    return AMENDED | {"new_units": [{"geometry": unit["geometry"], "properties": facts}]}


#: Fields that name what every signed-in caller may read, and what only picks among the rows that a caller reads.
OPEN = {"park_id", "park_ids", "park", "firm_id", "firm", "owner_firm_id", "zone_id"}
PICKING = {("GET", "/tenancies", "asset"), ("GET", "/enquiries", "asset")}
#: Read by the worker, among the units of the park alone.
LATER = {("POST", "/assets/imports/{}/save", "withdrawn")}
#: Who asks, method, address, body, the kind of thing whose id stands for `{id}`, and the field of the refusal.
#: The other names in braces are of things the caller may name.
NAMED: list[tuple[str, str, str, Any, str, str]] = [
    (STAFF, "POST", "/outcomes", lease(["{id}"], "{firm}"), "asset", "asset_ids.0"),
    (STAFF, "POST", "/outcomes", lease(["{hall}", "{id}"], "{firm}"), "asset", "asset_ids.1"),
    (STAFF, "POST", "/outcomes", LEASE | {"demand_id": "{id}"}, "demand", "demand_id"),
    (STAFF, "POST", "/outcomes", LEASE | {"ranking_id": "{id}"}, "ranking", "ranking_id"),
    (FIRM, "POST", "/outcomes", lease(["{id}"], "{firm}"), "asset", "asset_ids.0"),
    (FIRM, "POST", "/outcomes", lease(["{id}"], "{firm}"), "draft", "asset_ids.0"),
    (STAFF, "POST", "/demands/{demand}/pins", PIN | {"asset_id": "{id}"}, "asset", "asset_id"),
    (STAFF, "DELETE", "/demands/{demand}/pins/{id}", None, "asset", ""),
    (STAFF, "POST", "/demands/{id}/pins", PIN | {"asset_id": "{hall}"}, "demand", ""),
    (STAFF, "POST", INTERESTS, VIEWED | {"asset_id": "{id}"}, "asset", "asset_id"),
    (STAFF, "POST", INTERESTS, VIEWED | {"ranking_id": "{id}"}, "ranking", "ranking_id"),
    (FIRM, "POST", INTERESTS, VIEWED | {"asset_id": "{id}"}, "asset", "asset_id"),
    (FIRM, "POST", INTERESTS, VIEWED | {"ranking_id": "{nothing}", "asset_id": "{id}"}, "asset", "ranking_id"),
    (FIRM, "POST", INTERESTS, VIEWED | {"ranking_id": "{id}"}, "their_ranking", "ranking_id"),
    (STAFF, "GET", "/rankings/{ranking}/difference?from={id}", None, "ranking", "from"),
    (FIRM, "GET", "/rankings/{ranking}/difference?from={id}", None, "their_ranking", "from"),
    (STAFF, "GET", "/rankings/{id}/difference?from={ranking}", None, "ranking", ""),
    (STAFF, "POST", "/outcomes/{deal}/approvals", GAS | {"agent_id": "{id}"}, "account", "agent_id"),
    (STAFF, "POST", "/outcomes/{deal}/approvals", GAS | {"agent_id": "{id}"}, "firm_account", "agent_id"),
    (STAFF, "PATCH", "/outcomes/{deal}/approvals/{approval}", {"agent_id": "{id}"}, "account", "agent_id"),
    (STAFF, "PATCH", "/outcomes/{deal}/approvals/{id}", {"note": "补件"}, "approval", ""),
    (STAFF, "POST", "/outcomes/{deal}/agreements", AGREED, "agreement", "replaces"),
    (STAFF, "POST", "/outcomes/{deal}/reports", REPORT | {"indicator_id": "{id}"}, "indicator", "indicator_id"),
    (STAFF, "POST", "/outcomes/{deal}/idle-corrections", CORRECTION | {"asset_id": "{id}"}, "asset", "asset_id"),
    (STAFF, "POST", "/service-requests", REQUEST | {"firm_id": "{firm}"}, "deal", "outcome_id"),
    (FIRM, "POST", "/service-requests", REQUEST, "their_deal", "outcome_id"),
    (STAFF, "POST", "/firms/{firm}/visits", VISIT, "deal", "outcome_id"),
    (STAFF, "POST", "/assets", PART, "asset", "properties.parent_id"),
    (STAFF, "POST", "/assets", BUILDING, "plot", "properties.plot_id"),
    (STAFF, "PATCH", "/assets/{hall}", ON_PLOT, "plot", "properties.plot_id"),
    (STAFF, "POST", "/assets/changes", PUBLISHED | {"asset_ids": ["{id}"]}, "asset", "asset_ids.0"),
    (STAFF, "POST", "/assets/changes", AMENDED | {"rows": [NAMELESS]}, "asset", "rows.0.asset_id"),
    (STAFF, "POST", "/assets/changes", AMENDED | {"rows": [MOVED]}, "plot", "rows.0.properties.plot_id"),
    (STAFF, "POST", "/assets/changes", added(PART), "asset", "new_units.0.properties.parent_id"),
    (STAFF, "POST", "/assets/changes", added(BUILDING), "plot", "new_units.0.properties.plot_id"),
    (STAFF, "POST", "/assets/{hall}/merge", MERGED, "asset", "sisters.0.asset_id"),
    (STAFF, "POST", "/assets/{id}/merge", MERGED, "asset", ""),
    (STAFF, "POST", "/assets/{id}/split", {"parts": [{"properties": {"code": "P", "name": "P"}}]}, "asset", ""),
    (STAFF, "POST", "/assets/{hall}/separations", {"other_id": "{id}", "reason": "相邻"}, "asset", "other_id"),
    (STAFF, "PATCH", "/demands/{id}", {"title": "改"}, "demand", ""),
    (STAFF, "POST", "/demands/{id}/rankings", None, "demand", ""),
    (STAFF, "GET", "/demands/{demand}/assets/{id}/explanation", None, "asset", ""),
    (FIRM, "PATCH", "/demands/{id}", {"title": "改"}, "their_demand", ""),
    (FIRM, "GET", "/rankings/{id}", None, "their_ranking", ""),
    (STAFF, "GET", "/rankings/{id}/replay", None, "ranking", ""),
    (STAFF, "POST", "/tenancies/{id}/left", {"left_on": DAY}, "tenancy", ""),
    (STAFF, "POST", "/outcomes/{id}/stages", {"stage": "signed", "signed_on": DAY}, "deal", ""),
    (STAFF, "POST", "/service-requests/{id}/stages", SENT, "request", ""),
    (STAFF, "DELETE", "/contacts/{id}", None, "contact", ""),
    (STAFF, "DELETE", "/webhooks/{id}", None, "webhook", ""),
    (FIRM, "POST", "/firms/{firm}/mandates/{id}/withdrawal", None, "their_mandate", ""),
    (STAFF, "POST", "/enquiries", OF_HALL | {"asset_id": "{id}"}, "asset", "asset_id"),
    (FIRM, "POST", "/enquiries", OF_HALL | {"asset_id": "{id}"}, "draft", "asset_id"),
    (STAFF, "POST", "/enquiries", OF_PARK | {"demand_id": "{id}"}, "demand", "demand_id"),
    (FIRM, "POST", "/enquiries", OF_PARK | {"demand_id": "{id}"}, "their_demand", "demand_id"),
    (FIRM, "POST", "/enquiries", OF_PARK | {"ranking_id": "{id}"}, "their_ranking", "ranking_id"),
    (STAFF, "POST", LINKS, {"demand_id": "{id}"}, "demand", "demand_id"),
    (STAFF, "POST", LINKS, {"outcome_id": "{id}"}, "deal", "outcome_id"),
    (STAFF, "POST", "/enquiries/{id}/close", {"closed_as": "served"}, "enquiry", ""),
    (STAFF, "GET", "/enquiries/{id}", None, "enquiry", ""),
    (STAFF, "GET", "/enquiries/{id}/visit.ics", None, "enquiry", ""),
    (STAFF, "DELETE", "/enquiries/{id}/person", None, "enquiry", ""),
    (STAFF, "PUT", "/assets/{id}/public-contact", {"office": "处", "mail": "x@example.org"}, "asset", ""),
    (STAFF, "GET", "/assets/{id}/public-contact", None, "asset", ""),
    (STAFF, "GET", "/assets/{id}", None, "asset", ""),
    (STAFF, "GET", "/assets/{id}/history", None, "asset", ""),
    (STAFF, "GET", "/assets/{id}/rights", None, "asset", ""),
    (STAFF, "GET", "/assets/{id}/demands", None, "asset", ""),
    (STAFF, "PATCH", "/assets/{id}", {"properties": {"name": "改"}}, "asset", ""),
    (STAFF, "POST", "/assets/{id}/publish", None, "asset", ""),
    (STAFF, "DELETE", "/assets/{id}?reason=1", None, "asset", ""),
    (STAFF, "GET", "/demands/{id}", None, "demand", ""),
    (STAFF, "GET", "/demands/{id}/pins", None, "demand", ""),
    (STAFF, "GET", "/demands/{id}/interests", None, "demand", ""),
    (STAFF, "GET", "/rankings/{id}/decision-sheet", None, "ranking", ""),
    (STAFF, "GET", "/outcomes/{id}", None, "deal", ""),
    (STAFF, "GET", "/outcomes/{id}/history", None, "deal", ""),
    (STAFF, "GET", "/outcomes/{id}/agreements", None, "deal", ""),
    (STAFF, "POST", "/outcomes/{id}/approvals", {}, "deal", ""),
    (STAFF, "GET", "/papers/outcomes/{id}", None, "deal", ""),
    (STAFF, "GET", "/tenancies/{id}", None, "tenancy", ""),
    (STAFF, "GET", "/service-requests/{id}", None, "request", ""),
    (STAFF, "GET", "/webhooks/{id}", None, "webhook", ""),
    *[
        (STAFF, method, f"/{place}/{{id}}/attachments{query}", None, kind, "")
        for place, kind in (("assets", "asset"), ("outcomes", "deal"), ("service-requests", "request"))
        for method, query in (("GET", ""), ("POST", "?kind=other&file_name=a"))
    ],
    *[
        (FIRM, "GET", f"/{place}/attachments", None, kind, "")
        for place, kind in (("assets/{id}", "asset"), ("outcomes/{id}", "their_deal"))
    ],
    *[
        (who, method, f"/attachments/{{id}}{place}", body, "attachment", "")
        for who in (STAFF, FIRM)
        for method, place, body in (
            ("GET", "", None),
            ("GET", "/content", None),
            ("PATCH", "", {"title": "改"}),
            ("DELETE", "?reason=1", None),
        )
    ],
]


@dataclass
class Named:
    """Requests, with ids in place of `{…}`; ids of hidden things by kind."""

    client: httpx.AsyncClient
    keys: dict[str, Headers]
    ids: dict[str, Any]
    hidden: dict[str, str]
    statements: list[str] = field(default_factory=list)

    async def answer(self, who: str, method: str, place: str, body: Any, named: str) -> tuple[int, Any, list[str]]:
        """Status, what was refused, and the statements that were run, ids in them left out."""
        self.statements.clear()
        ids = self.ids | {"id": named}
        headers = self.keys[who] | {"If-Match": "*"}
        json = {} if body is None else {"json": filled(body, ids)}
        answer = await self.client.request(method, f"/api/v1{filled(place, ids)}", headers=headers, **json)
        return (
            answer.status_code,
            answer.json().get("errors"),
            [UUIDS.sub("…", statement) for statement in self.statements],
        )


def filled(facts: Any, ids: dict[str, Any]) -> Any:
    if isinstance(facts, dict):
        return {name: filled(value, ids) for name, value in facts.items()}
    if isinstance(facts, list):
        return [filled(fact, ids) for fact in facts]
    if isinstance(facts, str) and facts == "{box}":
        return ids["box"]
    return re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), facts) if isinstance(facts, str) else facts


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements of every connection, in their order."""
    statements: list[str] = []
    for name in ("_execute", "execute"):
        monkeypatch.setattr(asyncpg.Connection, name, _noting(getattr(asyncpg.Connection, name), statements))
    yield statements


def _noting(run: Any, statements: list[str]) -> Any:
    async def noted(conn: Any, query: str, *args: Any, **more: Any) -> Any:
        statements.append(query)
        return await run(conn, query, *args, **more)

    return noted


@pytest_asyncio.fixture(loop_scope="session")
async def named(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    hall: dict[str, Any],
    shown: dict[str, Any],
    conn: asyncpg.Connection,
    statements: list[str],
) -> AsyncIterator[Named]:
    other, firm_id = keys[OTHER_STAFF], await firm_of(client, keys)
    parks = (await client.get("/api/v1/parks")).json()["features"]
    elsewhere = next(park for park in parks if park["properties"]["code"] == "dazu-gaoxin")

    async def made(who: Headers, place: str, **body: Any) -> dict[str, Any]:
        answer = await client.post(f"/api/v1{place}", headers=who | {"If-Match": "*"}, json=body or None)
        assert answer.status_code in (200, 201), (place, answer.text)
        document: dict[str, Any] = answer.json()
        return document

    async def draft(who: Headers, district: dict[str, Any], n: int, level: str) -> str:
        facts = {"park_id": district["id"], "level": level, "code": f"H-{n}", "name": "草稿"}
        feature = {"type": "Feature", "geometry": box(district, n, row=9), "properties": facts}
        return str((await made(who, "/assets", **feature))["id"])

    await made(keys[FIRM], f"/firms/{firm_id}/mandates", park_id=park["id"], purposes=["demands"], ends_on="2199-01-01")
    theirs = (await made(staff, "/firms", name="另一家"))["id"]
    need = await made(staff, "/demands", **NEED, firm_id=theirs, listing="published")
    ranking = await made(staff, f"/demands/{need['id']}/rankings")
    hidden_need = await state_need(client, keys[FIRM])
    hidden_ranking = await made(keys[FIRM], f"/demands/{hidden_need}/rankings")
    await conn.execute("SET search_path = panhuo, public")

    async def supervised(who: Headers, district: dict[str, Any], code: str, n: int, firm: str) -> dict[str, str]:
        facts = {"level": "building", "stated_area": 900, "stated_area_unit": "m2"}
        unit = await register(client, who, district, code, box(district, n, row=10), **facts)
        outcome_id = (await made(who, "/outcomes", **lease([unit["id"]], firm)))["id"]
        terms = {"signed_on": "2024-01-01", "source": "协议", "indicators": [FIGURE]}
        agreement = await made(who, f"/outcomes/{outcome_id}/agreements", **terms)
        await made(who, f"/outcomes/{outcome_id}/approvals", items=[{"item": "water", "name": "取水许可"}])
        approval = await conn.fetchval("SELECT id FROM approval WHERE outcome_id = $1", outcome_id)
        indicator = agreement["indicators"][0]["id"]
        return {"deal": outcome_id, "agreement": agreement["id"], "indicator": indicator, "approval": str(approval)}

    own = await supervised(staff, park, "H-1", 1, firm_id)
    foreign = await supervised(other, elsewhere, "H-1", 1, theirs)
    their_outcome = await supervised(staff, park, "H-2", 2, theirs)
    officer = {"park_id": elsewhere["id"], "name": "专员"}
    query = {"park_id": elsewhere["id"], "firm_id": theirs, "topic": "power", "request": "增容"}
    of_other = {"park_id": park["id"], "purposes": ["firm"], "ends_on": "2199-01-01", "source": "授权书"}
    await made(other, "/enquiries", **OF_HALL, park_id=elsewhere["id"])
    await made(keys[FIRM], "/enquiries", **OF_HALL, park_id=park["id"])
    of_enquiry = "SELECT id::text FROM enquiry WHERE park_id = $1"
    hidden = {
        **foreign,
        "enquiry": await conn.fetchval(of_enquiry, elsewhere["id"]),
        "asset": await draft(other, elsewhere, 3, "building"),
        "draft": await draft(staff, park, 4, "building"),
        "plot": await draft(other, elsewhere, 5, "plot"),
        "demand": hidden_need,
        "ranking": hidden_ranking["id"],
        "their_demand": need["id"],
        "their_ranking": ranking["id"],
        "their_deal": their_outcome["deal"],
        "account": await conn.fetchval("SELECT id::text FROM account WHERE login = $1", OTHER_STAFF),
        "firm_account": await conn.fetchval("SELECT id::text FROM account WHERE login = $1", FIRM),
        "tenancy": await conn.fetchval("SELECT min(id::text) FROM tenancy WHERE park_id = $1", elsewhere["id"]),
        "request": (await made(other, "/service-requests", **query))["id"],
        "contact": (await made(other, f"/firms/{theirs}/officer", **officer))["contact_id"],
        "webhook": (await made(other, "/webhooks", url="https://192.0.43.8/", park_id=elsewhere["id"]))["id"],
        "attachment": await planted_attachment(conn, elsewhere["id"]),
        "their_mandate": (await made(keys["demo-admin"], f"/firms/{theirs}/mandates", **of_other))["id"],
    }
    ids = own | {"firm": firm_id, "park": park["id"], "hall": hall["id"], "demand": shown["demand"]["id"]}
    me = (await client.get("/api/v1/auth/me", headers=staff)).json()["id"]
    ids["enquiry"] = await conn.fetchval(f"{of_enquiry} AND firm_id IS NOT NULL", park["id"])
    ids |= {"staff": me, "ranking": shown["id"], "nothing": str(uuid4()), "box": box(park, 7, row=9)}
    yield Named(client, keys, ids, hidden, statements)


async def planted_attachment(conn: asyncpg.Connection, park_id: str) -> str:
    """The id of a file that only the staff of a park read."""
    return str(
        await conn.fetchval(
            "INSERT INTO attachment (park_id, id, is_of_park, kind, readers, file_name, media_type, size_bytes, "
            "sha256) VALUES ($1, gen_random_uuid(), true, 'other', 'staff', 'a', 'text/plain', 1, repeat('0', 64)) "
            "RETURNING id",
            park_id,
        )
    )


async def test_hidden_and_unknown_are_answered_alike(named: Named) -> None:
    differing = {}
    for who, method, place, body, kind, at in NAMED:
        unknown, hidden = [
            await named.answer(who, method, place, body, item) for item in (str(uuid4()), named.hidden[kind])
        ]
        (status, faults, ran), (_, _, ran_too) = unknown, hidden
        if unknown != hidden or status not in (404, 409, 422) or faults[0]["field"] != at:
            differing[f"{who} {method} {place} {kind}"] = (unknown[:2], hidden[:2], at, differences(ran, ran_too))

    assert differing == {}


async def test_every_field_that_takes_an_id_is_in_the_table(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    schemas, taken = document["components"]["schemas"], set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            bodies = operation.get("requestBody", {"content": {}})["content"].values()
            names = {name for body in bodies for name in ids_in(body["schema"], schemas, "")}
            names |= {
                parameter["name"]
                for parameter in operation["parameters"]
                if parameter["in"] == "query" and ids_in(parameter["schema"], schemas, "-")
            }
            place = re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1"))
            taken |= {(method.upper(), place, name) for name in names - OPEN}

    named = {
        (method, re.sub(r"\{\w+\}", "{}", place.partition("?")[0]), re.sub(r"\.\d+$", "", at).split(".")[-1])
        for _, method, place, _, _, at in NAMED
    }

    assert len(taken) > 15
    assert taken - named == PICKING | LATER


def ids_in(schema: Any, schemas: dict[str, Any], name: str) -> set[str]:
    """The fields below a schema that hold ids."""
    if isinstance(schema, list):
        return {result for item in schema for result in ids_in(item, schemas, name)}
    if not isinstance(schema, dict):
        return set()
    if schema.get("format") == "uuid":
        return {name}
    result = ids_in(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, name) if "$ref" in schema else set()
    for field_name, item in schema.get("properties", {}).items():
        result |= ids_in(item, schemas, field_name)
    return result | {
        item for key in ("items", "anyOf", "oneOf", "allOf") for item in ids_in(schema.get(key), schemas, name)
    }


def differences(first: list[str], other: list[str]) -> list[str]:
    """The statements that only one of two answers ran."""
    return [text[:80] for text in first + other if first.count(text) != other.count(text)]


async def test_what_the_caller_may_name_is_not_refused_for_it(named: Named) -> None:
    """The bodies of the table would be taken with an id that the caller may name: it is the id that is refused."""
    own = {"asset": "hall", "demand": "demand", "ranking": "ranking", "deal": "deal", "agreement": "agreement"}
    own |= {"indicator": "indicator", "account": "staff", "approval": "approval"}
    unknown = {}
    for who, method, place, body, kind, at in NAMED:
        if who == STAFF and kind in own and at and at not in ("asset_ids.1", "other_id"):
            _, faults, _ = await named.answer(who, method, place, body, named.ids[own[kind]])
            unknown[f"{method} {place} {at}"] = [fault["code"] for fault in faults or ()]

    assert len(unknown) > 12
    assert [key for key, codes in unknown.items() if {"unknown_reference", "no_such"} & {*codes}] == []
