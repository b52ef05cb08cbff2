"""The chain of events, tampered with as only a superuser can: each fault is named, an untouched database has none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from domain.actor import SYSTEM
from store import chain
from store.chain import Break, BreakKind, breaks, departures
from store.db import NIL, Database
from tests.conftest import Dazu

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """Held back by no policy and, as one who tampers would see to, by no foreign key."""
    conn = await asyncpg.connect(
        dazu.superuser_url, server_settings={"search_path": "panhuo, public", "session_replication_role": "replica"}
    )
    await conn.execute("ALTER TABLE event DISABLE TRIGGER USER")  # only whoever owns the table can
    yield conn
    await conn.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scope(dazu: Dazu) -> UUID:
    return await made(dazu.db)


async def made(db: Database) -> UUID:
    """A scope of six acts with three events each, a minute from act to act."""
    scope_id = uuid4()
    async with db.write(SYSTEM, NIL) as act:
        await act.fix_instant(START)
        await act.open_scope(scope_id, "park")
        act.did("park.added", "park", scope_id)
    for minute in range(1, 7):
        await write(db, scope_id, START + timedelta(minutes=minute))
    return scope_id


async def write(db: Database, scope_id: UUID, at: datetime | None = None) -> None:
    async with db.write(SYSTEM, scope_id) as act:
        await act.fix_instant(at)
        for n in range(1, 4):
            act.did("asset.amended", "asset", uuid4(), name=f"闲置厂房{n}")


SWAP_ACTS = """
UPDATE event SET rev = -rev WHERE scope_id = $1 AND rev IN ({0}, {1});
UPDATE event SET rev = {0} + {1} + rev WHERE scope_id = $1 AND rev IN (-{0}, -{1});
"""
SWAP_EVENTS = """
UPDATE event SET n = n + 100 WHERE scope_id = $1 AND rev = 3 AND n IN (1, 3);
UPDATE event SET n = 104 - n WHERE scope_id = $1 AND rev = 3 AND n > 100;
"""
#: What is done to a scope, and how it is named: kind, act, event, other.
TAMPERINGS: list[tuple[str, str, int, int | None, int | None]] = [
    ("DELETE FROM event WHERE scope_id = $1 AND rev = 3", "act_missing", 3, None, 3),
    ("DELETE FROM event WHERE scope_id = $1 AND rev <= 2", "act_missing", 1, None, 2),
    ("DELETE FROM event WHERE scope_id = $1 AND rev >= 5", "act_missing", 5, None, 6),
    ("DELETE FROM event WHERE scope_id = $1", "act_missing", 1, None, 6),
    ("DELETE FROM event WHERE scope_id = $1 AND rev = 3 AND n = 1", "event_missing", 3, 1, None),
    ("DELETE FROM event WHERE scope_id = $1 AND rev = 3 AND n = 2", "event_missing", 3, 2, None),
    ("DELETE FROM event WHERE scope_id = $1 AND rev = 3 AND n = 3", "act_altered", 3, None, None),
    ("UPDATE event SET body = body || ' ' WHERE scope_id = $1 AND (rev, n) = (3, 2)", "act_altered", 3, None, None),
    (
        "UPDATE event SET act = 'asset.split' WHERE scope_id = $1 AND (rev, n) = (3, 2)",
        "act_altered",
        3,
        None,
        None,
    ),
    ("UPDATE event SET subject_id = $1 WHERE scope_id = $1 AND (rev, n) = (3, 3)", "act_altered", 3, None, None),
    ("UPDATE event SET actor_id = $1 WHERE scope_id = $1 AND (rev, n) = (3, 3)", "act_altered", 3, None, None),
    ("UPDATE event SET actor_id = $1 WHERE scope_id = $1 AND rev = 3", "act_altered", 3, None, None),
    ("UPDATE event SET at = at + '1 us' WHERE scope_id = $1 AND rev = 3", "act_altered", 3, None, None),
    ("UPDATE event SET digest = '' WHERE scope_id = $1 AND (rev, n) = (3, 2)", "act_altered", 3, None, None),
    (SWAP_EVENTS, "events_swapped", 3, 1, 3),
    (SWAP_ACTS.format(3, 4), "acts_swapped", 3, None, 4),
    (SWAP_ACTS.format(2, 5), "acts_swapped", 2, None, 5),
    (SWAP_ACTS.format(1, 6), "acts_swapped", 1, None, 6),
    ("UPDATE head SET hash = sha256(hash) WHERE scope_id = $1", "head_mismatch", 6, None, None),
    ("UPDATE head SET rev = 7 WHERE scope_id = $1", "head_mismatch", 6, None, None),
    ("UPDATE head SET rev = 5 WHERE scope_id = $1", "head_mismatch", 6, None, None),
    ("DELETE FROM head WHERE scope_id = $1", "head_missing", 6, None, None),
]


async def tamper(superuser: asyncpg.Connection, scope_id: UUID, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            assert not (await superuser.execute(statement, scope_id)).endswith(" 0"), statement


async def test_an_untouched_database_has_no_break(dazu: Dazu, scope: UUID, superuser: asyncpg.Connection) -> None:
    scopes = "SELECT count(*) FROM head WHERE rev > 0 AND scope_id <> $1"
    seen = await superuser.fetchval("SELECT count(DISTINCT scope_id) FROM event WHERE scope_id <> $1", scope)
    assert seen == await superuser.fetchval(scopes, scope) > 30  # parks, firms and the nil scope

    assert await breaks(dazu.db) == []
    assert await breaks(dazu.db, scope) == []


async def test_what_is_wrong_is_named(dazu: Dazu, superuser: asyncpg.Connection) -> None:
    named = {}
    for script, kind, rev, n, other in TAMPERINGS:
        scope_id = await made(dazu.db)
        await tamper(superuser, scope_id, script)
        named[scope_id] = Break(scope_id, BreakKind(kind), rev, n=n, other=other)

    assert await breaks(dazu.db) == [named[scope_id] for scope_id in sorted(named)]
    assert {scope_id: await breaks(dazu.db, scope_id) for scope_id in named} == {item: [named[item]] for item in named}
    assert await breaks(dazu.db, NIL) == []
    assert {item.kind for item in named.values()} == set(BreakKind) - {BreakKind.anchor_mismatch}


async def test_an_act_rewritten_with_its_digest_shows_at_the_head(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection
) -> None:
    twin = await made(dazu.db)

    await superuser.execute(
        """UPDATE event SET (subject_id, body, digest) = (t.subject_id, t.body, t.digest) FROM event AS t
           WHERE event.scope_id = $1 AND t.scope_id = $2 AND event.rev = 3 AND (t.rev, t.n) = (event.rev, event.n)""",
        scope,
        twin,
    )

    assert await breaks(dazu.db) == [Break(scope, BreakKind.head_mismatch, 6)]


async def test_a_history_rewritten_with_its_head_shows_at_the_heads_kept_outside(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection
) -> None:
    other = await made(dazu.db)
    none, then = await departures(dazu.db, {})
    assert (none, then[scope][0]) == ([], 6)
    await write(dazu.db, scope)
    assert (await departures(dazu.db, then))[0] == []  # what came later changes nothing before it

    twin = await made(dazu.db)
    await superuser.execute("DELETE FROM event WHERE scope_id = $1 AND rev > 5", other)
    await superuser.execute("DELETE FROM event WHERE scope_id = $1", scope)
    await superuser.execute("UPDATE event SET scope_id = $1 WHERE scope_id = $2", scope, twin)
    await superuser.execute(
        "UPDATE head SET (rev, hash) = (SELECT rev, hash FROM head WHERE scope_id = $2) WHERE scope_id = $1",
        scope,
        twin,
    )
    await superuser.execute("DELETE FROM head WHERE scope_id = ANY ($1)", [twin])
    await shorten(superuser, other, 5)

    assert await breaks(dazu.db) == []
    mismatch = BreakKind.anchor_mismatch
    expected = [Break(item, mismatch, 6) for item in sorted((scope, other))]
    assert (await departures(dazu.db, then))[0] == expected


async def shorten(superuser: asyncpg.Connection, scope_id: UUID, rev: int) -> None:
    """Makes the head what the acts up to one give."""
    made_of = b""
    for row in await superuser.fetch(
        "SELECT rev, digest FROM event WHERE scope_id = $1 AND n = 1 ORDER BY rev", scope_id
    ):
        made_of = sha256(made_of + row["rev"].to_bytes(8, "big") + row["digest"]).digest()
    await superuser.execute("UPDATE head SET (rev, hash) = ($2, $3) WHERE scope_id = $1", scope_id, rev, made_of)


async def test_a_head_of_a_scope_without_acts(dazu: Dazu, superuser: asyncpg.Connection) -> None:
    empty, touched = uuid4(), uuid4()
    await superuser.execute(
        "INSERT INTO head (scope_id, kind, hash) VALUES ($1, 'firm', ''), ($2, 'firm', '\\x00')", empty, touched
    )

    assert await breaks(dazu.db) == [Break(touched, BreakKind.head_mismatch, 0)]


async def test_instants_out_of_order_are_no_break_and_do_not_hide_an_exchange(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection
) -> None:
    for minute in (9, 8, 7):  # rivals that read their instants before each other's commit
        await write(dazu.db, scope, START + timedelta(minutes=minute))
    assert await breaks(dazu.db) == []

    await tamper(superuser, scope, SWAP_ACTS.format(2, 5))

    assert await breaks(dazu.db) == [Break(scope, BreakKind.acts_swapped, 2, other=5)]


async def test_every_break_is_told_up_to_the_most_asked_for(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection
) -> None:
    await tamper(superuser, scope, "UPDATE event SET body = '' WHERE scope_id = $1 AND rev IN (1, 4, 5)")
    await tamper(superuser, scope, "DELETE FROM event WHERE scope_id = $1 AND rev = 2")

    facts = [
        Break(scope, BreakKind.act_altered, 1),
        Break(scope, BreakKind.act_missing, 2, other=2),
        Break(scope, BreakKind.act_altered, 4),
        Break(scope, BreakKind.act_altered, 5),
    ]
    assert await breaks(dazu.db) == facts
    assert await breaks(dazu.db, most=3) == facts[:3]


@pytest.mark.parametrize("page", [1, 2, 3, 7])
async def test_pages_may_end_anywhere(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(chain, "PAGE", page)
    assert await breaks(dazu.db) == []

    await tamper(superuser, scope, SWAP_ACTS.format(3, 5))

    assert await breaks(dazu.db) == [Break(scope, BreakKind.acts_swapped, 3, other=5)]


async def test_acts_that_commit_meanwhile_are_no_break(
    dazu: Dazu, scope: UUID, superuser: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PAGE", 1)

    async def keep_writing() -> None:
        while not is_read:
            await write(dazu.db, scope)

    async def rev() -> int:
        value: int = await superuser.fetchval("SELECT rev FROM head WHERE scope_id = $1", scope)
        return value

    is_read, first, result = False, await rev(), []
    writer = asyncio.create_task(keep_writing())
    while len(result) < 4 or await rev() < first + 10:
        result.append(await breaks(dazu.db, scope))
    is_read = True
    await writer

    assert result == [[]] * len(result)
    assert await breaks(dazu.db) == []
