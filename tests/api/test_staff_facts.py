"""What a column's comment marks `[staff]` reaches no firm and no stranger: not as a value, a name, a filter, a weight.

The list is the database's own, so a field that is newly marked is planted and sought like the others.
The rows of a deal, a need, a tenancy are open to the firm they are of, firms to whoever is signed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from actions.account import add_account
from api.app import ROUTES
from api.bodies import READ_ONLY
from api.queries import DifferenceQuery, RankQuery, RevivalTableQuery, fields_of
from domain.actor import SYSTEM
from domain.words import Path, Role
from tests.api.story import Headers, box, register
from tests.conftest import Dazu

Columns = dict[str, dict[str, str]]
#: Tables whose rows are documents of this service; a firm's own rows lie open to it, and firms to the signed-in.
OWN_ROWS = {"demand", "interest", "milestone", "outcome", "outcome_asset", "tenancy"}
#: What a firm reads of the events of its own scope; who acted and what changed stays the staff's.
OWN_EVENTS = {("event", "act"), ("event", "at"), ("event", "subject_kind")}
#: What a firm reads of the verdict on its own deal; who was there before and why a year changed stays the staff's.
OWN_VERDICT = {("revival", "clause"), ("revival", "version"), ("revival", "idle_ground")}
#: Staff facts that decide H12 where a title moves, and nothing else. Source: model R1 §5.2.
DECIDE_TITLE = {"mortgage", "is_seized"}
FIRM = "demo-zhiding"
NEED: dict[str, Any] = {"kinds": ["land", "factory"], "product_codes": ["3752"], "floor_area_m2_min": 10}
NEED |= {"accepted_paths": [path.value for path in Path], "land_area_m2_min": 10, "rent_yuan_m2_month_max": 900}
#: Which id stands for which parameter of a route.
IDS = {
    "kind": "SELECT DISTINCT kind FROM scheme ORDER BY kind",
    "asset_id": "SELECT id FROM asset WHERE listing = 'published' ORDER BY id LIMIT 12",
    "park_id": "SELECT id FROM park_visible ORDER BY id",
    "firm_id": "SELECT id FROM firm ORDER BY id LIMIT 3",
    "demand_id": "SELECT id FROM demand ORDER BY id",
    "outcome_id": "SELECT id FROM outcome ORDER BY id LIMIT 5",
    "tenancy_id": "SELECT id FROM tenancy ORDER BY id LIMIT 5",
    "request_id": "SELECT id FROM service_request ORDER BY id LIMIT 3",
    "ranking_id": "SELECT id FROM ranking ORDER BY id",
    "webhook_id": "SELECT id FROM webhook ORDER BY id",
    "batch_id": "SELECT id FROM batch ORDER BY id",
    "import_id": "SELECT id FROM import ORDER BY id",
    "attachment_id": "SELECT id FROM attachment ORDER BY id",
    "enquiry_id": "SELECT id FROM enquiry ORDER BY id",
    "stage": "SELECT DISTINCT kind FROM milestone ORDER BY kind LIMIT 3",
}
#: Of what the demo has none.
WEBHOOK = """INSERT INTO webhook (scope_id, id, account_id, url, cursor_rev, cursor_n)
SELECT p.id, gen_random_uuid(), a.id, 'https://receiver.example/', 0, 0 FROM park AS p, account AS a
WHERE p.code = 'shuangqiao' AND a.login = 'demo-shuangqiao'"""
INTEREST = """INSERT INTO interest
  (park_id, id, asset_id, firm_id, demand_id, ranking_id, was_shown, act, happened_on, refused_for, note)
