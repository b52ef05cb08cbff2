"""Packets: whole and verified without a database; one flipped byte is seen, and named; for whoever reads the park."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from ops.verification import verify
from store import files
from tests.api.story import Headers, firm_of, lease
from tests.api.test_attachments import PDF, PHOTO, V1, added, picture
from tests.api.test_doctor import panhuo
from tests.conftest import TODAY, Dazu


@pytest.fixture
async def packet(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any]
) -> dict[str, Any]:
    """A deal with two files, and its packet."""
    body = lease([hall["id"]], await firm_of(client, keys))
    outcome = (await client.post(f"{V1}/outcomes", headers=staff, json=body)).json()
    place = f"/outcomes/{outcome['id']}"
    contract = await added(client, staff, place, PDF, kind="contract", file_name="合同.pdf")
    photo = await added(client, staff, f"{place}/stages/opened", picture(), **PHOTO)
    answer = await client.get(f"{V1}{place}/packet", headers=staff)
    assert answer.status_code == 200, answer.text
    return {"raw": answer.content, "contract": contract, "photo": photo, "place": place, "park_id": outcome["park_id"]}


def written(folder: Path, raw: bytes) -> Path:
    file = folder / "packet.zip"
    file.write_bytes(raw)
    return file


async def test_a_packet_holds_files_and_acts_and_is_verified_without_a_database(
    packet: dict[str, Any], tmp_path: Path
) -> None:
    file = written(tmp_path, packet["raw"])
    result = verify(file)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        index = json.loads(archive.read("index.json"))
        events = [json.loads(line) for line in archive.read("events.jsonl").splitlines()]
        kept = {name: archive.read(name) for name in names if name.startswith("files/")}

    assert result.changed == []
    contract, photo = packet["contract"], packet["photo"]
    assert kept == {f"files/{contract['id']}/合同.pdf": PDF, f"files/{photo['id']}/大门.jpg": picture()}
    assert names == ["events.jsonl", "chain.txt", *kept, "index.json"]
    assert [file["facts"] for file in index["files"]] == [contract, photo]
    assert {event["act"] for event in events} == {"lease.opened", "attachment.added"}
    command = panhuo("no_database_of_this_name", "--json", "verify", str(file))
    document = json.loads(command.stdout)
    assert (command.returncode, document["intact"], document["changed"]) == (0, True, [])
    assert document["head"] == index["head"]


async def test_a_flipped_byte_is_named(packet: dict[str, Any], tmp_path: Path) -> None:
    raw: bytes = packet["raw"]
    contract = f"files/{packet['contract']['id']}/合同.pdf"
    for needle, named in ((PDF, contract), (b"PLANTED-SERIAL", f"files/{packet['photo']['id']}/大门.jpg")):
        at = raw.index(needle) + 3
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert verify(written(tmp_path, changed)).changed == [named]
    command = panhuo("none", "verify", str(written(tmp_path, raw[:-1] + b"x")))
    assert command.returncode == 1
    assert "changed: archive" in command.stdout

    random = Random(21)
    for _ in range(300):
        at, bit = random.randrange(len(raw)), 1 << random.randrange(8)
        changed = raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]
        assert verify(written(tmp_path, changed)).changed != [], (at, bit)


def forged(raw: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The packet with a member changed, and index, sums and seal made anew: all but the chain."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    index = json.loads(members["index.json"])
    index["members"] |= {name: hashlib.sha256(members[name]).hexdigest()} if name in index["members"] else {}
    for file in index["files"]:
        if file["member"] == name:
            file["sha256"] = index["members"][name]
    members["index.json"] = json.dumps(index, ensure_ascii=False).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for member, body in members.items():
            archive.writestr(member, body)
        archive.comment = b"0" * 64
    whole = target.getvalue()[:-64]
    return whole + hashlib.sha256(whole).hexdigest().encode()


async def test_what_was_written_anew_departs_from_the_chain(packet: dict[str, Any], tmp_path: Path) -> None:
    raw = packet["raw"]
    contract = f"files/{packet['contract']['id']}/合同.pdf"
    index = verify(written(tmp_path, raw)).index
    rev = index["head"]["rev"]

    assert verify(written(tmp_path, forged(raw, "index.json", b"panhuo", b"panhuo"))).changed == []
    assert verify(written(tmp_path, forged(raw, contract, b"1.7", b"1.6"))).changed == [contract]
    events = forged(raw, "events.jsonl", b"attachment.added", b"attachment.adden")
    assert f"act {rev}" in verify(written(tmp_path, events)).changed
    chain = forged(raw, "chain.txt", b"0\n", b"1\n")
    assert "head" in verify(written(tmp_path, chain)).changed
    assert verify(written(tmp_path, b"no packet")).changed == ["archive"]


async def test_units_and_periods_have_packets_for_their_readers_alone(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    hall: dict[str, Any],
    packet: dict[str, Any],
    tmp_path: Path,
    dazu: Dazu,
) -> None:
    shown = await added(client, staff, f"/assets/{hall['id']}", readers="public")
    places = {
        f"/assets/{hall['id']}/packet": {shown["id"]},
        f"/parks/{packet['park_id']}/packet?from={TODAY}&to={TODAY}": {
            shown["id"], packet["contract"]["id"], packet["photo"]["id"],
        },
    }  # fmt: skip
    for place, ids in places.items():
        for who in (staff, keys["demo-leader"], keys["demo-admin"]):
            result = verify(written(tmp_path, (await client.get(f"{V1}{place}", headers=who)).content))
            assert result.changed == []
            assert ids <= {file["facts"]["id"] for file in result.index["files"]}
        assert (await client.get(f"{V1}{place}", headers=keys["demo-dazu-gaoxin"])).status_code == 403
        assert (await client.get(f"{V1}{place}", headers=keys["demo-zhiding"])).status_code == 403
        assert (await client.get(f"{V1}{place}")).status_code == 401
    address = f"{V1}{packet['place']}/packet"
    statuses = [
        (await client.get(address, headers=keys[who])).status_code for who in ("demo-dazu-gaoxin", "demo-zhiding")
    ]
    assert statuses == [404, 403]
    backwards = await client.get(f"{V1}/parks/{packet['park_id']}/packet?from=2025-02-01&to=2025-01-01", headers=staff)
    assert (backwards.status_code, backwards.json()["errors"][0]["field"]) == (400, "from")


async def test_a_file_that_is_lost_is_named(
    client: httpx.AsyncClient, staff: Headers, packet: dict[str, Any], tmp_path: Path, app: Any
) -> None:
    files.path_of(app.state.application_state.settings.files_dir, packet["contract"]["sha256"]).unlink()

    answer = await client.get(f"{V1}{packet['place']}/packet", headers=staff)

    assert verify(written(tmp_path, answer.content)).changed == ["合同.pdf"]
