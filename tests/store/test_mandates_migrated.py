"""Firms of before mandates: kept by the park of whoever registered them, where that is one park."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest_asyncio

from store.migrations import FOLDER, migrate
from store.roles import ensure_roles
from tests.conftest import address, superuser

NUMBER = int(next(FOLDER.glob("*_mandates.sql")).name[:4])
#: Accounts of one park, of two, of none; a firm that each registered, and one that nobody is known to have registered.
PLANTED = """
SET search_path = panhuo, public;
INSERT INTO park (id, code, name_zh, boundary)
  SELECT md5(p)::uuid, p, p, ST_Multi(ST_MakeEnvelope(x, 29, x + 1, 30, 4326))
  FROM (VALUES ('north', 105), ('south', 107)) AS v (p, x);
INSERT INTO account (id, login, password_hash, role) SELECT md5(login)::uuid, login, '-', role
  FROM (VALUES ('one', 'staff'), ('two', 'staff'), ('admin', 'admin')) AS v (login, role);
INSERT INTO account_park (account_id, park_id) SELECT md5(login)::uuid, md5(p)::uuid
  FROM (VALUES ('one', 'north'), ('two', 'north'), ('two', 'south')) AS v (login, p);
INSERT INTO firm (id, name, search, spelling)
  SELECT md5('firm of ' || login)::uuid, login, '', '' FROM unnest(ARRAY['one', 'two', 'admin', 'nobody']) AS login;
INSERT INTO head (scope_id, kind) SELECT id, 'firm' FROM firm;
INSERT INTO event (scope_id, rev, n, actor_id, act, subject_kind, subject_id, at, body, digest)
  SELECT id, 1, 1, md5(name)::uuid, 'firm.added', 'firm', id, now(), '{}', '' FROM firm WHERE name <> 'nobody';
"""


@pytest_asyncio.fixture(loop_scope="session")
async def before(template: Any, tmp_path: Path) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A database as it was before mandates; its name, and a superuser's connection."""
    name, files = f"panhuo_test_{uuid.uuid4().hex[:12]}", Path(shutil.copytree(FOLDER, tmp_path / "migrations"))
    for file in files.glob("[0-9]*.sql"):
        if int(file.name[:4]) >= NUMBER:
            file.unlink()
    await superuser(f"CREATE DATABASE {name}")
    await superuser(f"GRANT CREATE ON DATABASE {name} TO panhuo_owner, panhuo_admin")
    await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin", password=None)
    await migrate(address("panhuo_admin", name), folder=files)
    conn = await asyncpg.connect(address(None, name))
    yield name, conn
    await conn.close()
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


async def test_the_registering_park_is_told_where_it_is_one(before: tuple[str, asyncpg.Connection]) -> None:
    name, conn = before
    await conn.execute(PLANTED)
    events = await conn.fetch("SELECT * FROM panhuo.event ORDER BY scope_id")

    await migrate(address("panhuo_admin", name))

    rows = await conn.fetch(
        """SELECT f.name, p.code FROM panhuo.firm AS f LEFT JOIN panhuo.park AS p ON p.id = f.registering_park_id
           ORDER BY f.name"""
    )
    assert [tuple(row) for row in rows] == [("admin", None), ("nobody", None), ("one", "north"), ("two", None)]
    assert await conn.fetch("SELECT * FROM panhuo.event ORDER BY scope_id") == events