SELECT a.park_id, gen_random_uuid(), a.id, r.firm_id, r.demand_id, r.id, true, 'refused', '2025-06-30', 'H10', 'rent'
FROM ranking AS r JOIN demand AS d ON d.id = r.demand_id AND d.listing = 'published',
  (SELECT asset.park_id, asset.id FROM asset JOIN park AS p ON p.id = asset.park_id
   WHERE p.code = 'shuangqiao' AND listing = 'published' LIMIT 1) AS a"""
PIN = """INSERT INTO pin (park_id, demand_id, asset_id, firm_id, placement, reason, note)
SELECT DISTINCT i.park_id, i.demand_id, i.asset_id, i.firm_id, 'pinned', 'for the firm', 'for the park'
FROM interest AS i"""


async def marked(conn: asyncpg.Connection, mark: str) -> Columns:
    """Table → column → type, of those whose comment ends with the mark."""
    rows = await conn.fetch(
        """SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type
           FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
           WHERE c.relnamespace = 'panhuo'::regnamespace AND c.relkind = 'r' AND a.attgenerated = ''
             AND col_description(c.oid, a.attnum) LIKE '%[' || $1 || ']' ORDER BY c.relname, a.attnum""",
        mark,
    )
    results: Columns = {}
    for row in rows:
        results.setdefault(row["relname"], {})[row["attname"]] = row["type"]
    return results


def candidates(kind: str, n: int) -> list[tuple[str, str]]:
    """SQL values of a type with the text they would show as; the first that a column's constraints take is planted.

    Empty: words and flags show as nothing of their own, so they are sought by the names of their columns.
    """
    year, day = 2100 + n, f"{2100 + n % 90}-{n % 12 + 1:02}-{n % 28 + 1:02}"
    match kind:
        case "numeric":
            return [(text, text) for text in (f"97531{n:03}.8", f"9753{n:03}.8")]
        case "integer" | "bigint":
            return [(text, text) for text in (f"97531{n:03}", f"975{n:03}")]
        case "date":
            return [(f"'{day}'", day)]
        case "daterange":
            return [(f"'[{day},)'", day)]
        case "timestamp with time zone":
            return [(f"'{year}-01-02 03:04:05+00'", f"{year}-01-02T03:04:05")]
        case "text":
            return [(f"'\"planted-{n:03}\"'", f"planted-{n:03}")]
        case "text[]":
            return [(f"ARRAY['planted-{n:03}']", f"planted-{n:03}")]
        case "jsonb":
            text = f"planted-{n:03}"
            preference = f'"item": "crane_t", "at_least": 1, "name": "{text}"'
            place = f'[{{"lon": 106, "lat": 29, {preference}}}]'  # such lists are read when it is ranked
            return [(f"'{{\"{text}\": 1}}'", text), (f"'{place}'", text), (f"'[\"{text}\"]'", text)]
    return []


async def plant(conn: asyncpg.Connection, columns: Columns, where: str = "true") -> dict[tuple[str, str], str]:
    """Puts a value of its own into every such column that can take one; table and column → the text to look for."""
    planted, n = {}, 0
    await conn.execute("SET session_replication_role = replica")  # no trigger, no foreign key; checks hold
    for table, kinds in columns.items():
        for column, kind in kinds.items():
            n += 1
            for value, text in candidates(kind, n):
                try:
                    await conn.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
                except asyncpg.PostgresError:
                    continue
                planted[table, column] = text
                break
    await conn.execute("SET session_replication_role = origin")
    await conn.execute("UPDATE asset SET feature = asset_feature(asset)")
    return planted


async def ids_in(conn: asyncpg.Connection, columns: Columns, *, tables: set[str] | None = None) -> set[str]:
    """Every UUID that stands in these columns: they are as unmistakable as what is planted."""
    result: set[str] = set()
    for table, kinds in columns.items():
        for column, kind in kinds.items():
            if kind in ("uuid", "uuid[]") and (tables is None or table in tables):
                value = column if kind == "uuid" else f"unnest({column})"
                result |= {str(row[0]) for row in await conn.fetch(f"SELECT DISTINCT {value} FROM {table}")}
    return result - {"None", str(UUID(int=0))}


@dataclass(frozen=True)
class Planted:
    """The staff's columns, what stands in them to be looked for, and where to look."""

    columns: Columns
    texts: dict[tuple[str, str], str]
    ids: dict[frozenset[str], set[str]]
    places: list[str]
    own_firm: str

    def hidden_from(self, open_tables: set[str]) -> set[str]:
        """What a caller who may read these tables' rows must still never meet."""
        open_columns = OWN_EVENTS if open_tables else set()
        open_columns = open_columns | (OWN_VERDICT if "outcome" in open_tables else set())
        texts = {text for key, text in self.texts.items() if key[0] not in open_tables and key not in open_columns}
        return texts | self.ids[frozenset(open_tables)]


