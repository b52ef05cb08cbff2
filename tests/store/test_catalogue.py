"""What the database's own catalogue says: marks, twins, keys, names, security; a new table that forgets one fails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from store.faults import BY_CONSTRAINT
from tests.conftest import Dazu

#: Tables that belong to no park and no firm, and those whose tenant is told by another column.
UNOWNED = {
    "instance", "head", "event", "idempotency", "account", "account_park", "session", "api_key", "park", "firm",
    "sign_in_tries", "spent_refresh_token",
    "industry", "scheme", "webhook", "webhook_secret", "notice_round",
    "firm_fact",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def catalogue(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the test's database."""
    conn = await asyncpg.connect(dazu.superuser_url)
    yield conn
    await conn.close()


async def names(conn: asyncpg.Connection, query: str) -> list[str]:
    return [row[0] for row in await conn.fetch(query)]


async def test_every_column_says_who_may_see_it(catalogue: asyncpg.Connection) -> None:
    unmarked = await names(
        catalogue,
        """SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relnamespace = 'panhuo'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
             AND coalesce(col_description(c.oid, a.attnum), '') !~ '\\[(public|staff|owner)\\]$' ORDER BY 1""",
    )
    assert unmarked == []


async def test_a_twin_holds_what_its_trigger_keeps(catalogue: asyncpg.Connection) -> None:
    triggers = await catalogue.fetch(
        """SELECT c.relname, pg_get_triggerdef(t.oid) AS definition
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'keep_past' ORDER BY 1"""
    )
    twins = await names(
        catalogue,
        "SELECT relname FROM pg_class WHERE relnamespace = 'history'::regnamespace AND relkind = 'r' ORDER BY 1",
    )
    assert sorted({row["relname"] for row in triggers}) == twins
    for row in triggers:
        kept = re.findall(r"'(\w+)'", row["definition"].split("keep_past(")[1])
        columns = await names(
            catalogue,
            f"SELECT attname FROM pg_attribute WHERE attrelid = 'history.{row['relname']}'::regclass AND attnum > 0 "
            "AND NOT attisdropped",
        )
        assert sorted([*kept, "recorded_at", "superseded_at"]) == sorted(columns), row["relname"]


async def test_rows_are_guarded(catalogue: asyncpg.Connection) -> None:
    """Row-level security is on for every table the service's role may read."""
    open_tables = await names(
        catalogue,
        """SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND NOT c.relrowsecurity
             AND c.relnamespace IN ('panhuo'::regnamespace, 'history'::regnamespace)
             AND has_table_privilege('panhuo_app', c.oid, 'SELECT') ORDER BY 1""",
    )
    assert open_tables == []


async def test_events_are_only_added(catalogue: asyncpg.Connection) -> None:
    may = await names(
        catalogue,
        """SELECT DISTINCT privilege_type FROM information_schema.role_table_grants
           WHERE table_schema = 'panhuo' AND table_name = 'event' AND grantee = 'panhuo_app' ORDER BY 1""",
    )
    assert may == ["INSERT", "SELECT"]


async def test_the_public_reads_views_alone(catalogue: asyncpg.Connection) -> None:
    rows = await catalogue.fetch(
        """SELECT c.relname, c.relkind::text AS kind, g.privilege_type FROM pg_class c
           JOIN information_schema.role_table_grants g ON g.table_name = c.relname
             AND g.table_schema = c.relnamespace::regnamespace::text
           WHERE g.grantee = 'panhuo_public'"""
    )
    assert rows
    for row in rows:
        assert row["relname"].endswith("_visible"), row
        assert (row["kind"], row["privilege_type"]) == ("v", "SELECT"), row


async def test_the_public_views_hold_no_staff_column(catalogue: asyncpg.Connection) -> None:
    shown = await names(
        catalogue,
        """SELECT v.relname || '.' || a.attname FROM pg_class v
           JOIN pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0
           JOIN pg_class t ON t.relname = replace(v.relname, '_visible', '') AND t.relnamespace = v.relnamespace
           JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = a.attname
           WHERE v.relkind = 'v' AND v.relname LIKE '%\\_visible'
             AND has_table_privilege('panhuo_public', v.oid, 'SELECT')
             AND col_description(t.oid, b.attnum) ~ '\\[(staff|owner)\\]$' ORDER BY 1""",
    )
    assert shown == ["demand_visible.firm_id"]  # a column for staff, empty for the public:
    await catalogue.execute("SET ROLE panhuo_public")
    assert await catalogue.fetchval("SELECT count(firm_id) FROM panhuo.demand_visible") == 0


async def test_keys_begin_with_their_tenant(catalogue: asyncpg.Connection) -> None:
    firsts = await catalogue.fetch(
        """SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
           WHERE i.indisprimary AND c.relnamespace = 'panhuo'::regnamespace"""
    )
    wrong = {row["relname"]: row["attname"] for row in firsts if row["attname"] not in ("park_id", "firm_id")}
    assert set(wrong) == UNOWNED


async def test_constraints_have_names_of_ours(catalogue: asyncpg.Connection) -> None:
    """Checks, exclusions, unique and foreign keys; primary keys alone keep the name they are given."""
    unnamed = await names(
        catalogue,
        """SELECT conrelid::regclass || '.' || conname FROM pg_constraint
           WHERE connamespace IN ('panhuo'::regnamespace, 'history'::regnamespace) AND contype IN ('c', 'x', 'u', 'f')
             AND conname ~ '(_check|_excl|_key|_fkey)[0-9]*$' ORDER BY 1""",
    )
    assert unnamed == []


async def test_refusals_are_told_by_constraints_that_exist(catalogue: asyncpg.Connection) -> None:
    there = await names(
        catalogue, "SELECT DISTINCT conname FROM pg_constraint WHERE connamespace = 'panhuo'::regnamespace"
    )
    assert set(BY_CONSTRAINT) - set(there) == set()
