"""The doors to the database, `read` and `write`: one transaction, one connection, the caller's settings local to it.

Order of a write (the same for every act): settings, idempotency key, then the act (locks and instant, existence,
precondition, rules, writes), then the answer into the key row, head and events, COMMIT, NOTIFY.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

import asyncpg

from domain.actor import ANONYMOUS, READERS, SYSTEM, Actor
from domain.answer import Answer, Once
from domain.errors import Conflict, KeyReused, Unavailable
from domain.words import Role
from store.faults import DRIVER_FAULTS, as_refusal
from store.monitor import DatabaseMonitor, cut
from store.sql import fill, load

SQL = load("db")
NIL = UUID(int=0)
ACQUIRE_S = 1.8  # the refusal, too, comes within 2 s
RELEASE_S = 5.0
PURGED_AT_ONCE = 1000
#: Rows of a portion; the part of a pool that reads in portions may hold at once; how long one may be waited for.
PORTION = 250
SNAPSHOT_SHARE = 2
READ_ONCE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL idle_in_transaction_session_timeout = '60s'; "
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Replayed(Exception):
    """The idempotency key was used before by the same request: this is what was answered."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("replayed")
        self.answer = answer


@dataclass
class Event:
    """One thing that an act did; `body` is what changed."""

    act: str
    subject_kind: str
    subject_id: UUID
    body: Mapping[str, object]


class Lock(NamedTuple):
    """The one row an act locks before it looks at anything: a query, its parameters the places {p1}, {p2}, …"""

    query: str
    values: tuple[object, ...]

    def text(self, first: int, own: str) -> str:
        return fill(self.query, own=own, **{f"p{n}": f"${first + n - 1}" for n in range(1, len(self.values) + 1)})


@dataclass
class Act:
    """One write in progress: its connection, its instant once the locks are held, and the events it will append."""

    conn: asyncpg.Connection
    actor: Actor
    scope_id: UUID
    at: datetime | None = None
    events: list[Event] = field(default_factory=list)
    answer: Answer | None = None
    held: asyncpg.Record | None = None

    def did(self, act: str, subject_kind: str, subject_id: UUID, **body: object) -> None:
        """Notes one event; the events are appended as the last statement of the act."""
        self.events.append(Event(act, subject_kind, subject_id, body))

    async def fix_instant(self, at: datetime | None = None) -> datetime:
        """Sets the one instant of the act: read after its locks, or the clock's where nothing is locked."""
        if self.at is not None:
            raise RuntimeError("an act has one instant")
        self.at = await self.conn.fetchval(SQL.set_instant, at)
        return self.at

    async def open_scope(self, scope_id: UUID, kind: str) -> None:
        """Makes the head of a new park or firm."""
        await self.conn.execute(SQL.open_head, scope_id, kind)