@pytest.fixture
async def stranger(dazu: Dazu, client: httpx.AsyncClient, staff: Headers) -> Headers:
    """A firm that has nothing to do with any deal."""
    made = await client.post("/api/v1/firms", headers=staff, json={"name": "外来公司"})
    facts = {"login": "stranger", "password": "a-long-password"}
    await add_account(dazu.db, SYSTEM, **facts, role=Role.firm, firm_id=UUID(made.json()["id"]))
    token = (await client.post("/api/v1/auth/login", json=facts)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def planted(
    dazu: Dazu, client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, stranger: Headers
) -> Planted:
    """Every staff column of every row planted, two needs of the firm and a kept ranking beside them."""
    for listing, audience in (("draft", "parks"), ("published", "public")):
        need = NEED | {"title": audience, "listing": listing, "audience": audience}
        posted = await client.post("/api/v1/demands", headers=keys[FIRM], json=need)
        ranked = await client.post(f"/api/v1/demands/{posted.json()['id']}/rankings", headers=keys[FIRM])
        assert ranked.status_code == 201, ranked.text
    client.event_hooks = {}  # what is planted stands in no document that is described
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    try:
        await conn.execute(WEBHOOK)
        await conn.execute(INTEREST)
        await conn.execute(PIN)
        columns = await marked(conn, "staff")
        texts = await plant(conn, columns)
        public = await ids_in(conn, await marked(conn, "public"))
        firms = await ids_in(conn, columns, tables={"firm"})
        own = await ids_in(conn, columns, tables=OWN_ROWS | {"service_request"})
        every = await ids_in(conn, columns) - public
        ids = {
            frozenset[str](): every,
            frozenset({"firm"}): every - firms,
            frozenset({"firm", *OWN_ROWS}): every - firms - own,
        }
        known = {name: [row[0] for row in await conn.fetch(query)] for name, query in IDS.items()}
    finally:
        await conn.close()
    me = (await client.get("/api/v1/auth/me", headers=keys[FIRM])).json()
    return Planted(columns, texts, ids, list(places(known)), me["firm_id"])


def places(known: dict[str, list[UUID]]) -> Iterator[str]:
    """Every address that is read with GET, as the application itself lists them; a new parameter needs its ids.

    Left out is what callers read of their own account: its id stands in the events of what they did; and the pages
    that are made of files alone.
    """
    read = [route for route in ROUTES if "GET" in route.http_methods and "hidden" not in route.opt]
    for route in (route for route in read if "auth" not in (route.tags or ())):
        request = {field.encode_name for field in fields_of(route.opt["query"])} if "query" in route.opt else set()
        most = "100" if route.opt.get("query") is RankQuery else "1000"
        values = {"limit": most, "from": "2025-01-01", "to": "2199-12-31", "year": "2025", "month": "2025-06"}
        if route.opt.get("query") is DifferenceQuery:  # there `from` is the ranking to compare with
            values["from"] = str(known["ranking_id"][0])
        if issubclass(route.opt.get("query", object), RevivalTableQuery):  # of one park
            values["park"] = str(known["park_id"][0])
        query = "&".join(f"{name}={value}" for name, value in values.items() if name in request)
        for path in route.paths:
            names = re.findall(r"{(\w+):\w+}", path)
            for ids in product(*(known[name] for name in names)):
                yield re.sub(r"{.*?}", "{}", path).format(*ids) + (f"?{query}" if query else "")


async def read_all(client: httpx.AsyncClient, headers: Headers, where: list[str]) -> dict[str, str]:
    """What every address answers this caller, and two rankings for a need in the body, in either language."""
    facts = {}
    for place in where:
        answer = await client.get(place, headers=headers)
        assert answer.status_code in (200, 401, 403, 404, 409, 422), (
            place,
            answer.text,
        )  # 422: a planted need weighs nothing
        facts[place] = answer.text
    for language in ("zh", "en"):
        query = headers | {"Accept-Language": language}
        answer = await client.post("/api/v1/rankings?limit=100", headers=query, json=NEED)
        assert answer.status_code == 200, answer.text
        facts[f"ranking {language}"] = answer.text
    return facts


def met(facts: dict[str, str], hidden: set[str]) -> list[tuple[str, str]]:
    return [(place, text) for place, answer in facts.items() for text in hidden if text in answer]


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in names_in(item)}
    return {name for item in value for name in names_in(item)} if isinstance(value, list) else set()


