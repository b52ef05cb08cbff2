"""What no caller can do to the ledger: the constraints alone, asked in SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from tests.conftest import Dazu

FIRST, TWO, THREE = (f"{n}1111111-1111-1111-1111-111111111111" for n in "123")
APPEND = """INSERT INTO ledger_transaction (park_id, id, outcome_id, effective_on, effective_on_precision, lines)
SELECT park_id, gen_random_uuid(), outcome_id, '2026-01-01', 'day',
  ARRAY(SELECT ROW (title, instrument, party, amount)::ledger_line
        FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::numeric[]) AS l (title, instrument, party, amount))
FROM ledger_transaction LIMIT 1"""
HOLD = """UPDATE holding SET shares =
  ARRAY(SELECT ROW (party, share)::party_share FROM unnest($1::uuid[], $2::numeric[]) AS s (party, share))"""
Line = tuple[str | None, str | None, str | None, str | None]


@pytest_asyncio.fixture(loop_scope="session")
async def conn(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection: no right and no policy stands between it and the constraints."""
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [(FIRST, "title", TWO, "0")],
        [(FIRST, "title", TWO, "1")],
        [(FIRST, "title", TWO, "1"), (FIRST, "title", THREE, "-0.9")],
        [(FIRST, "title", TWO, "1"), (FIRST, "equity", THREE, "-1")],
        [(FIRST, "title", TWO, "1"), (TWO, "title", THREE, "-1")],
        [(FIRST, "title", TWO, "NaN"), (FIRST, "title", THREE, "NaN")],
        [(FIRST, "title", TWO, "Infinity"), (FIRST, "title", THREE, "-Infinity")],
        [(FIRST, "title", None, "1"), (FIRST, "title", THREE, "-1")],
        [(FIRST, "title", TWO, None), (FIRST, "title", THREE, None)],
        [(FIRST, None, TWO, "1"), (FIRST, None, THREE, "-1")],
        [(None, "title", TWO, "1"), (None, "title", THREE, "-1")],
        [(FIRST, "gold", TWO, "1"), (FIRST, "gold", THREE, "-1")],
    ],
)
async def test_lines_that_do_not_balance(conn: asyncpg.Connection, lines: list[Line]) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await conn.execute(
            APPEND, *(list(column) for column in zip(*lines, strict=True)) if lines else ([], [], [], [])
        )

    assert refused.value.constraint_name == "ledger_is_balanced"
    await conn.execute(APPEND, [FIRST, FIRST], ["title"] * 2, [TWO, THREE], ["1", "-1"])


@pytest.mark.parametrize(
    ("parties", "shares"),
    [
        ([], []),
        ([FIRST], ["0.9"]),
        ([FIRST, TWO], ["1.5", "-0.5"]),
        ([FIRST, FIRST], ["0.5", "0.5"]),
        ([FIRST, None], ["0.5", "0.5"]),
        ([FIRST, TWO], ["1", "0"]),
        ([FIRST, TWO], ["1", None]),
        ([FIRST], ["NaN"]),
    ],
)
async def test_shares_that_are_no_whole(
    conn: asyncpg.Connection, parties: list[str | None], shares: list[str | None]
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await conn.execute(HOLD, parties, shares)

    assert refused.value.constraint_name == "holdings_are_whole"
    await conn.execute(HOLD, [FIRST, TWO], ["0.3", "0.7"])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transaction SET effective_on = effective_on",
        "DELETE FROM ledger_transaction",
        "DELETE FROM holding",
        "TRUNCATE ledger_transaction",
    ],
)
async def test_the_service_only_adds(conn: asyncpg.Connection, change: str) -> None:
    await conn.execute("SET ROLE panhuo_app")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute(change)


@pytest.mark.parametrize("role", ["panhuo_owner", "postgres"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transaction SET effective_on = effective_on",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction",
        "TRUNCATE outcome CASCADE",
        "UPDATE event SET body = body",
        "DELETE FROM event",
        "TRUNCATE event",
    ],
)
async def test_nobody_changes_what_is_recorded_not_even_the_owner(
    conn: asyncpg.Connection, role: str, change: str
) -> None:
    if role == "postgres":  # a session that skips ordinary triggers, as one that replicates does
        await conn.execute("SET session_replication_role = replica")
    else:
        await conn.execute(f"SET ROLE {role}")

    with pytest.raises(asyncpg.RestrictViolationError) as refused:
        await conn.execute(change)

    assert refused.value.constraint_name == "nothing_recorded_changes"


async def test_a_migration_may_add_a_column_to_what_is_recorded(conn: asyncpg.Connection) -> None:
    await conn.execute("SET ROLE panhuo_owner")

    for table in ("event", "ledger_transaction"):
        await conn.execute(f"ALTER TABLE {table} ADD COLUMN added uuid NOT NULL DEFAULT gen_random_uuid()")
        count = await conn.fetchrow(
            f"SELECT count(*) > 0 AS some, count(*) = count(DISTINCT added) AS each FROM {table}"
        )
        assert tuple(count) == (True, True)


async def test_a_transaction_is_reversed_once(conn: asyncpg.Connection) -> None:
    again = """INSERT INTO ledger_transaction
        (park_id, id, outcome_id, effective_on, effective_on_precision, lines, reverses)
        SELECT park_id, gen_random_uuid(), outcome_id, effective_on, 'day', lines, id FROM ledger_transaction
        WHERE reverses IS NULL ORDER BY id LIMIT 1"""
    await conn.execute(again)

    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await conn.execute(again)

    assert refused.value.constraint_name == "reversed_once"


async def test_every_holding_is_what_its_ledger_gives(conn: asyncpg.Connection) -> None:
    apart = await conn.fetch(
        """WITH given AS (
             SELECT l.title, l.party, sum(l.amount) AS share FROM ledger_transaction AS t, unnest(t.lines) AS l
             WHERE l.party <> '00000000-0000-0000-0000-000000000000' GROUP BY l.title, l.party HAVING sum(l.amount) <> 0
           ), kept AS (SELECT h.title, s.party, s.share FROM holding AS h, unnest(h.shares) AS s)
           SELECT * FROM given FULL JOIN kept USING (title, party) WHERE given.share IS DISTINCT FROM kept.share"""
    )

    assert apart == []
    assert await conn.fetchval("SELECT count(*) FROM holding") > 1
