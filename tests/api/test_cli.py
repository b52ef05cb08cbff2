"""The command line on a database that stands: what it prints works, what it refuses it says in both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

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


async def test_accounts_are_kept_from_the_command_line(dazu: Dazu, client: httpx.AsyncClient) -> None:
    login, first, second = "park-leader", "swan-river-granite-7", "copper-lantern-meadow-3"
    who = {"login": login}

    async def signs_in(password: str) -> int:
        return (await client.post("/api/v1/auth/login", json=who | {"password": password})).status_code

    made = panhuo(dazu, "user", "add", login, "--role", "leader", "--park", "shuangqiao", typed=f"{first}\n")
    listed = panhuo(dazu, "user", "list")
    assert (made.returncode, made.stderr) == (0, "")
    assert f"{login}  leader  启用 active  shuangqiao" in listed.stdout.splitlines()
    assert await signs_in(first) == 200

    changed = panhuo(dazu, "user", "password", login, typed=f"{second}\n")
    moved = panhuo(dazu, "--json", "user", "parks", login, "--park", "dazu-gaoxin")
    assert (changed.returncode, moved.returncode) == (0, 0), changed.stderr + moved.stderr
    assert (await signs_in(first), await signs_in(second)) == (401, 200)
    parks = {park["properties"]["code"]: park["id"] for park in (await client.get("/api/v1/parks")).json()["features"]}
    assert json.loads(moved.stdout)["park_ids"] == [parks["dazu-gaoxin"]]

    disabled = panhuo(dazu, "user", "disable", login)
    again = panhuo(dazu, "user", "disable", login)
    assert (disabled.returncode, disabled.stdout.strip()) == (0, f"{login}  停用 disabled")
    assert (again.returncode, again.stderr.strip()) == (
        1, "account_id: 该账号已停用 This account is disabled already"
    )  # fmt: skip
    assert await signs_in(second) == 401
    assert panhuo(dazu, "user", "enable", login).returncode == 0
    assert await signs_in(second) == 200


async def test_a_command_on_accounts_that_is_wrong_says_what(dazu: Dazu) -> None:
    refusals = {
        ("disable", "nobody"): "login: 没有这条记录 There is no such record",
        ("parks", "demo-shuangqiao", "--park", "nowhere"): "--park nowhere: 没有这个园区 There is no such park",
        ("disable", "demo-admin"): "account_id: ",
        ("parks", "demo-admin", "--park", "shuangqiao"): "park_ids: ",
        ("password", "demo-admin"): "password: ",
    }
    for arguments, says in refusals.items():
        done = panhuo(dazu, "user", *arguments, typed="short\n")
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert done.stderr.startswith(says), done.stderr
    assert panhuo(dazu, "user", "add", "x1", "--role", "staff", "--firm", "7").returncode == 2
    assert panhuo(dazu, "user", "disable").returncode == 2


async def test_a_ledger_is_tried_saved_and_given_back(dazu: Dazu, park: dict[str, Any], tmp_path: Path) -> None:
    ledger, issues = tmp_path / "台账.csv", tmp_path / "问题.xlsx"
    ledger.write_text("编号,名称,类别,面积（㎡）\nC-1,一号,厂房,900\nC-1,重号,厂房,800\n", encoding="utf-8")
    known = ("import", str(ledger), "--park", park["id"], "--as", "demo-shuangqiao")

    tried = panhuo(dazu, *known, "--dry-run", "--issues", str(issues))
    refused = panhuo(dazu, *known)
    saved = panhuo(dazu, "--json", *known, "--only-sound")

    assert (tried.returncode, refused.returncode, saved.returncode) == (1, 1, 0), saved.stderr
    assert "台账.csv 3" in tried.stdout
    assert issues.read_bytes().startswith(b"PK")
    shown = json.loads(saved.stdout)
    assert (shown["counts"]["new"], shown["counts"]["refused"]) == (1, 1)
    async with dazu.db.system() as conn:
        assert await conn.fetchval("SELECT name FROM asset WHERE code = 'C-1'") == "一号"
        assert await conn.fetchval("SELECT registered FROM batch WHERE id = $1", shown["batch_id"]) == 1