async def test_what_is_planted_is_met_by_staff_alone(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, stranger: Headers, planted: Planted
) -> None:
    shown_to_staff = "".join((await read_all(client, staff, planted.places)).values())
    readable = {key: text for key, text in planted.texts.items() if key[0] in {"asset", *OWN_ROWS}}
    followers = [("milestone", "reason")]  # of a milestone that was taken back, told in the deal's history
    followers += [("outcome_asset", "recorded_at")]
    assert [key for key, text in readable.items() if text not in shown_to_staff] == followers
    assert planted.hidden_from({"firm", *OWN_ROWS}) >= {
        text for (table, _), text in readable.items() if table == "asset"
    }

    assert met(await read_all(client, {}, planted.places), planted.hidden_from(set())) == []
    assert met(await read_all(client, stranger, planted.places), planted.hidden_from({"firm"})) == []
    of_requests = {text for (table, _), text in planted.texts.items() if table == "service_request"}  # its own are open
    hidden = planted.hidden_from({"firm", *OWN_ROWS}) - of_requests
    assert met(await read_all(client, keys[FIRM], planted.places), hidden) == []


async def test_no_answer_names_a_staff_field(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, stranger: Headers, planted: Planted
) -> None:
    """What a constraint lets nobody plant, a word or a flag, is sought by its name."""
    of_units, of_needs = set(planted.columns["asset"]), set(planted.columns["demand"])
    assert of_units <= names_in((await client.get("/api/v1/assets?limit=1000", headers=staff)).json())
    assert of_needs <= names_in((await client.get("/api/v1/demands", headers=keys[FIRM])).json())

    for headers in ({}, stranger, keys[FIRM]):
        facts = await read_all(client, headers, [place for place in planted.places if "/assets" in place])
        texts = {place: text for place, text in facts.items() if ".xlsx" not in place}  # columns are those of the CSV
        named = {name for place, text in texts.items() if ".csv" not in place for name in names_in(json.loads(text))}
        heads = [answer.partition("\r\n")[0].split(",") for place, answer in facts.items() if ".csv" in place]
        assert named.union(*heads) & of_units == set()
    for headers in ({}, stranger):
        needs = (await client.get("/api/v1/demands?limit=1000", headers=headers)).json()
        assert {"public", "parks"} & {item["title"] for item in needs["items"]} == {"public"}
        assert names_in(needs) & of_needs == set()
        of_the_firm = await client.get(f"/api/v1/demands?firm={planted.own_firm}", headers=headers)
        assert of_the_firm.json()["items"] == []


async def test_no_list_is_filtered_or_sorted_by_a_staff_field(
    client: httpx.AsyncClient, stranger: Headers, planted: Planted
) -> None:
    for table, route in (("asset", "/api/v1/assets"), ("demand", "/api/v1/demands")):
        for column in planted.columns[table]:
            for name in (column, f"{column}_min", f"{column}_max"):
                for headers in ({}, stranger):
                    answer = await client.get(f"{route}?{name}=1", headers=headers)
                    fault = answer.json()["errors"][0]
                    assert (answer.status_code, fault["field"], fault["code"]) == (400, name, "unknown_parameter")
            for word in (column, f"-{column}"):
                answer = await client.get(f"{route}?sort={word}")
                assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "sort")