class Database:
    """Two pools on one database: `app` under row-level security, `public` for anonymous reads of the views."""

    def __init__(self, url: str, app: asyncpg.Pool, public: asyncpg.Pool) -> None:
        self.url, self._app, self._public = url, app, public
        self._cursor_key: bytes | None = None
        self._monitor = DatabaseMonitor()
        self._in_portions: Counter[asyncpg.Pool] = Counter()

    @classmethod
    async def connect(
        cls, url: str, *, size: int = 8, public_size: int = 8, statement_timeout_ms: int = 5000
    ) -> Database:
        """Opens both pools; with the database away it still returns, and connects on first use."""
        app = await _pool(url, "panhuo_app", size, statement_timeout_ms)
        return cls(url, app, await _pool(url, "panhuo_public", public_size, statement_timeout_ms))

    async def cursor_key(self) -> bytes:
        """The key that signs paging cursors, the same for every process on this database."""
        if self._cursor_key is None:
            async with self.system() as conn:
                self._cursor_key = (await conn.fetchrow(SQL.instance))["cursor_key"]
        return self._cursor_key

    async def watch_for_ever(self) -> None:
        """Checks the database for ever: while it hangs, every caller is refused within 2 s."""
        await self._monitor.watch(self.url, self._expire)

    async def _expire(self) -> None:
        """Connections that lie idle may be as dead as the rest: none of them is lent again."""
        for pool in (self._app, self._public):
            await pool.expire_connections()

    @property
    def is_full(self) -> bool:
        """Whether there is no room to write, as `watch_for_ever` last found."""
        return self._monitor.is_full

    async def close(self) -> None:
        for pool in (self._app, self._public):
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def read(
        self, actor: Actor, *, park_id: UUID | None = None, scope_id: UUID | None = None
    ) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees what the caller may see: views only for anonymous, policies for others; READ ONLY.

        An admin sees behind the public rows of the park named, and of every park where none is; `scope_id` is a firm
        whose rows the caller may read, set after `may()`.
        """
        if actor is ANONYMOUS:
            async with _borrowed(self._public, self._monitor) as conn:
                with _faults():
                    yield conn
            return
        settings = _read_settings(actor, park_id, scope_id)
        async with _borrowed(self._app, self._monitor) as conn, _transaction(conn, settings, is_read_only=True):
            yield conn

    @asynccontextmanager
    async def snapshot(self, actor: Actor, *, park_id: UUID | None = None) -> AsyncIterator[asyncpg.Connection]:
        """As `read`, for one that takes many portions: all of them see the records as they are at the first.

        Raises: Unavailable while as many such reads are open as leave room for others.
        """
        pool = self._public if actor is ANONYMOUS else self._app
        if self._in_portions[pool] >= max(1, pool.get_max_size() // SNAPSHOT_SHARE):
            raise Unavailable("busy", retry_after_s=5)
        self._in_portions[pool] += 1
        try:
            async with (
                _borrowed(pool, self._monitor) as conn,
                _transaction(conn, READ_ONCE + _read_settings(actor, park_id, None), is_read_only=True),
            ):
                yield conn
        finally:
            self._in_portions[pool] -= 1

    @asynccontextmanager
    async def write(
        self, actor: Actor, scope_id: UUID, *, once: Once | None = None, lock: Lock | None = None
    ) -> AsyncIterator[Act]:
        """One act in one scope; what it locks first comes with its key, as `held`, and fixes its instant.

        For whoever only reads it is READ ONLY, should their rights not have stopped them.
        Raises: Replayed when its key was used before, KeyReused when with another request.
        """
        async with (
            _borrowed(self._app, self._monitor) as conn,
            _transaction(
                conn,
                _settings(actor, scope_id, scope_id),
                notified_scope=scope_id,
                is_read_only=actor.role in READERS,
            ),
        ):
            act = Act(conn, actor, scope_id)
            if once is not None:
                await _claim(act, once, lock)
            elif lock is not None:
                _hold(act, await conn.fetchrow(fill(SQL.lock, held=lock.text(1, "true")), *lock.values))
            yield act
            await _append_events(act, once)

    @asynccontextmanager
    async def system(self, *, is_read_only: bool = True) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees everything, for the store's own named functions; nothing read so is shown unmasked."""
        settings = _settings(SYSTEM, None, None)
        async with _borrowed(self._app, self._monitor) as conn, _transaction(conn, settings, is_read_only=is_read_only):
            yield conn

    async def replay(self, actor: Actor, once: Once | None) -> None:
        """For whoever looks at what is there before it begins an act, which by then is other than the first time.

        Raises: Replayed, KeyReused, as `write`.
        """
        if once is not None:
            async with self.read(actor) as conn:
                used = await conn.fetchrow(SQL.used_key, actor.id, once.key)
            if used is not None:
                _replay(used, once)

    async def purge_keys(self) -> None:
        """Forgets idempotency keys older than 7 days, a chunk at a time so that no lock is long."""
        while True:
            async with self.system(is_read_only=False) as conn:
                if await conn.execute(SQL.purge_keys, PURGED_AT_ONCE) != f"DELETE {PURGED_AT_ONCE}":
                    return

    async def ping(self) -> None:
        """Raises Unavailable while the database does not answer."""
        async with _borrowed(self._public, self._monitor) as conn:
            with _faults():
                await conn.fetchval(SQL.ping)


