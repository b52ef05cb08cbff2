"""Files over HTTP: sent, read by whoever may and by nobody else, changed, dropped, refused by the name of the field."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import asyncpg
import httpx
import pytest
from litestar import Litestar
from PIL import Image

from actions import attachment as acts
from actions.reference import add_scheme
from domain.actor import SYSTEM
from fixtures import reference
from store import files
from tests.api.story import Headers, box, firm_of, lease
from tests.conftest import TODAY, Dazu

V1 = "/api/v1"
PDF = b"%PDF-1.7\n1 0 obj\n"
PAPER = {"kind": "plan", "file_name": "平面图.pdf"}
PHOTO = {"kind": "photo", "file_name": "大门.jpg"}


async def send(
    client: httpx.AsyncClient, who: Headers, place: str, raw: bytes = PDF, headers: Headers | None = None, **about: Any
) -> httpx.Response:
    facts = {**PAPER, **about}
    return await client.post(f"{V1}{place}/attachments", headers=who | (headers or {}), params=facts, content=raw)


async def added(client: httpx.AsyncClient, who: Headers, place: str, raw: bytes = PDF, **about: Any) -> dict[str, Any]:
    answer = await send(client, who, place, raw, **about)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def fault_of(answer: httpx.Response) -> tuple[int, str, str]:
    fault = answer.json()["errors"][0]
    return answer.status_code, fault["field"], fault["code"]


def picture(
    form: str = "JPEG", size: tuple[int, int] = (1200, 800), *, orientation: int = 1, exif: bool = True
) -> bytes:
    """A picture, red above and blue below, with a place and serial numbers as a camera writes them."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2))
    facts = Image.Exif()
    facts[0x0112] = orientation
    facts[0x010F] = "PLANTED-MAKER"
    facts.get_ifd(0x8769)[0xA431] = "PLANTED-SERIAL-4711"
    facts.get_ifd(0x8825).update({1: "N", 2: (29.0, 30.0, 12.5), 3: "E", 4: (105.0, 45.0, 1.0)})
    target = io.BytesIO()
    more: dict[str, Any] = {"comment": b"PLANTED-COMMENT"} if form == "JPEG" else {}
    image.save(target, format=form, **({"exif": facts} if exif else {}), **more)
    return target.getvalue()


