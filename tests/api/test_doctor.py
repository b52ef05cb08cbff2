"""`panhuo doctor` names what was planted, and says nothing of a database that is well; a backup comes back whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from ops.backup import without_password
from store import doctor, flat
from store.migrations import LAST_OF_0_1, migrations
from store.roles import ensure_roles
from tests.conftest import TODAY, Dazu, address, superuser

#: Check → what is done to the records behind the service's back.
PLANTED = {
    "constraints": "ALTER TABLE park ADD CONSTRAINT planted CHECK (true) NOT VALID",
    "outlines": "UPDATE asset SET geom = ST_Translate(geom, 5, 0) WHERE code = 'SQ-F-31'",
    "zones": "UPDATE zone SET boundary = ST_Translate(boundary, 1, 0)",
    "areas": "UPDATE asset SET measured_area_m2 = measured_area_m2 + 1 WHERE code = 'SQ-F-31'",
    "overlaps": "UPDATE asset SET geom = (SELECT geom FROM asset WHERE code = 'SQ-F-02-1E') WHERE code = 'SQ-F-02-1W'",
    "wholes": "UPDATE asset SET geom = ST_Multi(ST_Buffer(geom, 0.001)) WHERE code = 'SQ-F-02-1E'",
    "availability": "UPDATE asset SET availability = 'available' WHERE code = 'SQ-F-31'",
    "holdings": "UPDATE holding SET shares = ARRAY[ROW (gen_random_uuid(), 1)::party_share]",
    "promises": "UPDATE indicator SET state = 'double' WHERE name = 'tax'",
    "deals": "DELETE FROM occupancy WHERE claim = 'deal'",
    "claims": "UPDATE asset AS b SET plot_id = p.id FROM asset AS p JOIN occupancy AS o ON o.leaf_id = p.id "
    "WHERE p.level = 'plot' AND upper(o.during) IS NULL AND b.park_id = p.park_id AND b.level = 'building' "
    "AND NOT EXISTS (SELECT FROM occupancy AS c JOIN asset AS l ON l.id = c.leaf_id WHERE l.root_id = b.id)",
    "space": "UPDATE asset AS a SET geom = b.geom FROM asset AS b, occupancy AS mine, occupancy AS theirs "
    "WHERE a.level = 'building' AND b.level = 'building' AND b.park_id = a.park_id AND b.id > a.id "
    "AND mine.leaf_id = a.id AND theirs.leaf_id = b.id AND mine.claim = theirs.claim "
    "AND NOT isempty(mine.during * theirs.during * daterange(current_date, NULL))",
    "codes": "UPDATE asset SET is_code_doubled = true WHERE code = 'SQ-F-31'",
    "revivals": "UPDATE revival SET version = 'revival-0' WHERE verdict = 'counted'",
    "features": "UPDATE counter SET n = n + 1 WHERE collection = 'land' AND is_public",
    "unchangeable": "ALTER TABLE ledger_transaction ENABLE TRIGGER refuse_change",
    "chain": "ALTER TABLE event DISABLE TRIGGER USER; "
    "UPDATE event SET body = body || ' ' WHERE act = 'asset.registered'",
    "database": "DELETE FROM public.migration WHERE number = (SELECT max(number) FROM public.migration)",
}


@pytest.fixture(autouse=True)
def data_dir(template: tuple[str, dict[str, Any], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder of the demo, where its files lie."""
    monkeypatch.setenv("DATA_DIR", str(template[2].parent))


