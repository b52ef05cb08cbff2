"""Conditional requests: a tag covers all that is shown and the coding it is sent in; conditions are lists of tags."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from actions.daily_update import run_daily_update
from tests.api.story import Headers, box, lease, register, state_need
from tests.api.test_supervision import let, posted
from tests.conftest import TODAY, Dazu

WHOLE, GZIPPED = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}
MALFORMED = ["1", '"1" "2"', '*, "1"', '"1", 2']


async def test_a_light_that_turns_has_another_tag(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], dazu: Dazu
) -> None:
    case = await let(client, keys, park)
    await posted(case, "milestones", stage="retrofit", planned_on=str(TODAY + timedelta(days=10)))
    green = await client.get(case.place, headers=case.staff)
    known = case.staff | {"If-None-Match": green.headers["etag"]}
    assert (await client.get(case.place, headers=known)).status_code == 304

    await run_daily_update(dazu.db, today=TODAY + timedelta(days=50))

    yellow = await client.get(case.place, headers=known)
    assert (green.json()["light"], yellow.json()["light"]) == ("green", "yellow")
    assert (yellow.status_code, green.json() | {"light": "yellow"}) == (200, yellow.json())
    assert yellow.headers["etag"] != green.headers["etag"]
    kept = await client.post(
        f"{case.place}/stages",
        headers=case.staff | {"If-Match": green.headers["etag"]},
        json={"stage": "retrofit", "amount_yuan": 1, "happened_on": str(TODAY)},
    )
    assert kept.status_code == 200, "nobody changed the record since it was read"


async def test_what_callers_see_differently_has_different_tags(
    client: httpx.AsyncClient, keys: dict[str, Headers], hall: dict[str, Any]
) -> None:
    firm = keys["demo-zhiding"]
    demand_id = await state_need(client, firm, listing="published", audience="public", accepted_paths=["lease"])
    for place in (f"/api/v1/demands/{demand_id}", f"/api/v1/assets/{hall['id']}", "/api/v1/assets?limit=1000"):
        reader = firm if "demands" in place else keys["demo-shuangqiao"]
        public, own = await client.get(place), await client.get(place, headers=reader)
        assert public.json() != own.json(), place
        assert public.headers["etag"] != own.headers["etag"], place
        again = await client.get(place, headers=reader | {"If-None-Match": public.headers["etag"]})
        assert (again.status_code, again.json()) == (200, own.json()), place
        again = await client.get(place, headers=reader | {"If-None-Match": own.headers["etag"]})
        assert (again.status_code, again.headers["etag"]) == (304, own.headers["etag"]), place


async def test_the_clock_has_a_tag_for_each_language_and_obeys_it(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    plot = await register(client, staff, park, "C-9", box(park, 0), level="plot")
    place, facts = f"/api/v1/assets/{plot['id']}/idle-clock", {"source": "出让合同", "agreed_start_on": "2022-03-01"}
    early = await client.put(place, headers=staff | {"If-Match": '"1"'}, json=facts)
    assert early.status_code == 412, "nothing was stated yet"
    assert (await client.put(place, headers=staff, json=facts)).status_code == 200

    zh, en = [await client.get(place, headers=staff | {"Accept-Language": item}) for item in ("zh", "en")]

    assert zh.headers["etag"] != en.headers["etag"]
    assert "Accept-Language" in zh.headers["vary"]
    known = staff | {"If-None-Match": zh.headers["etag"]}
    assert (await client.get(place, headers=known | {"Accept-Language": "zh"})).status_code == 304
    assert (await client.get(place, headers=known | {"Accept-Language": "en"})).status_code == 200
    changed = await client.put(place, headers=staff | {"If-Match": en.headers["etag"]}, json=facts)
    assert changed.status_code == 200, changed.text


async def test_codings_have_tags_of_their_own(client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]) -> None:
    place = f"/api/v1/assets/{hall['id']}"
    for read in (place, "/api/v1/assets?limit=50", "/docs/swagger-ui-bundle.js"):
        whole, gzipped = [(await client.get(read, headers=item)).headers["etag"] for item in (WHOLE, GZIPPED)]
        assert gzipped == f'{whole[:-1]}-gzip"', read
        for accepted, known, status, sent in (
            (WHOLE, whole, 304, whole),
            (GZIPPED, gzipped, 304, gzipped),
            (GZIPPED, f'"x", W/{whole}', 304, whole),  # it is acceptable, and what the caller has
            (WHOLE, gzipped, 200, whole),  # it is not acceptable
            (GZIPPED, "*", 304, gzipped),
        ):
            answer = await client.get(read, headers=accepted | {"If-None-Match": known})
            assert (answer.status_code, answer.headers["etag"]) == (status, sent), (read, accepted, known)
            assert "accept-encoding" in answer.headers["vary"].lower(), (read, accepted, known)

    for n, accepted in enumerate((WHOLE, GZIPPED)):
        tag = (await client.get(place, headers=accepted)).headers["etag"]
        amended = await client.patch(
            place, headers=staff | {"If-Match": tag}, json={"properties": {"name": f"改名{n}"}}
        )
        assert amended.status_code == 200, amended.text


async def test_a_condition_may_be_a_list_on_several_lines(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]
) -> None:
    place = f"/api/v1/assets/{hall['id']}"

    async def amended(*lines: str) -> int:
        headers = [*staff.items(), *(("If-Match", line) for line in lines)]
        answer = await client.patch(place, headers=headers, json={"properties": {"name": "改名"}})
        return answer.status_code

    async def read(*lines: str) -> int:
        headers = [*staff.items(), *(("If-None-Match", line) for line in lines)]
        return (await client.get(place, headers=headers)).status_code

    def tag(answer: httpx.Response) -> str:
        return answer.headers["etag"]

    seen = tag(await client.get(place, headers=staff))
    assert await read(seen, '"x"') == await read('"x"', seen) == await read(f'"x" , {seen},"y"') == 304
    assert await read("*") == await read(f"W/{seen}") == 304
    assert await read('"x"', '"y"') == await read("") == 200

    assert await amended(f"W/{seen}") == await amended('"x"', '"y"') == await amended("") == 412
    assert await amended(seen, '"x"') == 200
    assert await amended('"x"', tag(await client.get(place, headers=staff))) == 200
    assert await amended(f'"x",,{tag(await client.get(place, headers=staff))}') == 200
    assert await amended(seen) == 412
    assert await amended("*") == 200
    assert (await client.get(place, headers=staff | {"If-Match": seen})).status_code == 412


@pytest.mark.parametrize("value", MALFORMED)
async def test_a_condition_that_is_no_list_of_tags_is_named(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], value: str
) -> None:
    place, body = f"/api/v1/assets/{hall['id']}", {"properties": {"name": "改名"}}
    answers = {
        "If-Match": await client.patch(place, headers=staff | {"If-Match": value}, json=body),
        "If-None-Match": await client.get(place, headers={"If-None-Match": value}),
    }

    for header, answer in answers.items():
        fault = answer.json()["errors"][0]
        assert (answer.status_code, fault["code"], fault["field"]) == (400, "tags_form", header)


async def test_an_act_answers_with_the_tag_that_a_read_gives(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], conn: asyncpg.Connection
) -> None:
    staff, firm = keys["demo-shuangqiao"], keys["demo-zhiding"]
    hall = await register(client, staff, park, "T-1", box(park, 0), level="building")
    firm_id = (await client.get("/api/v1/auth/me", headers=firm)).json()["firm_id"]
    need = {"title": "厂房", "kinds": ["factory"], "accepted_paths": ["lease"]}
    question = {"park_id": park["id"], "topic": "other", "request": "停车"}
    zone = {"type": "Feature", "geometry": box(park, 3), "properties": {"code": "tagged", "name_zh": "园中园"}}

    for caller, where, body in (
        (staff, "/api/v1/outcomes", lease([hall["id"]], firm_id)),
        (staff, "/api/v1/firms", {"name": "示例"}),
        (firm, "/api/v1/demands", need),
        (firm, "/api/v1/service-requests", question),
        (staff, f"/api/v1/parks/{park['id']}/zones", zone),
    ):
        made = await client.post(where, headers=caller, json=body)
        assert made.status_code == 201, made.text
        place = made.headers["location"]
        assert (await client.get(place, headers=caller)).headers["etag"] == made.headers["etag"], where
        if "-requests" not in where and "parks" not in where and "outcomes" not in where:
            changed = {"title": "新厂房"} if "demands" in where else {"name": "示例二"}
            made = await client.patch(place, headers=caller | {"If-Match": made.headers["etag"]}, json=changed)
            assert made.status_code == 200, made.text
            assert (await client.get(place, headers=caller)).headers["etag"] == made.headers["etag"], where