@pytest.fixture
async def outcome(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any]
) -> dict[str, Any]:
    """A deal of the firm on the hall."""
    body = lease([hall["id"]], await firm_of(client, keys))
    answer = await client.post(f"{V1}/outcomes", headers=staff, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_file_is_sent_listed_read_changed_and_dropped(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], conn: asyncpg.Connection, app: Litestar
) -> None:
    place, once = f"/assets/{hall['id']}", {"Idempotency-Key": "plan-1"}
    about = {"readers": "public", "title": "一层", "taken_on": "2024-05-01", "source": "建设单位"}
    made, again = [await send(client, staff, place, headers=once, **about) for _ in range(2)]
    other = await send(client, staff, place, PDF + b"2", headers=once, **about)

    document = made.json()
    assert (made.status_code, again.text, again.headers["idempotency-replayed"]) == (201, made.text, "true")
    assert fault_of(other) == (422, "Idempotency-Key", "key_reused")
    assert made.headers["location"] == f"{V1}/attachments/{document['id']}"
    sha256 = hashlib.sha256(PDF).hexdigest()
    expected = {**PAPER, **about, "media_type": "application/pdf", "size_bytes": len(PDF), "sha256": sha256}
    assert {name: document[name] for name in expected} == expected
    assert (document["asset_id"], document["is_of_park"], document["width_px"]) == (hall["id"], False, None)
    kept = app.state.application_state.settings.files_dir
    assert files.path_of(kept, sha256).read_bytes() == PDF

    listed = (await client.get(f"{V1}{place}/attachments")).json()
    read = await client.get(f"{V1}/attachments/{document['id']}")
    content = await client.get(f"{V1}/attachments/{document['id']}/content")
    assert listed == {"items": [document], "next": None}
    assert read.json() == document
    assert content.content == PDF
    named = "attachment; filename=\"file.pdf\"; filename*=UTF-8''"
    assert content.headers["content-disposition"].startswith(named)
    assert unquote(content.headers["content-disposition"]).endswith("平面图.pdf")
    guards = ("x-content-type-options", "content-security-policy", "content-length", "cache-control")
    assert [content.headers[name] for name in guards] == [
        "nosniff", "default-src 'none'; sandbox", str(len(PDF)), "no-cache",
    ]  # fmt: skip
    tag = {"If-None-Match": content.headers["etag"]}
    unchanged = await client.get(f"{V1}/attachments/{document['id']}/content", headers=tag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    address = f"{V1}/attachments/{document['id']}"
    stale = await client.patch(address, headers=staff | {"If-Match": '"7"'}, json={"title": None})
    assert fault_of(stale) == (412, "If-Match", "stale")
    change = {"title": None, "kind": "certificate"}
    changed = await client.patch(address, headers=staff | {"If-Match": read.headers["etag"]}, json=change)
    assert (changed.status_code, changed.json()["title"], changed.json()["kind"]) == (200, None, "certificate")
    bare = await client.delete(address, headers=staff | {"If-Match": "*"})
    assert fault_of(bare) == (400, "reason", "missing")
    gone = {"Idempotency-Key": "drop-1", "If-Match": changed.headers["etag"]}
    dropped, twice = [await client.delete(address, headers=staff | gone, params={"reason": "传错"}) for _ in range(2)]
    assert dropped.json() == {"id": document["id"], "dropped_on": str(TODAY)}
    assert (twice.status_code, twice.text) == (200, dropped.text)
    for path in (address, f"{address}/content"):
        assert (await client.get(path, headers=staff)).status_code == 404
    assert (await client.get(f"{V1}{place}/attachments", headers=staff)).json()["items"] == []
    row = await conn.fetchrow("SELECT dropped_on, reason, title FROM panhuo.attachment WHERE id = $1", document["id"])
    assert tuple(row) == (TODAY, "传错", None)
    past = await conn.fetch("SELECT title, kind FROM history.attachment WHERE id = $1 ORDER BY 1", document["id"])
    assert [tuple(version) for version in past] == [("一层", "plan"), (None, "certificate")]
    events = await conn.fetch(
        "SELECT act, body::text FROM panhuo.event WHERE subject_id = $1 ORDER BY rev", document["id"]
    )
    assert [event["act"] for event in events] == ["attachment.added", "attachment.amended", "attachment.dropped"]
    assert json.loads(events[0]["body"])["sha256"] == sha256
    assert "一层" not in events[0]["body"]
    assert "平面图" not in events[0]["body"]


async def test_every_subject_has_its_files_and_its_readers(
    client: httpx.AsyncClient,
    keys: dict[str, Headers],
    staff: Headers,
    park: dict[str, Any],
    hall: dict[str, Any],
    outcome: dict[str, Any],
) -> None:
    """The matrix of readers: what of one park, or of one deal, is for others, and what is not."""
    firm_id = await firm_of(client, keys)
    query = {"park_id": park["id"], "firm_id": firm_id, "topic": "power", "request": "增容"}
    request_id = (await client.post(f"{V1}/service-requests", headers=staff, json=query)).json()["id"]
    facts = {"park_id": park["id"], "code": "F-9", "name": "草稿", "level": "building"}
    feature = {"type": "Feature", "geometry": box(park, 3), "properties": facts}
    draft = (await client.post(f"{V1}/assets", headers=staff, json=feature)).json()
    outcome_path = f"/outcomes/{outcome['id']}"
    made = {}
    for name, place, readers in (
        ("public of a unit", f"/assets/{hall['id']}", "public"),
        ("staff of a unit", f"/assets/{hall['id']}", "staff"),
        ("public of a draft", f"/assets/{draft['id']}", "public"),
        ("public of the park", f"/parks/{park['id']}", "public"),
        ("staff of the park", f"/parks/{park['id']}", "staff"),
        ("firm of a deal", outcome_path, "firm"),
        ("staff of a deal", outcome_path, "staff"),
        ("firm of a stage", f"{outcome_path}/stages/opened", "firm"),
        ("firm of a request", f"/service-requests/{request_id}", "firm"),
        ("staff of a request", f"/service-requests/{request_id}", "staff"),
    ):
        made[name] = (place, (await added(client, staff, place, readers=readers))["id"])
    public = {"public of a unit", "public of the park"}
    of_firm = public | {"firm of a deal", "firm of a stage", "firm of a request"}
    readers_of: dict[str, tuple[Headers, set[str]]] = {
        "nobody": ({}, public),
        "own staff": (staff, set(made)),
        "admin": (keys["demo-admin"], set(made)),
        "other staff": (keys["demo-dazu-gaoxin"], public),
        "firm": (keys["demo-zhiding"], of_firm),
    }

    for who, (headers, may_read) in readers_of.items():
        for name, (place, attachment_id) in made.items():
            answers = [
                await client.get(f"{V1}/attachments/{attachment_id}{part}", headers=headers)
                for part in ("", "/content")
            ]
            listed = await client.get(f"{V1}{place}/attachments", headers=headers)
            shown = [item["id"] for item in listed.json().get("items", ())] if listed.status_code == 200 else []
            is_shown = name in may_read
            assert [answer.status_code for answer in answers] == [200 if is_shown else 404] * 2, (who, name)
            assert (attachment_id in shown) == is_shown, (who, name)

    for who in ("demo-dazu-gaoxin", "demo-zhiding"):
        for name, (place, attachment_id) in made.items():
            address, headers = f"{V1}/attachments/{attachment_id}", keys[who] | {"If-Match": "*"}
            is_shown = name in readers_of["firm" if who == "demo-zhiding" else "other staff"][1]
            for answer in (
                await client.patch(address, headers=headers, json={"title": "x"}),
                await client.delete(address, headers=headers, params={"reason": "x"}),
            ):
                assert answer.status_code == (403 if is_shown else 404), (who, name)
            sent = await send(client, keys[who], place)
            assert sent.status_code in (403, 404), (who, name)
    assert fault_of(await send(client, {}, f"/assets/{hall['id']}"))[0] == 401
    assert fault_of(await client.get(f"{V1}{outcome_path}/attachments"))[0] == 401
    unknown = await send(client, staff, f"{outcome_path}/stages/handed_over", readers="firm")
    assert fault_of(unknown) == (404, "", "no_such")
    of_stage = (await client.get(f"{V1}{outcome_path}/stages/opened/attachments", headers=staff)).json()["items"]
    assert [item["stage"] for item in of_stage] == ["opened"]


@pytest.mark.parametrize(
    ("raw", "about", "expected"),
    [
        (b"", {}, (422, "file", "file_empty")),
        (b"\x7fELF\x02\x01\x01", {}, (422, "file", "file_type")),
        (b"MZ\x90\x00", {"file_name": "图.jpg"}, (422, "file", "file_type")),
        (b"PK\x03\x04" + b"\0" * 26 + b"META-INF/MANIFEST.MF", {}, (422, "file", "file_type")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", {}, (422, "file", "file_type")),
        (b"\xef\xbb\xbf<!DOCTYPE html><script>1</script>", {}, (422, "file", "file_type")),
        (b"a note\n<script>1</script>", {}, (422, "file", "file_type")),
        (PDF, {"kind": "photo"}, (422, "kind", "photo_type")),
        (PDF, {"kind": "picture"}, (400, "kind", "not_in_vocabulary")),
        (PDF, {"readers": "firm"}, (422, "readers", "not_in_vocabulary")),
        (b"\0\0\0\x18ftypheic\0\0\0\0", {"readers": "public"}, (422, "readers", "readers_of_heic")),
        (PDF, {"file_name": "../图.pdf"}, (422, "file_name", "file_name_form")),
        (PDF, {"file_name": "a\\b.pdf"}, (422, "file_name", "file_name_form")),
        (PDF, {"file_name": ".."}, (422, "file_name", "file_name_form")),
        (PDF, {"file_name": "a\nX-Header: 1.pdf"}, (422, "file_name", "text_control")),
        (PDF, {"file_name": "a\u202egpj.exe"}, (422, "file_name", "text_hidden")),
        (PDF, {"file_name": "e\u0301.pdf"}, (422, "file_name", "file_name_form")),
        (PDF, {"file_name": ""}, (400, "file_name", "empty")),
        (PDF, {"title": " "}, (422, "title", "empty")),
        (PDF, {"taken_on": str(TODAY + timedelta(1))}, (422, "taken_on", "in_the_future")),
        (b"\xff\xd8\xff\xe0 no picture", {}, (422, "file", "picture_unreadable")),
    ],
)
async def test_what_is_wrong_is_refused_by_name_and_nothing_is_kept(
    client: httpx.AsyncClient,
    staff: Headers,
    hall: dict[str, Any],
    app: Litestar,
    raw: bytes,
    about: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    folder = app.state.application_state.settings.files_dir
    before = sorted(folder.rglob("*"))

    answer = await send(client, staff, f"/assets/{hall['id']}", raw, **about)

    assert fault_of(answer) == expected
    assert sorted(folder.rglob("*")) == before


async def test_what_is_too_large_is_refused_before_it_comes(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], app: Litestar
) -> None:
    state = app.state.application_state
    place = f"/assets/{hall['id']}"
    announced = await send(client, staff, place, headers={"Content-Length": str(10 << 30)})

    async def endless() -> Any:
        for _ in range(1000):
            yield b"%PDF-" + b"0" * 100_000

    streamed = await client.post(f"{V1}{place}/attachments", headers=staff, params=PAPER, content=endless())
    form = await send(client, staff, place, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert fault_of(announced) == (413, "file", "file_too_large")
    assert fault_of(streamed) == (413, "file", "file_too_large")
    assert fault_of(form) == (415, "Content-Type", "content_type")
    assert [path for path in state.settings.files_dir.glob("incoming-*")] == []


async def test_a_unit_has_200_files_at_most(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "MOST_OF_SUBJECT", 2)
    place = f"/assets/{hall['id']}"
    made = [await added(client, staff, place) for _ in range(2)]

    assert fault_of(await send(client, staff, place)) == (409, "", "too_many_attachments")
    address = f"{V1}/attachments/{made[0]['id']}"
    await client.delete(address, headers=staff | {"If-Match": "*"}, params={"reason": "多余"})
    assert (await send(client, staff, place)).status_code == 201


@pytest.mark.parametrize(
    ("raw", "name", "saved"),
    [
        (PDF, "paper.hta", "paper.hta.pdf"),
        ("一行字\r\n".encode() * 30_000, "说明.TXT", "说明.TXT"),
        (b"code,name\n1,a\n", "units.csv", "units.csv"),
        (b"plain words", "run.bat", "run.bat.txt"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"\0" * 90_000 + b"xl/workbook.xml", "a", "a.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "setup.msi", "setup.msi.doc"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "合同.wps", "合同.wps"),
        (b"AC1032\0\0", "总图.dwg", "总图.dwg"),
    ],
)
async def test_a_file_is_what_its_bytes_say_and_saved_as_that(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], raw: bytes, name: str, saved: str
) -> None:
    made = await added(client, staff, f"/assets/{hall['id']}", raw, kind="other", file_name=name, readers="public")

    content = await client.get(f"{V1}/attachments/{made['id']}/content")

    assert content.content == raw
    assert content.headers["content-disposition"].startswith("attachment; ")
    assert unquote(content.headers["content-disposition"].partition("''")[2]) == saved
    sized = await client.get(f"{V1}/attachments/{made['id']}/content?size=small")
    assert fault_of(sized) == (400, "size", "no_picture")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_has_four_sizes_and_its_place_is_for_staff_alone(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any], form: str
) -> None:
    raw = picture(form, (2400, 1600), orientation=6)
    about = {**PHOTO, "readers": "public"}
    made = await added(client, staff, f"/assets/{hall['id']}", raw, **about)
    content = f"{V1}/attachments/{made['id']}/content"

    original = await client.get(content, headers=staff)
    assert (original.content, original.headers["content-type"]) == (raw, f"image/{form.lower()}")
    assert b"PLANTED-SERIAL-4711" in raw
    sizes = {}
    for size in ("original", "large", "medium", "small"):
        answer = await client.get(content, params={"size": size})
        assert answer.headers["content-disposition"].startswith("inline; ")
        shown = Image.open(io.BytesIO(answer.content))
        sizes[size] = (shown.format, shown.size, answer.headers["content-type"])
        assert dict(shown.getexif()) == {}
        assert b"PLANTED" not in answer.content
        left, right = [shown.convert("RGB").getpixel((x, shown.height // 2)) for x in (2, shown.width - 3)]
        assert left[2] > 200 > 60 > left[0], "turned: what was above lies to the right"
        assert right[0] > 200 > 60 > right[2]
    smaller = {"large": (1280, 1920), "medium": (640, 960), "small": (213, 320)}
    assert sizes == {
        "original": (form, (1600, 2400), f"image/{form.lower()}"),
        **{name: ("JPEG", size, "image/jpeg") for name, size in smaller.items()},
    }
    shown_to_all = (await client.get(f"{V1}/attachments/{made['id']}")).json()
    public = (await client.get(content)).content
    assert (shown_to_all["sha256"], shown_to_all["size_bytes"]) == (hashlib.sha256(public).hexdigest(), len(public))
    assert (made["sha256"], made["width_px"], made["height_px"]) == (hashlib.sha256(raw).hexdigest(), 1600, 2400)


def png(width: int, height: int) -> bytes:
    """The head of a picture that says it has so many points."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


async def test_a_picture_of_too_many_points_is_not_opened(
    client: httpx.AsyncClient, staff: Headers, hall: dict[str, Any]
) -> None:
    chunk = b"IDAT" + zlib.compress(b"\0" * 1_000_000)
    raw = png(100_000, 100_000) + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))

    answer = await send(client, staff, f"/assets/{hall['id']}", raw, **PHOTO, headers={"Accept-Language": "en"})

    assert fault_of(answer) == (422, "file", "picture_too_large")
    assert "100000 × 100000" in answer.json()["errors"][0]["message"]


async def test_a_stage_demands_a_kind_of_file(
    client: httpx.AsyncClient, keys: dict[str, Headers], staff: Headers, hall: dict[str, Any], dazu: Dazu
) -> None:
    document = reference.rules("paths") | {"version": "paths-8"}
    document["paths"]["lease"]["gates"]["signed"]["attachments"] = ["contract", "appraisal"]
    assert await add_scheme(dazu.db, SYSTEM, "paths", "paths-8", document)
    body = lease([hall["id"]], await firm_of(client, keys))
    made = (await client.post(f"{V1}/outcomes", headers=staff, json=body)).json()
    place = f"/outcomes/{made['id']}"
    signed = {"stage": "signed", "signed_on": str(TODAY)}
    await added(client, staff, f"{place}/stages/opened", kind="appraisal")

    async def sign() -> httpx.Response:
        headers = staff | {"If-Match": "*", "Accept-Language": "en"}
        return await client.post(f"{V1}{place}/stages", headers=headers, json=signed)

    refused = await sign()
    contract = await added(client, staff, place, kind="contract")
    address = f"{V1}/attachments/{contract['id']}"
    await client.delete(address, headers=staff | {"If-Match": "*"}, params={"reason": "未盖章"})
    dropped = await sign()
    await added(client, staff, place, kind="contract")

    assert fault_of(refused) == fault_of(dropped) == (409, "attachments", "attachments_missing")
    assert "does not have: contract;" in refused.json()["errors"][0]["message"]
    assert ((await sign()).status_code, made["paths_version"]) == (200, "paths-8")