def panhuo(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {item: value for item, value in os.environ.items() if not item.endswith("DATABASE_URL")}
    own |= {"DATABASE_URL": address("panhuo_service", name), "DATABASE_ADMIN_URL": address("panhuo_admin", name)}
    command = [sys.executable, "-m", "ops.cli", *arguments]
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False)


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection; what a clone does not take over from its template is granted again."""
    await ensure_roles(dazu.superuser_url, service="panhuo_service", admin="panhuo_admin")
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


@pytest.mark.parametrize("check", list(PLANTED))
async def test_what_is_planted_is_named(dazu: Dazu, conn: asyncpg.Connection, check: str) -> None:
    well = panhuo(dazu.name, "doctor")
    assert (well.returncode, well.stdout.splitlines()[-1]) == (0, "一切正常 all is well"), well.stdout + well.stderr
    await conn.execute(PLANTED[check])

    ill = panhuo(dazu.name, "--json", "doctor")

    document: dict[str, Any] = json.loads(ill.stdout)
    findings = {check["check"]: check for check in document["checks"]}
    assert (ill.returncode, document["well"]) == (1, False)
    assert findings[check]["found"]
    assert set(findings[check]["do"]) == {"zh", "en"}


async def test_features_and_counters_are_made_anew(dazu: Dazu, conn: asyncpg.Connection) -> None:
    """As the remedy says."""
    await conn.execute("UPDATE counter SET n = n + 1; DELETE FROM counter WHERE collection = 'parks'")
    await conn.execute("UPDATE asset SET flat = replace(flat, 'code', 'cod') WHERE code = 'SQ-F-31'")
    wrong = await doctor.findings(dazu.db, "features", today=TODAY, most=99)
    assert any(what.endswith("/SQ-F-31") for what in wrong) and len(wrong) > 10
    await conn.execute("UPDATE instance SET flat_form = NULL")
    versions = (
        "SELECT park_id, collection, is_public::text, version FROM counter "
        "UNION SELECT park_id, x::text, y::text, version FROM tile_version"
    )
    before = set(map(tuple, await conn.fetch(versions)))

    await flat.write_anew(dazu.db)

    assert before.isdisjoint(map(tuple, await conn.fetch(versions)))  # nothing that is kept elsewhere outlives it

    assert await doctor.findings(dazu.db, "features", today=TODAY, most=99) == []


async def test_a_backup_comes_back_whole_in_another_epoch(dazu: Dazu, conn: asyncpg.Connection, tmp_path: Path) -> None:
    file, name = tmp_path / "panhuo.dump", f"panhuo_test_{uuid.uuid4().hex[:12]}"
    saved = panhuo(dazu.name, "db", "backup", str(file))
    assert saved.returncode == 0, saved.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert panhuo(dazu.name, "db", "backup", str(file)).returncode == 1
    assert panhuo(dazu.name, "db", "restore", str(file)).returncode == 1  # there are records
    await superuser(f"CREATE DATABASE {name}")
    try:
        await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")

        back = panhuo(name, "db", "restore", str(file))

        assert back.returncode == 0, back.stderr
        assert panhuo(name, "doctor").returncode == 0  # with the guards of events and ledger as they were
        twin = await asyncpg.connect(address(None, name), server_settings={"search_path": "panhuo, public"})
        try:
            for query in ("SELECT * FROM asset ORDER BY id", "SELECT * FROM event ORDER BY scope_id, rev, n"):
                assert await twin.fetch(query) == await conn.fetch(query)
            epoch = "SELECT epoch FROM instance"
            assert await twin.fetchval(epoch) != await conn.fetchval(epoch)
        finally:
            await twin.close()
    finally:
        await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE event DISABLE TRIGGER refuse_truncate",
        "ALTER TABLE event ENABLE TRIGGER refuse_change",
        "DROP TRIGGER refuse_change ON event",
        "DROP TRIGGER refuse_change ON event; CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW WHEN (OLD.rev < 0) EXECUTE FUNCTION refuse_change(); "
        "ALTER TABLE event ENABLE ALWAYS TRIGGER refuse_change",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    ],
)
async def test_a_guard_that_lets_pass_is_seen(dazu: Dazu, conn: asyncpg.Connection, change: str) -> None:
    assert await doctor.findings(dazu.db, "unchangeable", today=TODAY, most=9) == []

    await conn.execute(change)

    assert await doctor.findings(dazu.db, "unchangeable", today=TODAY, most=9) != []


async def test_heads_kept_outside_show_what_was_rewritten_with_its_head(
    dazu: Dazu, conn: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "heads.json"
    assert panhuo(dazu.name, "doctor", "--anchor", str(file)).returncode == 0
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert panhuo(dazu.name, "doctor", "--anchor", str(file)).returncode == 0
    await conn.execute("ALTER TABLE event DISABLE TRIGGER USER")
    firm = await conn.fetchval("SELECT scope_id FROM head WHERE kind = 'firm' AND rev > 0 LIMIT 1")
    await conn.execute("DELETE FROM event WHERE scope_id = $1", firm)
    await conn.execute("UPDATE head SET (rev, hash) = (0, '') WHERE scope_id = $1", firm)
    await conn.execute("ALTER TABLE event ENABLE ALWAYS TRIGGER refuse_change, ENABLE ALWAYS TRIGGER refuse_truncate")

    alone = json.loads(panhuo(dazu.name, "--json", "doctor").stdout)
    beside = panhuo(dazu.name, "--json", "doctor", "--anchor", str(file))

    assert alone["well"]
    findings = {check["check"]: check["found"] for check in json.loads(beside.stdout)["checks"] if check["found"]}
    rev = json.loads(before)["heads"][str(firm)][0]
    assert (beside.returncode, findings) == (1, {"anchor": [f"scope={firm} break=anchor_mismatch rev={rev}"]})
    assert file.read_bytes() == before  # what shows it is not written over
    file.write_bytes(b"{}")
    assert "holds no heads of events" in panhuo(dazu.name, "doctor", "--anchor", str(file)).stderr


async def test_a_part_that_does_not_follow_its_whole_is_named(dazu: Dazu, conn: asyncpg.Connection) -> None:
    code = await conn.fetchval(
        "UPDATE asset SET inherited = '{\"rent_yuan_m2_month\": 1}' "
        "WHERE id = (SELECT id FROM asset WHERE level = 'floor' ORDER BY id LIMIT 1) RETURNING code"
    )

    report = json.loads(panhuo(dazu.name, "--json", "doctor").stdout)

    named = {check["check"]: check["found"] for check in report["checks"] if check["found"]}
    assert {check: len(units) for check, units in named.items()} == {"availability": 1, "features": 1}
    assert f"/{code}: " in named["availability"][0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "INSERT INTO public.migration SELECT max(number) + 1, 'later', repeat('0', 64) FROM public.migration",
            "knows",
        ),
        ("UPDATE public.migration SET checksum = repeat('0', 64) WHERE number = 1", "0001 was changed"),
        (
            "DELETE FROM public.migration; INSERT INTO public.migration VALUES "
            "(1, 'records', repeat('0', 64)), (41, 'revivals', repeat('0', 64))",
            f"the database is at 0041_revivals of version 0.1; this version takes over from {LAST_OF_0_1}",
        ),
    ],
)
async def test_a_backup_of_another_version_is_refused_before_anything_of_it_is_loaded(
    dazu: Dazu, conn: asyncpg.Connection, tmp_path: Path, change: str, reason: str
) -> None:
    file, name = tmp_path / "panhuo.dump", f"panhuo_test_{uuid.uuid4().hex[:12]}"
    await conn.execute(change)
    assert panhuo(dazu.name, "db", "backup", str(file)).returncode == 0
    await superuser(f"CREATE DATABASE {name}")
    try:
        await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")

        back = panhuo(name, "db", "restore", str(file))

        assert (back.returncode, "Traceback" in back.stderr) == (1, False)
        assert reason in back.stderr.splitlines()[-1]
        twin = await asyncpg.connect(address(None, name))
        try:
            assert await twin.fetchval("SELECT to_regnamespace('panhuo') IS NULL AND to_regclass('migration') IS NULL")
        finally:
            await twin.close()
    finally:
        await superuser(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_backup_of_the_last_database_of_version_0_1_is_restored_and_taken_over(
    last_of_0_1: str, tmp_path: Path
) -> None:
    file, name = tmp_path / "panhuo.dump", f"panhuo_test_{uuid.uuid4().hex[:12]}"
    assert panhuo(last_of_0_1, "db", "backup", str(file)).returncode == 0
    await superuser(f"CREATE DATABASE {name}")
    try:
        await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")

        back = panhuo(name, "db", "restore", str(file))

        well = panhuo(name, "doctor")
        twin = await asyncpg.connect(address(None, name))
        try:
            taken = await twin.fetch("SELECT number, name, checksum FROM public.migration ORDER BY number")
        finally:
            await twin.close()
    finally:
        await superuser(f"DROP DATABASE {name} WITH (FORCE)")
    assert (back.returncode, well.returncode) == (0, 0), back.stderr + well.stdout
    assert [tuple(row) for row in taken] == [(file.number, file.name, file.checksum) for file in migrations()]


def test_the_password_of_an_address_stands_on_no_command_line() -> None:
    assert without_password("postgresql://a%40b:se%2Fcret@h:5433/d?sslmode=require") == (
        "postgresql://a%40b@h:5433/d?sslmode=require"
    )
    assert without_password("postgresql:///d?user=a&password=secret&host=%2Frun") == (
        "postgresql:///d?user=a&host=%2Frun"
    )
    assert without_password("postgresql://h/d") == "postgresql://h/d"
