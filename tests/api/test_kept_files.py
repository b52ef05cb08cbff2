"""Bytes of files: removed when nothing has referred to them for 30 days, missed by doctor, kept and brought back."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from actions.attachment import remove_unreferenced
from store import files
from store.roles import ensure_roles
from tests.api.story import Headers
from tests.api.test_attachments import PDF, PHOTO, V1, added, picture
from tests.api.test_doctor import panhuo
from tests.conftest import TODAY, Dazu, address, superuser

DAY_S = 86_400


@pytest.fixture
def folder(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files lie, for the command line too."""
    settings = app.state.application_state.settings
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    result: Path = settings.files_dir
    return result


async def drop(client: httpx.AsyncClient, staff: Headers, document: dict[str, Any]) -> None:
    address = f"{V1}/attachments/{document['id']}"
    answer = await client.delete(address, headers=staff | {"If-Match": "*"}, params={"reason": "重复"})
    assert answer.status_code == 200, answer.text


async def test_bytes_go_30_days_after_nothing_refers_to_them(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], dazu: Dazu, folder: Path
) -> None:
    place, now_s = f"/assets/{hall['id']}", time.time()
    shown, twice = [await added(client, staff, place, PDF) for _ in range(2)]
    photo = await added(client, staff, place, picture(), **PHOTO)
    before = set(files.hashes(folder))
    await drop(client, staff, twice)
    await drop(client, staff, photo)
    (folder / "incoming-cut").write_bytes(b"half")

    async def removed(days: int) -> int:
        return await remove_unreferenced(
            dazu.db, folder, today=TODAY + timedelta(days), now_s=now_s + days * DAY_S + 60
        )

    assert [await removed(30), (folder / "incoming-cut").exists()] == [0, False]
    fresh = picture(size=(50, 50))
    again = await added(client, staff, place, fresh, **PHOTO)
    assert await removed(31) == 5  # the original, the one without its place, three sizes
    assert before - set(files.hashes(folder)) == before - set(files.hashes(folder)) - {shown["sha256"]}
    assert (await client.get(f"{V1}/attachments/{shown['id']}/content", headers=staff)).content == PDF
    assert (await client.get(f"{V1}/attachments/{again['id']}/content", headers=staff)).content == fresh


async def test_bytes_put_again_meanwhile_stay(folder: Path) -> None:
    async def chunks() -> Any:
        yield b"again"

    sha256, _ = await files.put(folder, chunks(), 9)
    os.utime(files.path_of(folder, sha256), (0, 0))
    await files.put(folder, chunks(), 9)

    assert not files.drop(folder, sha256, before_s=time.time() - DAY_S)
    os.utime(files.path_of(folder, sha256), (0, 0))
    assert files.drop(folder, sha256, before_s=time.time() - DAY_S)
    assert not files.path_of(folder, sha256).exists()


async def test_doctor_names_what_is_lost_and_tells_of_what_nothing_refers_to(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], dazu: Dazu, conn: asyncpg.Connection, folder: Path
) -> None:
    await ensure_roles(dazu.superuser_url, service="panhuo_service", admin="panhuo_admin")
    made = await added(client, staff, f"/assets/{hall['id']}")
    files.path_of(folder, made["sha256"]).unlink()
    stray = hashlib.sha256(b"stray").hexdigest()
    files.path_of(folder, stray).parent.mkdir(exist_ok=True)
    files.path_of(folder, stray).write_bytes(b"stray")

    document = json.loads(panhuo(dazu.name, "--json", "doctor").stdout)

    checks = {check["check"]: check["found"] for check in document["checks"]}
    assert document["well"] is False
    assert checks["files"] == [f"{made['park_id']}/{made['id']} {made['sha256']}"]
    assert stray in checks["unreferenced"]
    gone = await client.get(f"{V1}/attachments/{made['id']}/content", headers=staff)
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (404, "file_gone")


async def test_a_backup_holds_the_files_and_brings_them_back(
    client: httpx.AsyncClient,
    staff: Headers,
    hall: dict[str, Any],
    dazu: Dazu,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ensure_roles(dazu.superuser_url, service="panhuo_service", admin="panhuo_admin")
    made = await added(client, staff, f"/assets/{hall['id']}", picture(), **PHOTO)
    file, name = tmp_path / "panhuo.backup", f"panhuo_test_{uuid.uuid4().hex[:12]}"
    saved = panhuo(dazu.name, "db", "backup", str(file))
    assert saved.returncode == 0, saved.stderr
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert names[0] == "database.dump"
    assert f"files/{made['sha256'][:2]}/{made['sha256']}" in names[1:]
    changed = tmp_path / "changed.backup"
    changed.write_bytes(file.read_bytes().replace(b"PLANTED-SERIAL", b"planted-serial"))
    await superuser(f"CREATE DATABASE {name}")
    try:
        await ensure_roles(address(None, name), service="panhuo_service", admin="panhuo_admin")
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))

        refused = panhuo(name, "db", "restore", str(changed))
        back = panhuo(name, "db", "restore", str(file))

        assert (refused.returncode, made["sha256"] in refused.stderr) == (1, True)
        assert back.returncode == 0, back.stderr
        assert set(files.hashes(folder)) <= set(files.hashes(tmp_path / "elsewhere" / "files"))
        assert panhuo(name, "doctor").returncode == 0
    finally:
        await superuser(f"DROP DATABASE {name} WITH (FORCE)")