async def _pool(url: str, role: str, size: int, statement_timeout_ms: int) -> asyncpg.Pool:
    settings = {
        "role": role,
        "search_path": "panhuo, public",
        "timezone": "UTC",
        "jit": "off",
        "pg_trgm.word_similarity_threshold": "0.5",  # a typed name and one that is meant, in store/spelling
        "statement_timeout": str(statement_timeout_ms),
        "lock_timeout": "2000",
        # Between statements that may take long lies work that may.
        "idle_in_transaction_session_timeout": str(max(10_000, statement_timeout_ms)),
        "application_name": "panhuo",
    }
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        command_timeout=statement_timeout_ms / 1000 + 1,  # the server speaks first, while it can
        timeout=ACQUIRE_S,
        server_settings=settings,
        reset=_nothing,
    )


async def _nothing(conn: asyncpg.Connection) -> None:
    """Settings are local to each transaction, so a connection comes back as it went out."""


@asynccontextmanager
async def _borrowed(pool: asyncpg.Pool, monitor: DatabaseMonitor) -> AsyncIterator[asyncpg.Connection]:
    if monitor.hangs:
        raise Unavailable("database_away", retry_after_s=1)
    try:
        # A timer is worth its cost only where there is something to wait for.
        conn = await (pool.acquire() if pool.get_idle_size() else pool.acquire(timeout=ACQUIRE_S))
    except TimeoutError as cause:
        raise Unavailable("database_away" if monitor.is_silent else "busy", retry_after_s=1) from cause
    except DRIVER_FAULTS as cause:
        raise as_refusal(cause) from cause
    monitor.lent.add(conn)
    try:
        yield conn
    except BaseException as fault:
        if _is_silent(fault):
            conn.terminate()
        with suppress(*DRIVER_FAULTS):  # what was said already counts
            await pool.release(conn, timeout=RELEASE_S)  # a running statement's end is waited for, not for ever
        raise
    finally:
        monitor.lent.discard(conn)
    await pool.release(conn)


def _is_silent(fault: BaseException) -> bool:
    """Whether the database left a statement without an answer: neither a roll-back nor a cancel would have one."""
    return isinstance(fault, TimeoutError) or isinstance(fault.__cause__, TimeoutError)


async def portions(conn: asyncpg.Connection, query: str, *values: object) -> AsyncIterator[list[asyncpg.Record]]:
    """The rows of a query in a transaction, so many at a time; the database holds the rest until they are wanted."""
    cursor = await conn.cursor(query, *values)
    while rows := await cursor.fetch(PORTION):
        yield rows


