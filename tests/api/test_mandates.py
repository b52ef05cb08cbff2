"""Who writes for a firm: itself, an admin, staff by its mandate; until its first account who registered it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from actions import demand as demand_actions
from actions.account import add_account
from actions.authorization import new_id
from actions.mandate import withdraw_mandate
from domain.actor import Actor
from domain.errors import Conflict, Forbidden, Invalid
from domain.words import Role
from store import mandate
from store.db import Database
from tests.api.story import NEED, Headers, firm_of, lease, state_need
from tests.api.test_counting import PARENT
from tests.api.test_interests import FIRM, OTHER_STAFF
from tests.conftest import TODAY, Dazu

ADMIN = "demo-admin"
LAST = str(TODAY + timedelta(days=30))
BOTH = ("firm", "demands")


@dataclass
class Case:
    """The demo's firm 智鼎, which has an account and was registered by the other park; and the staff of 双桥."""

    client: httpx.AsyncClient
    keys: dict[str, Headers]
    park_id: str
    firm_id: str
    demand_id: str

    async def send(self, who: str, method: str, place: str, **more: Any) -> httpx.Response:
        headers = self.keys[who] | {"If-Match": "*", "Accept-Language": "en"}
        return await self.client.request(method, f"/api/v1{place}", headers=headers, **more)

    async def give(self, *purposes: str, who: str = FIRM, **more: Any) -> httpx.Response:
        facts = {"park_id": self.park_id, "purposes": list(purposes), "ends_on": LAST} | more
        return await self.send(who, "POST", f"/firms/{self.firm_id}/mandates", json=facts)

    def acts(self) -> dict[str, tuple[str, str, Any]]:
        """Every act in the firm's name: method, address, body."""
        demand = f"/demands/{self.demand_id}"
        return {
            "rename": ("PATCH", f"/firms/{self.firm_id}", {"name": "改了名的公司"}),
            "recode": ("PATCH", f"/firms/{self.firm_id}", {"industry_code": "3752", "parent_credit_code": None}),
            "post": ("POST", "/demands", NEED | {"firm_id": self.firm_id, "listing": "published"}),
            "amend": ("PATCH", demand, {"audience": "public"}),
            "rank": ("POST", f"{demand}/rankings?limit=1", None),
            "interest": ("POST", f"{demand}/interests", None),
            "withdraw": ("POST", f"{demand}/withdraw", None),
        }

    async def outcomes(self, who: str, **interest: Any) -> dict[str, tuple[int, str]]:
        """Status of each act, with the code of its refusal."""
        answers = {}
        for name, (method, place, body) in self.acts().items():
            body = interest if name == "interest" else body
            answer = await self.send(who, method, place, **({} if body is None else {"json": body}))
            code = "" if answer.is_success else answer.json()["errors"][0]["code"]
            answers[name] = (answer.status_code, code)
        return answers


@pytest.fixture
async def case(
    client: httpx.AsyncClient, keys: dict[str, Headers], park: dict[str, Any], shown: dict[str, Any]
) -> Case:
    return Case(client, keys, park["id"], await firm_of(client, keys), shown["demand"]["id"])