async def test_staff_facts_are_not_named_as_invented(
    dazu: Dazu, client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    """A name in `illustrative` would tell that the fact is there; what the service computes is stated by nobody."""
    conn = await asyncpg.connect(dazu.superuser_url)
    stated = sorted(set((await marked(conn, "staff"))["asset"]) - READ_ONLY)
    await conn.close()

    hall = await register(client, staff, park, "I-1", box(park, 0), level="building", illustrative=[*stated, "name"])
    place = f"/api/v1/assets/{hall['id']}"

    assert stated
    assert (await client.get(place)).json()["properties"]["illustrative"] == ["name"]


async def twins(client: httpx.AsyncClient, staff: Headers, park: dict[str, Any], *facts: dict[str, Any]) -> list[str]:
    """Units alike in all but the facts given of each; their ids."""
    common = {
        "level": "building",
        "stated_area": 1800,
        "stated_area_unit": "m2",
        "clear_height_m": 9,
        "price_yuan_m2": 5,
    }
    common |= {"rent_yuan_m2_month": 9, "property_fee_yuan_m2_month": 1, "title_is_registered": True}
    common |= {"allowed_paths": ["lease", "sale"]}
    made = [await register(client, staff, park, f"Z-{n}", box(park, n), **common, **own) for n, own in enumerate(facts)]
    return [item["id"] for item in made]


async def need_and_ranking(
    client: httpx.AsyncClient, headers: Headers, ids: list[str], path: str, *, is_kept: bool
) -> list[dict[str, Any]]:
    """What a ranking for one path says of each unit, without its name; a kept one is read again."""
    need = {"title": "厂房", "kinds": ["factory"], "accepted_paths": [path], "floor_area_m2_min": 1700}
    need |= {"floor_area_m2_max": 1900, "rent_yuan_m2_month_max": 20, "price_yuan_m2_max": 9, "clear_height_m_min": 8}
    if is_kept:
        posted = await client.post("/api/v1/demands", headers=headers, json=need)
        ranked = await client.post(f"/api/v1/demands/{posted.json()['id']}/rankings?limit=100", headers=headers)
        answer = await client.get(ranked.headers["location"], headers=headers)
    else:
        need.pop("title")
        answer = await client.post("/api/v1/rankings?limit=100", headers=headers, json=need)
    assert answer.status_code == 200, answer.text
    results = {result["asset_ids"][0]: result for result in answer.json()["lists"]["factory"]["results"]}
    return [{k: v for k, v in results[item].items() if k not in ("asset_ids", "assets")} for item in ids]


async def test_units_that_differ_for_staff_alone_are_ranked_alike(
    dazu: Dazu,
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    stranger: Headers,
    park: dict[str, Any],
) -> None:
    """All but `previously_part_of`, which no whole has. Facts of a check stand together: an act makes them."""
    ids = await twins(client, staff, park, {}, {}, {"mortgage": "unreleased", "is_seized": True})
    checks = {"how": "seen"}, {"how": "told", "note": "by telephone"}, {"how": "seen"}
    for asset_id, check in zip(ids, checks, strict=True):
        done = await client.post(f"/api/v1/assets/{asset_id}/checks", headers=staff, json=check)
        assert done.is_success, done.text
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    columns = {"asset": (await marked(conn, "staff"))["asset"]}
    planted = await plant(conn, columns, f"id = '{ids[1]}'")
    await conn.close()
    assert {column for _, column in planted} == (
        set(columns["asset"]) - DECIDE_TITLE - {"previously_part_of", "checked_how", "checked_by"}
    )

    for headers in ({}, keys[FIRM], stranger):
        for is_kept in (False, True) if headers else (False,):
            plain, other, burdened = await need_and_ranking(client, headers, ids, "lease", is_kept=is_kept)
            assert plain["score"] > 0
            assert other == plain
            assert burdened == plain  # no title moves: H12 does not ask
        plain, other = await need_and_ranking(client, headers, ids[:2], "sale", is_kept=False)
        assert other == plain


async def test_where_a_title_moves_one_word_covers_mortgage_and_seizure(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    """H12 decides by facts for staff alone: a firm learns that the register must be searched, not why."""
    clear = {"mortgage": "none", "is_seized": False}
    ids = await twins(client, staff, park, clear, clear | {"mortgage": "unreleased"}, {"mortgage": "released"}, {})

    free, *burdened = await need_and_ranking(client, {}, ids, "sale", is_kept=False)

    title = next(item for item in burdened[0]["hard"] if item["id"] == "H12")
    assert (free["status"], burdened[0]["status"]) == ("fit", "to_confirm")
    assert (title["offered"], title["formalities"]) == (None, ["encumbrance_clearance"])
    assert burdened == [burdened[0]] * 3