class _faults:
    """Turns what the driver raises inside into refusals."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, DRIVER_FAULTS):
            raise as_refusal(fault) from fault


@asynccontextmanager
async def _transaction(
    conn: asyncpg.Connection, settings: str, *, notified_scope: UUID | None = None, is_read_only: bool
) -> AsyncIterator[None]:
    """One transaction; once it is committed, whoever waits for changes in `notified_scope` is woken."""
    with _faults():
        try:
            mode = " READ ONLY" if is_read_only else ""
            await conn.execute(f"BEGIN{mode}; {settings}")  # may be cancelled half-way as well
            yield
        except BaseException as fault:
            if _is_silent(fault):
                cut(conn)
            else:
                await _to_its_end(_roll_back(conn))
            raise
        # A caller that hangs up now must not leave the outcome open on a pooled connection.
        await _to_its_end(
            conn.execute(
                "COMMIT" if notified_scope is None else f"COMMIT; SELECT pg_notify('panhuo', '{notified_scope}')"
            )
        )


async def _to_its_end(statement: Coroutine[Any, Any, object]) -> None:
    """Runs a statement to its end even where the caller is cancelled; only then the connection may go back."""
    running = asyncio.create_task(statement)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        with suppress(*DRIVER_FAULTS):
            await running
        raise


async def _roll_back(conn: asyncpg.Connection) -> None:
    try:
        await conn.execute("ROLLBACK")
    except DRIVER_FAULTS:
        cut(conn)  # whatever it was doing, the server ends it; the pool makes a new one


def _read_settings(actor: Actor, park_id: UUID | None, scope_id: UUID | None) -> str:
    """As `_settings`; of an admin who names no park, every park."""
    settings = _settings(actor, park_id, scope_id)
    return f"{settings}; {SQL.every_park}" if actor.role is Role.admin and park_id is None else settings


def _settings(actor: Actor, park_id: UUID | None, scope_id: UUID | None) -> str:
    """The caller as settings local to the transaction; every value is matched before it stands in the text."""
    parks = set(actor.park_ids)
    if actor.role in ("admin", "system") and park_id is not None and park_id != NIL:
        parks.add(park_id)
    values = {
        "park_ids": ",".join(sorted(str(park) for park in parks)),
        "firm_id": "" if actor.firm_id is None else str(actor.firm_id),
        "scope_id": "" if scope_id is None else str(scope_id),
        "actor_id": str(actor.id),
        "role": str(actor.role.value),
    }
    for name, value in values.items():
        if name != "role" and not all(_UUID.fullmatch(part) for part in value.split(",") if value):
            raise ValueError(f"app.{name} is not a list of UUIDs")
    return "; ".join(f"SET LOCAL app.{name} = '{value}'" for name, value in values.items())


async def _claim(act: Act, once: Once, lock: Lock | None) -> None:
    actor_id = act.actor.id
    key = (f"{actor_id}/{once.key}", actor_id, once.key, once.fingerprint)
    if lock is None:
        claimed = await act.conn.fetchrow(SQL.claim_key, *key)
    else:
        text = fill(SQL.claim_and_lock, held=lock.text(5, "EXISTS (SELECT FROM claimed)"))
        claimed = await act.conn.fetchrow(text, *key, *lock.values)
    if not claimed["is_free"]:
        raise Conflict("key_in_use", "Idempotency-Key", retry_after_s=1)
    if claimed["is_new"]:
        if lock is not None:
            _hold(act, claimed)
        return
    _replay(await act.conn.fetchrow(SQL.used_key, actor_id, once.key), once)


def _replay(used: asyncpg.Record, once: Once) -> NoReturn:
    if used["fingerprint"] != once.fingerprint:
        raise KeyReused("key_reused", "Idempotency-Key")
    raise Replayed(Answer(used["body"], status=used["status"], etag=used["etag"], location=used["location"]))


def _hold(act: Act, row: asyncpg.Record | None) -> None:
    """The locked row, if there is one, as the act's, with its instant."""
    if row is not None and row["id"] is not None:
        act.held, act.at = row, row["at"]


async def _append_events(act: Act, once: Once | None) -> None:
    """The last statement of an act: its events, and under its key the answer."""
    if not act.events:
        raise RuntimeError("an act without an event")
    if act.at is None:
        raise RuntimeError("an act without an instant")
    bodies = [json.dumps(event.body, ensure_ascii=False, default=str, sort_keys=True) for event in act.events]
    kept_answer: tuple[object, ...] = (None,) * 5
    if once is not None and act.answer is not None:
        kept_answer = (once.key, act.answer.status, act.answer.etag, act.answer.location, act.answer.kept_body)
    rows = await act.conn.fetch(
        SQL.append_events,
        act.scope_id,
        digest(act.actor.id, act.at, act.events, bodies),
        act.actor.id,
        act.at,
        [event.act for event in act.events],
        [event.subject_kind for event in act.events],
        [event.subject_id for event in act.events],
        bodies,
        *kept_answer,
    )
    if len(rows) != len(act.events):
        raise RuntimeError(
            f"{len(rows)} of {len(act.events)} events written: the scope has no head or is not the caller's"
        )


def digest(actor_id: UUID, at: datetime, events: Sequence[Any], bodies: Sequence[str]) -> bytes:
    """SHA-256 over one act's events: version, then every part with its length before it."""
    total = hashlib.sha256(b"panhuo-event-1")
    for event, body in zip(events, bodies, strict=True):
        parts = (str(actor_id), event.act, event.subject_kind, str(event.subject_id), at.isoformat(), body)
        for part in parts:
            raw = part.encode()
            total.update(len(raw).to_bytes(8, "big") + raw)
    return total.digest()
