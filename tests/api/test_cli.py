"""The command line on a database that stands: what it prints works, what it refuses it says in both languages."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx

from tests.conftest import TODAY, Dazu


def panhuo(dazu: Dazu, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    command = [sys.executable, "-m", "ops.cli", *arguments]
    return subprocess.run(
        command, env=own | {"DATABASE_URL": dazu.url}, input=typed, capture_output=True, text=True, check=False
    )


async def test_a_key_made_on_the_command_line_signs_in_as_its_account(dazu: Dazu, client: httpx.AsyncClient) -> None:
    made = panhuo(dazu, "key", "add", "demo-shuangqiao", "--label", "QGIS", "--expires-on", str(TODAY))

    assert made.returncode == 0, made.stderr
    key = {"X-API-Key": made.stdout.strip()}
    assert (await client.get("/api/v1/auth/me", headers=key)).json()["login"] == "demo-shuangqiao"
    kept = (await client.get("/api/v1/auth/keys", headers=key)).json()["items"]
    assert [item["expires_on"] for item in kept if item["label"] == "QGIS"] == [str(TODAY)]


async def test_what_is_refused_names_its_field_and_nothing_is_made(dazu: Dazu) -> None:
    unknown = panhuo(dazu, "key", "add", "nobody", "--label", "QGIS")
    past = panhuo(dazu, "key", "add", "demo-admin", "--label", "QGIS", "--expires-on", "2020-01-01")
    weak = panhuo(dazu, "user", "add", "new-admin", "--role", "admin", typed="short\n")

    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.strip() == "login: 没有这条记录 There is no such record"
    assert (past.returncode, past.stdout) == (1, "")
    assert past.stderr.startswith("expires_on: ")
    assert (weak.returncode, weak.stdout) == (1, "")
    assert weak.stderr.startswith("password: ")
    async with dazu.db.system() as conn:
        assert await conn.fetchval("SELECT count(*) FROM api_key WHERE label = 'QGIS'") == 0
        assert await conn.fetchval("SELECT count(*) FROM account WHERE login = 'new-admin'") == 0


async def test_a_database_address_that_was_given_is_not_printed(dazu: Dazu) -> None:
    done = panhuo(dazu, "db", "up")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
