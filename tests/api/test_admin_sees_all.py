"""An admin who names no park sees every park: whatever a park's staff are listed, the admin is listed too."""

from __future__ import annotations

import json
from typing import Any

from tests.api.district import ADMIN, District, SampleRequest
from tests.api.requests import REQUESTS

STAFF = ("demo-shuangqiao", "demo-dazu-gaoxin")
#: What each caller has for itself, and the feed, of which an admin names the parks.
OWN = {"list_keys", "follow_events"}
#: Lists of what the public does not see: without them the test would show nothing.
HIDDEN = {
    "list_outcomes",
    "list_tenancies",
    "list_requests",
    "list_visits",
    "list_webhooks",
    "list_interests",
    "firm_officers",
}


def rows(body: Any) -> set[str]:
    """Of each row of a list its id, or the whole where it has none."""
    items = body.get("items", body.get("features", [])) if isinstance(body, dict) else []
    return {item.get("id") or json.dumps(item, sort_keys=True) for item in items}


async def listed(district: District, request: SampleRequest, login: str) -> set[str]:
    answer = await district.send(
        SampleRequest(request.operation, request.parameters, request.body, district.keys[login])
    )
    return rows(answer.json()) if answer.status_code == 200 else set()


async def test_every_list(district: District) -> None:
    shown: set[str] = set()
    lacking = {}
    for name, make in REQUESTS.items():
        method, path, facts = district.operation(name)
        if method != "GET" or name in OWN or "application/json" not in str(facts["responses"]["200"]):
            continue
        made = await make(district)
        left_out = {"park", "limit"} | (set() if "{stage}" in path else {"stage"})
        parameters = {key: value for key, value in made.parameters.items() if key not in left_out}
        if "limit" in (parameter["name"] for parameter in facts["parameters"]):
            parameters["limit"] = 10_000 if name != "rank" else 20
        request = SampleRequest(name, parameters)
        everything = await listed(district, request, ADMIN)
        shown |= {name} if everything else set()
        for login in STAFF:
            own = await listed(district, request, login)
            if own - everything:
                lacking[name, login] = len(own - everything)

    assert lacking == {}
    assert shown >= HIDDEN


async def test_papers(district: District) -> None:
    counts = {}
    for login in (ADMIN, *STAFF):
        paper = await district.client.get("/api/v1/papers/outcomes?format=csv", headers=district.keys[login])
        counts[login] = len(paper.text.splitlines())
    month = {}
    for park in (None, district.park["id"]):
        query = "" if park is None else f"&park={park}"
        place = f"/api/v1/papers/month?month=2025-06&format=xlsx{query}"
        month[park] = (await district.client.get(place, headers=district.keys[ADMIN])).content

    assert min(counts.values()) > 3
    assert counts[ADMIN] > max(counts[login] for login in STAFF)
    assert len(month[None]) > len(month[district.park["id"]])


async def test_one_record_of_any_park(district: District) -> None:
    for login in STAFF:
        for name in ("outcomes", "tenancies", "assets"):
            items = await listed(district, SampleRequest(f"list_{name}"), login)
            for item in sorted(items)[:3]:
                read = await district.client.get(f"/api/v1/{name}/{item}", headers=district.keys[ADMIN])
                assert read.status_code == 200, (name, item)