def interest(hall: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    return {"ranking_id": shown["id"], "asset_id": hall["id"], "act": "viewed"}


async def test_staff_without_a_mandate_write_nothing_in_a_firms_name(
    case: Case, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    """Neither a strange park nor the one that registered the firm, once it has an account."""
    place = f"/firms/{case.firm_id}"
    before = [(await case.send(FIRM, "GET", item)).text for item in (place, f"/demands/{case.demand_id}")]

    for who in ("demo-shuangqiao", OTHER_STAFF):
        answers = await case.outcomes(who, **interest(hall, shown))
        assert set(answers.values()) == {(403, "mandate_needed")}, answers

    refused = await case.send("demo-shuangqiao", "PATCH", place, json={"name": "改名"})
    assert "POST /api/v1/firms/…/mandates" in refused.json()["detail"]
    chinese = await case.client.patch(
        f"/api/v1{place}", headers=case.keys["demo-shuangqiao"] | {"If-Match": "*"}, json={"name": "改名"}
    )
    assert "授权" in chinese.json()["detail"]
    after = [(await case.send(FIRM, "GET", item)).text for item in (place, f"/demands/{case.demand_id}")]
    assert after == before


async def test_a_mandate_lets_the_staff_of_that_park_write_for_its_purpose(
    case: Case, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    mandate = await case.give("demands")
    assert mandate.status_code == 201, mandate.text

    answers = await case.outcomes("demo-shuangqiao", **interest(hall, shown))
    others = await case.outcomes(OTHER_STAFF, **interest(hall, shown))

    assert {name for name, answer in answers.items() if answer == (403, "mandate_needed")} == {"rename", "recode"}
    assert {answers[name][0] for name in ("post", "rank", "interest")} == {201}, answers
    assert {answers[name][0] for name in ("amend", "withdraw")} == {200}, answers
    assert {status for status, _ in others.values()} == {403, 404}  # the need is withdrawn by now

    assert (await case.give("firm")).status_code == 201
    answers = await case.outcomes("demo-shuangqiao", **interest(hall, shown))
    assert [answers[name][0] for name in ("rename", "recode")] == [200, 200]


async def test_a_mandate_ends_when_it_is_withdrawn_and_after_its_last_day(case: Case, conn: asyncpg.Connection) -> None:
    rename = ("demo-shuangqiao", "PATCH", f"/firms/{case.firm_id}")
    body = (await case.give(*BOTH)).json()
    once = {"Idempotency-Key": "one-name"}
    case.keys["once"] = case.keys["demo-shuangqiao"] | once
    assert (await case.send("once", *rename[1:], json={"name": "甲"})).status_code == 200

    place = f"/firms/{case.firm_id}/mandates/{body['id']}/withdrawal"
    withdrawn = await case.send(FIRM, "POST", place)
    assert (withdrawn.status_code, withdrawn.json()["is_in_force"]) == (200, False)

    assert (await case.send(*rename, json={"name": "乙"})).status_code == 403
    assert (await case.send("once", *rename[1:], json={"name": "甲"})).status_code == 403  # not even a repetition
    again = await case.send(FIRM, "POST", place)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "mandate_withdrawn")

    await case.give("firm")
    assert (await case.send(*rename, json={"name": "丙"})).status_code == 200
    await conn.execute("UPDATE panhuo.mandate SET ends_on = $1", TODAY)
    assert (await case.send(*rename, json={"name": "丁"})).status_code == 200
    await conn.execute("UPDATE panhuo.mandate SET ends_on = $1", TODAY - timedelta(days=1))
    assert (await case.send(*rename, json={"name": "戊"})).status_code == 403
    acts = [
        row["act"] for row in await conn.fetch("SELECT act FROM panhuo.event WHERE act LIKE 'mandate.%' ORDER BY at")
    ]
    assert acts == ["mandate.given", "mandate.withdrawn", "mandate.given"]


async def test_the_database_takes_no_mandate_from_staff(case: Case, dazu: Dazu) -> None:
    """Rights in code out of the way, also in an act that writes the firm's scope."""
    park_id = UUID(case.park_id)
    staff = Actor(new_id(), Role.staff, frozenset({park_id}))

    with pytest.raises(Forbidden):
        async with dazu.db.write(staff, UUID(case.firm_id)) as act:
            await mandate.hold(act)
            await mandate.insert(act, new_id(), park_id, ["firm"], TODAY, None)


#: $1 a firm. What writes in its name, or makes it the caller's.
IN_A_FIRMS_NAME = (
    "UPDATE firm SET name = name WHERE id = $1",
    "UPDATE firm SET registering_park_id = {park} WHERE id = $1",
    "UPDATE demand SET title = title WHERE firm_id = $1",
    "INSERT INTO demand SELECT * FROM demand WHERE firm_id = $1 LIMIT 1",
    "INSERT INTO ranking SELECT * FROM ranking WHERE firm_id = $1 LIMIT 1",
    "INSERT INTO interest SELECT * FROM interest WHERE firm_id = $1 LIMIT 1",
)


async def test_the_database_takes_nothing_from_staff_without_a_mandate(
    case: Case, dazu: Dazu, hall: dict[str, Any], shown: dict[str, Any], conn: asyncpg.Connection
) -> None:
    """By plain SQL in an act that writes the firm's scope; with a mandate all of it."""
    seen = await case.send(FIRM, "POST", f"/demands/{case.demand_id}/interests", json=interest(hall, shown))
    assert seen.status_code == 201, seen.text
    firm_id, park_id = UUID(case.firm_id), UUID(case.park_id)
    staff = Actor(new_id(), Role.staff, frozenset({park_id}))

    assert await reached(dazu, staff, firm_id) == set()
    await conn.execute(
        "DELETE FROM panhuo.api_key WHERE account_id IN (SELECT id FROM panhuo.account WHERE firm_id = $1)", firm_id
    )
    await conn.execute("UPDATE panhuo.account SET role = 'admin', firm_id = NULL WHERE firm_id = $1", firm_id)
    assert await reached(dazu, staff, firm_id) == set()  # nor of one without an account, which another park keeps
    await conn.execute(
        "INSERT INTO panhuo.mandate (firm_id, id, park_id, purposes, ends_on, recorded_at) "
        "VALUES ($1, $1, $2, '{firm,demands}', $3, now())",
        firm_id,
        park_id,
        TODAY,
    )
    assert await reached(dazu, staff, firm_id) == set(IN_A_FIRMS_NAME)


async def reached(dazu: Dazu, staff: Actor, firm_id: UUID) -> set[str]:
    """The statements that the database lets staff do in an act of this firm; each is rolled back."""
    let_through = set()
    for statement in IN_A_FIRMS_NAME:
        text = statement.format(park=f"'{next(iter(staff.park_ids))}'")
        with suppress(Forbidden, Undone):
            try:
                async with dazu.db.write(staff, firm_id) as act:
                    await act.fix_instant()
                    done = await act.conn.execute(text, firm_id)
                    raise Undone(done)
            except Undone as done:
                if not str(done).endswith(" 0"):
                    let_through.add(statement)
            except (Conflict, Invalid):  # the row is there already: constraints come after policies
                let_through.add(statement)
    return let_through


class Undone(Exception):
    """Rolls an act back."""


async def test_the_database_takes_no_firm_of_another_park_from_staff(case: Case, dazu: Dazu) -> None:
    park_id, other_id = UUID(case.park_id), new_id()
    staff = Actor(new_id(), Role.staff, frozenset({park_id}))
    for keeper in (other_id, None):
        with pytest.raises(Forbidden):
            async with dazu.db.write(staff, other_id) as act:
                await act.fix_instant()
                await act.conn.execute(
                    "INSERT INTO firm (id, name, registering_park_id, search, spelling) VALUES ($1, 'x', $2, '', '')",
                    other_id,
                    keeper,
                )


async def test_a_parent_is_not_said_without_a_source_by_a_mandate_withdrawn_meanwhile(
    case: Case, dazu: Dazu, conn: asyncpg.Connection, hall: dict[str, Any]
) -> None:
    """Their deal lets them say it with a source; the mandate, without one, holds no more."""
    opened = await case.send("demo-shuangqiao", "POST", "/outcomes", json=lease([hall["id"]], case.firm_id))
    assert opened.status_code == 201, opened.text
    body = (await case.give("firm")).json()
    firm_id = UUID(case.firm_id)
    staff_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = 'demo-shuangqiao'")
    staff = Actor(staff_id, Role.staff, frozenset({UUID(case.park_id)}))
    speaker_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = $1", FIRM)
    firm = Actor(speaker_id, Role.firm, firm_id=firm_id)
    lock = conn.transaction()
    await lock.start()
    await conn.execute("SELECT FROM panhuo.firm WHERE id = $1 FOR NO KEY UPDATE", firm_id)

    withdrawing = asyncio.create_task(withdraw_mandate(dazu.db, firm, firm_id, UUID(body["id"]), once=None))
    await waiting(conn, 1)
    parent = {"parent_credit_code": PARENT}
    amending = asyncio.create_task(demand_actions.amend_firm(dazu.db, staff, firm_id, parent, if_match="*", once=None))
    await waiting(conn, 2)
    await lock.rollback()

    assert (await withdrawing).status == 200
    with pytest.raises(Forbidden, match="mandate_needed"):
        await amending


async def test_no_act_slips_in_behind_a_withdrawal(case: Case, dazu: Dazu, conn: asyncpg.Connection) -> None:
    """An act of staff that waits while the mandate is withdrawn finds it withdrawn."""
    body = (await case.give(*BOTH)).json()
    staff_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = 'demo-shuangqiao'")
    staff = Actor(staff_id, Role.staff, frozenset({UUID(case.park_id)}))
    speaker_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = $1", FIRM)
    firm = Actor(speaker_id, Role.firm, firm_id=UUID(case.firm_id))
    lock = conn.transaction()
    await lock.start()
    await conn.execute("SELECT FROM panhuo.firm WHERE id = $1 FOR NO KEY UPDATE", UUID(case.firm_id))

    withdrawing = asyncio.create_task(withdraw_mandate(dazu.db, firm, UUID(case.firm_id), UUID(body["id"]), once=None))
    await waiting(conn, 1)
    amending = asyncio.create_task(
        demand_actions.amend_demand(dazu.db, staff, UUID(case.demand_id), {"title": "改"}, if_match="*", once=None)
    )
    await waiting(conn, 2)
    await lock.rollback()

    assert (await withdrawing).status == 200
    with pytest.raises(Forbidden, match="mandate_needed"):
        await amending


async def test_no_act_of_the_registering_park_slips_in_behind_the_first_account(
    case: Case, dazu: Dazu, conn: asyncpg.Connection
) -> None:
    firm_id = UUID((await case.send("demo-shuangqiao", "POST", "/firms", json={"name": "新企业"})).json()["id"])
    staff_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = 'demo-shuangqiao'")
    staff = Actor(staff_id, Role.staff, frozenset({UUID(case.park_id)}))
    making = conn.transaction()
    await making.start()
    await conn.execute(
        "INSERT INTO panhuo.account (id, login, password_hash, role, firm_id) VALUES ($1, 'first', '-', 'firm', $1)",
        firm_id,
    )

    amending = asyncio.create_task(
        demand_actions.amend_firm(dazu.db, staff, firm_id, {"name": "改名"}, if_match="*", once=None)
    )
    await waiting(conn, 1)
    await making.commit()

    with pytest.raises(Forbidden, match="mandate_needed"):
        await amending


async def waiting(conn: asyncpg.Connection, sessions: int) -> None:
    """Until so many sessions of the service wait for a lock."""
    for _ in range(150):
        await conn.execute("SELECT pg_stat_clear_snapshot()")
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        if await conn.fetchval(query) >= sessions:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_the_registering_park_keeps_a_firm_until_its_first_account(
    case: Case, db: Database, conn: asyncpg.Connection, hall: dict[str, Any], shown: dict[str, Any]
) -> None:
    made = await case.send("demo-shuangqiao", "POST", "/firms", json={"name": "没有账号的公司"})
    case.firm_id = made.json()["id"]
    assert made.json()["registering_park_id"] == case.park_id
    need = NEED | {"firm_id": case.firm_id, "listing": "published"}
    posted = await case.send("demo-shuangqiao", "POST", "/demands", json=need)
    case.demand_id = posted.json()["id"]
    ranked = await case.send("demo-shuangqiao", "POST", f"/demands/{case.demand_id}/rankings?limit=100")
    about = {"ranking_id": ranked.json()["id"], "asset_id": hall["id"], "act": "viewed"}

    strangers = await case.outcomes(OTHER_STAFF, **about)
    keepers = await case.outcomes("demo-shuangqiao", **about)

    assert set(strangers.values()) == {(403, "mandate_needed")}
    assert {status for status, _ in keepers.values()} == {200, 201}
    admin_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = $1", ADMIN)
    firm_id = UUID(case.firm_id)
    await add_account(
        db, Actor(admin_id, Role.admin), login="first", password="Vq7-nebel-38-turm", role=Role.firm, firm_id=firm_id
    )
    rename = await case.send("demo-shuangqiao", "PATCH", f"/firms/{case.firm_id}", json={"name": "改名"})
    assert (rename.status_code, rename.json()["errors"][0]["code"]) == (403, "mandate_needed")
    assert (await case.send(ADMIN, "PATCH", f"/firms/{case.firm_id}", json={"name": "改名"})).status_code == 200


async def test_a_park_that_has_a_deal_says_the_parent_with_its_source(case: Case, hall: dict[str, Any]) -> None:
    place = f"/firms/{case.firm_id}"
    parent = {"parent_credit_code": PARENT, "parent_credit_code_source": "国家企业信用信息公示系统"}

    async def code(who: str, body: dict[str, Any]) -> tuple[int, str, str]:
        answer = await case.send(who, "PATCH", place, json=body)
        fault = {"field": "", "code": ""} if answer.is_success else answer.json()["errors"][0]
        return answer.status_code, fault["field"], fault["code"]

    assert await code("demo-shuangqiao", parent) == (403, "", "mandate_needed")
    opened = await case.send("demo-shuangqiao", "POST", "/outcomes", json=lease([hall["id"]], case.firm_id))
    assert opened.status_code == 201, opened.text

    missing = {"parent_credit_code": PARENT}
    assert await code("demo-shuangqiao", missing) == (422, "parent_credit_code_source", "missing")
    assert await code("demo-shuangqiao", parent | {"name": "改名"}) == (403, "", "mandate_needed")
    assert await code("demo-shuangqiao", parent) == (200, "", "")
    read = (await case.send("demo-shuangqiao", "GET", place)).json()
    assert {name: read[name] for name in parent} == parent
    assert await code(FIRM, {"parent_credit_code": None}) == (200, "", "")  # the firm itself needs no source
    assert (await case.send(FIRM, "GET", place)).json()["parent_credit_code_source"] is None

    off = await case.send(
        "demo-shuangqiao",
        "POST",
        f"/outcomes/{opened.json()['id']}/stages",
        json={"stage": "withdrawn", "reason": "不谈了"},
    )
    assert off.status_code == 200, off.text
    assert await code("demo-shuangqiao", parent) == (403, "", "mandate_needed")


async def test_who_gives_mandates_and_who_sees_them(case: Case) -> None:
    paper = {"source": "授权委托书原件", "who": ADMIN}
    nobody = "00000000-0000-7000-8000-000000000000"

    async def refused(answer: httpx.Response) -> tuple[int, str, str]:
        fault = answer.json()["errors"][0]
        return answer.status_code, fault["field"], fault["code"]

    assert await refused(await case.give("firm", who="demo-shuangqiao")) == (403, "", "not_yours")
    assert await refused(await case.give("firm", who=ADMIN)) == (422, "source", "missing")
    assert await refused(await case.give("firm", ends_on="2020-01-01")) == (422, "ends_on", "in_the_past")
    assert await refused(await case.give("firm", park_id=nobody)) == (422, "park_id", "unknown_reference")
    assert await refused(await case.give("keys")) == (422, "purposes.0", "not_in_vocabulary")
    assert (await case.give()).status_code == 422
    missing = await case.send(ADMIN, "POST", f"/firms/{nobody}/mandates/{nobody}/withdrawal")
    assert await refused(missing) == (404, "", "no_such")
    other = await case.send("demo-shuangqiao", "POST", "/firms", json={"name": "别家"})
    of_other = {"park_id": case.park_id, "purposes": ["firm"], "ends_on": LAST}
    theirs = await case.send(FIRM, "POST", f"/firms/{other.json()['id']}/mandates", json=of_other)
    assert await refused(theirs) == (403, "", "not_yours")

    own, written = (await case.give("firm")).json(), (await case.give(*BOTH, **paper)).json()
    assert (own["source"], written["source"], own["is_in_force"]) == (None, paper["source"], True)
    missing = await case.send(FIRM, "POST", f"/firms/{case.firm_id}/mandates/{nobody}/withdrawal")
    assert await refused(missing) == (404, "", "no_such")

    async def seen(who: str, query: str = "") -> list[str]:
        return [item["id"] for item in (await case.send(who, "GET", f"/mandates{query}")).json()["items"]]

    for who in (FIRM, "demo-shuangqiao", ADMIN):
        assert await seen(who) == [own["id"], written["id"]]
        assert await seen(who, f"?firm={case.firm_id}&park={case.park_id}&limit=1") == [own["id"]]
    assert await seen(OTHER_STAFF) == []
    assert (await case.client.get("/api/v1/mandates")).status_code == 401
    assert (await case.client.get("/api/v1/mandates?parks=1", headers=case.keys[FIRM])).status_code == 400


async def test_staff_of_several_parks_say_which_one_registers(
    case: Case, db: Database, conn: asyncpg.Connection
) -> None:
    parks = [row["id"] for row in await conn.fetch("SELECT id FROM panhuo.park ORDER BY id")]
    account_id = await conn.fetchval("SELECT id FROM panhuo.account WHERE login = 'demo-shuangqiao'")
    staff = Actor(account_id, Role.staff, frozenset(parks))

    with pytest.raises(Exception, match="missing park_id"):
        await demand_actions.add_firm(db, staff, name="两园区", once=None)
    made = await demand_actions.add_firm(db, staff, name="两园区", park_id=parks[0], once=None)

    assert f'"registering_park_id":"{parks[0]}"' in made.body
    elsewhere = await case.send(OTHER_STAFF, "POST", "/firms", json={"name": "替人登记", "park_id": case.park_id})
    assert elsewhere.status_code == 403


async def test_the_mandated_need_is_the_firms_own(case: Case) -> None:
    """What staff post by a mandate stands in the firm's own list and feed."""
    await case.give("demands")
    posted = await case.send("demo-shuangqiao", "POST", "/demands", json=case.acts()["post"][2])
    items = (await case.send(FIRM, "GET", f"/demands?firm={case.firm_id}")).json()["items"]
    assert posted.json()["id"] in [item["id"] for item in items]
    drafted = await case.send("demo-shuangqiao", "POST", "/demands", json=NEED | {"firm_id": case.firm_id})
    assert drafted.json()["errors"][0]["code"] == "staff_post_published"
    draft = await state_need(case.client, case.keys[FIRM])
    hidden = await case.send("demo-shuangqiao", "PATCH", f"/demands/{draft}", json={"title": "看不到的"})
    assert hidden.status_code == 404
