"""A template database per worker with the reference tables and Dazu's demo data; a clone of it per test that asks."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from actions.snapshot_cache import SnapshotCache
from api.app import create
from api.limits import Limits
from api.request import ApplicationState
from domain.instants import SHANGHAI
from fixtures.load import load_dazu, load_reference
from ops.settings import read
from store import flat
from store.db import Database
from store.migrations import FILES_OF_0_2, FIRST_OF_0_1, FOLDER, LAST_OF_0_1, migrate
from store.roles import ensure_roles
from tests.described import hold_to_description

TODAY: date = datetime.now(UTC).astimezone(SHANGHAI).date()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples", action="store_true", help="write api/examples.json anew")
    parser.addoption("--pictures", action="store_true", help="draw docs/pictures anew")


@dataclass(frozen=True)
class Dazu:
    """A clone of the demo: its database and the demo's accounts by login."""

    name: str
    url: str
    db: Database
    accounts: dict[str, dict[str, Any]]
    files: Path

    @property
    def superuser_url(self) -> str:
        """For a login that no policy holds back."""
        return address(None, self.name)

    def key(self, login: str) -> str:
        return str(self.accounts[login]["api_key"])


def address(user: str | None, name: str) -> str:
    """The address of a database of the test cluster for a login; None: the superuser's own."""
    parts = urlsplit(os.environ["PANHUO_TEST_ADMIN_URL"])
    at = parts.netloc if user is None else f"{quote(user)}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(("postgresql", at, f"/{name}", parts.query, ""))


async def superuser(statement: str) -> None:
    conn = await asyncpg.connect(os.environ["PANHUO_TEST_ADMIN_URL"])
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, dict[str, Any], Path]]:
    """Name of the template, the demo's accounts, and the folder of its files."""
    if "PANHUO_TEST_ADMIN_URL" not in os.environ:
        pytest.skip("no test cluster: run `make test`")
    name = f"panhuo_template_{uuid.uuid4().hex[:12]}"
    await superuser(f"CREATE DATABASE {name}")
    await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin", password=None)
    await migrate(address("panhuo_admin", name))
    accounts: Path = tmp_path_factory.mktemp("accounts") / "demo-accounts.json"
    url = address("panhuo_service", name)
    db = await Database.connect(url, size=2, public_size=1, statement_timeout_ms=300_000)  # however slow the machine
    await load_reference(db)
    await flat.write_anew(db)
    await load_dazu(db, accounts, today=TODAY)
    await db.close()
    facts = {account["login"]: account for account in json.loads(accounts.read_text(encoding="utf-8"))["accounts"]}
    yield name, facts, accounts.parent / "files"
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(loop_scope="session")
async def dazu(template: tuple[str, dict[str, Any], Path]) -> AsyncIterator[Dazu]:
    """A database of the test's own, with the demo in it."""
    name = f"panhuo_test_{uuid.uuid4().hex[:12]}"
    await superuser(f"CREATE DATABASE {name} TEMPLATE {template[0]}")
    url = address("panhuo_service", name)
    db = await Database.connect(url, size=8, public_size=4)
    yield Dazu(name, url, db, template[1], template[2])
    await db.close()
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template_of_0_1(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Name of a database as version 0.1 left it, with one account: the schema of the files that took it over."""
    if "PANHUO_TEST_ADMIN_URL" not in os.environ:
        pytest.skip("no test cluster: run `make test`")
    name = f"panhuo_template_{uuid.uuid4().hex[:12]}"
    files = tmp_path_factory.mktemp("migrations")
    for file in sorted(FOLDER.glob("[0-9]*.sql"))[:FILES_OF_0_2]:
        shutil.copy(file, files)
    await superuser(f"CREATE DATABASE {name}")
    await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")
    await migrate(address("panhuo_admin", name), folder=files)
    conn = await asyncpg.connect(address(None, name))
    await conn.execute(
        "INSERT INTO panhuo.account (id, login, role, password_hash) VALUES (gen_random_uuid(), 'staff', 'staff', '')"
    )
    await conn.execute("DELETE FROM public.migration")
    await conn.execute(
        "INSERT INTO public.migration SELECT left(f, 4)::integer, substr(f, 6), repeat('0', 64) "
        "FROM unnest($1::text[]) AS f",
        [FIRST_OF_0_1, LAST_OF_0_1],
    )
    await conn.close()
    yield name
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(loop_scope="session")
async def last_of_0_1(template_of_0_1: str) -> AsyncIterator[str]:
    """Name of a database of the test's own, as version 0.1 left it; its owner may make schemas in it."""
    name = f"panhuo_test_{uuid.uuid4().hex[:12]}"
    await superuser(f"CREATE DATABASE {name} TEMPLATE {template_of_0_1}")
    await superuser(f"GRANT CREATE ON DATABASE {name} TO panhuo_owner")
    yield name
    await superuser(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(loop_scope="session")
async def db(dazu: Dazu) -> Database:
    return dazu.db


@pytest_asyncio.fixture(loop_scope="session")
async def app(dazu: Dazu, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Litestar]:
    """The application on the test's database."""
    data_dir = str(tmp_path_factory.mktemp("data"))
    settings = read({"DATABASE_URL": dazu.url, "PUBLIC_URL": "http://panhuo.test", "DATA_DIR": data_dir})
    shutil.copytree(dazu.files, settings.files_dir)
    app = create(settings)
    app.state.application_state = state = ApplicationState(dazu.db, SnapshotCache(dazu.db), settings, Limits())
    yield app
    await state.streams.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """The application called as over HTTP; anonymous unless a key is given. Its answers are held to the description."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    hooks = {"response": [hold_to_description]}
    async with httpx.AsyncClient(transport=transport, base_url="http://panhuo.test", event_hooks=hooks) as http:
        yield http


@pytest.fixture
def keys(dazu: Dazu) -> dict[str, dict[str, str]]:
    """Headers of the demo's accounts: admin, the staff of either park, the firm."""
    return {login: {"X-API-Key": dazu.key(login)} for login in dazu.accounts}
