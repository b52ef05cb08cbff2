"""Roles, logins and extensions on a cluster that has none yet."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from domain.errors import Unavailable
from ops.cluster import Cluster, Urls
from store.roles import ensure_roles, login_of, may_migrate

SERVICE, ADMIN = "panhuo_service", "panhuo_admin"


@pytest.fixture
def urls() -> Iterator[Urls]:
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    place.chmod(0o711)
    cluster = Cluster(place, place, for_tests=True)
    try:
        yield cluster.up()
    finally:
        cluster.down()
        shutil.rmtree(place)


async def _run(url: str, *statements: str) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await conn.execute(statement)
        rows: list[asyncpg.Record] = await conn.fetch(statements[-1])
        return rows
    finally:
        await conn.close()


def _in(url: str, database: str) -> str:
    return url.replace("/panhuo?", f"/{database}?")


async def test_second_time_there_is_nothing_to_do(urls: Urls) -> None:
    assert len(await ensure_roles(urls.superuser, service=SERVICE, admin=ADMIN)) == 13

    assert await ensure_roles(urls.superuser, service=SERVICE, admin=ADMIN) == []


async def test_logins_have_no_rights_of_their_own_and_only_the_administrator_may_migrate(urls: Urls) -> None:
    await ensure_roles(urls.superuser, service=SERVICE, admin=ADMIN)

    rows = await _run(
        urls.superuser,
        "SELECT rolname, rolcanlogin, rolinherit, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS more, "
        "ARRAY(SELECT r.rolname::text FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "WHERE m.member = a.oid ORDER BY 1) AS member_of FROM pg_roles a WHERE rolname LIKE 'panhuo%' ORDER BY 1",
    )

    assert [tuple(row) for row in rows] == [
        ("panhuo_admin", True, False, False, ["panhuo_owner"]),
        ("panhuo_app", False, True, False, []),
        ("panhuo_owner", False, True, False, []),
        ("panhuo_public", False, True, False, []),
        ("panhuo_service", True, False, False, ["panhuo_app", "panhuo_public"]),
    ]
    assert await may_migrate(urls.admin) is True
    assert await may_migrate(urls.service) is False


async def test_many_databases_ask_at_the_same_moment(urls: Urls) -> None:
    names = [f"d{number}" for number in range(5)]
    for name in names:
        await _run(urls.superuser, f"CREATE DATABASE {name}")

    places = [_in(urls.superuser, name) for name in [*names, *names]]
    await asyncio.gather(*(ensure_roles(place, service=SERVICE, admin=ADMIN) for place in places))

    for place in places[:5]:
        assert await ensure_roles(place, service=SERVICE, admin=ADMIN) == []


async def test_trigram_search_finds_chinese_and_a_c_database_is_refused(urls: Urls) -> None:
    await ensure_roles(urls.superuser, service=SERVICE, admin=ADMIN)
    await _run(urls.superuser, "CREATE DATABASE plain TEMPLATE template0 LOCALE 'C'")

    with pytest.raises(Unavailable) as refused:
        await ensure_roles(_in(urls.superuser, "plain"), service=SERVICE, admin=ADMIN)

    assert (refused.value.faults[0].code, refused.value.faults[0].params) == (
        "database_unsuited",
        {"reason": "LC_CTYPE C"},
    )
    assert (await _run(urls.superuser, "SELECT cardinality(show_trgm('厂房')) AS n"))[0]["n"] == 3


async def test_half_of_what_is_missing_is_never_made(urls: Urls) -> None:
    await _run(urls.superuser, "CREATE ROLE maker LOGIN CREATEROLE", "CREATE DATABASE made OWNER maker")
    place = _in(urls.superuser.replace("postgres@", "maker@"), "made")

    with pytest.raises(Unavailable) as refused:  # postgis is for superusers alone
        await ensure_roles(place, service="made_service", admin="maker")

    wanted = "CREATE ROLE made_service LOGIN NOINHERIT PASSWORD 'choose-a-password';"
    assert str(refused.value.faults[0].params["sql"]).splitlines()[3] == wanted
    assert await _run(urls.superuser, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'made%'") == []


async def test_no_database_there_is_told_as_such() -> None:
    with pytest.raises(Unavailable) as refused:
        await ensure_roles("postgresql://x@127.0.0.1:1/x", service=SERVICE, admin=ADMIN)

    assert refused.value.faults[0].code == "database_unreachable"


def test_login_and_password_are_read_from_either_part_of_an_address() -> None:
    assert login_of("postgresql://a%40b:p%2Fw@h/d") == ("a@b", "p/w")
    assert login_of("postgresql:///d?user=a&password=b&host=/run") == ("a", "b")
    assert login_of("postgresql:///d") == (None, None)
