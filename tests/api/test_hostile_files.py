"""Ten thousand hostile files: refused or harmless, and the service goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from domain.media import ENDINGS, PICTURES
from tests.api.story import Headers
from tests.api.test_attachments import PDF, V1, added, picture, send
from tests.geo.hostile_files import hostile_files

ROOT = Path(__file__).resolve().parent.parent.parent
COUNT = 10_000
#: Every so many of them are sent over HTTP.
SENT_EVERY = 61


def test_ten_thousand_are_refused_or_harmless() -> None:
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); from tests.geo.hostile_files import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", start, str(ROOT), str(COUNT)], capture_output=True, text=True, timeout=600, check=False
    )

    assert ran.returncode == 0, ran.stderr[-2000:]
    counts = json.loads(ran.stdout)
    assert set(counts) == {"refused", "kept"}
    assert counts["refused"] + counts["kept"] == COUNT
    assert min(counts.values()) > 1000


async def test_those_sent_are_refused_by_name_or_served_as_what_cannot_run(
    client: httpx.AsyncClient, staff: Headers, park: dict[str, Any]
) -> None:
    place, answers = f"/parks/{park['id']}", set()
    for n, raw in enumerate(islice(hostile_files(COUNT), 0, None, SENT_EVERY)):
        about = {"kind": "other", "file_name": f"{n}.html", "readers": ("public", "staff")[b"ftyp" in raw[:12]]}
        sent = await send(client, staff, place, raw, **about)
        answers.add(sent.status_code)
        if sent.status_code != 201:
            fault = sent.json()["errors"][0]
            assert (sent.status_code, fault["field"]) == (422, "file"), (n, fault)
            continue
        document = sent.json()
        content = await client.get(f"{V1}/attachments/{document['id']}/content", headers=staff)
        assert content.content == raw
        is_picture = document["media_type"] in PICTURES
        assert content.headers["content-type"] == document["media_type"]
        assert content.headers["content-disposition"].startswith("inline" if is_picture else "attachment")
        assert content.headers["content-disposition"].endswith(ENDINGS[document["media_type"]])
        assert content.headers["x-content-type-options"] == "nosniff"
        assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"
        if is_picture:
            shown = await client.get(f"{V1}/attachments/{document['id']}/content?size=small")
            assert shown.content.startswith(b"\xff\xd8\xff")
            assert b"HOSTILE" not in shown.content
        await client.delete(
            f"{V1}/attachments/{document['id']}", headers=staff | {"If-Match": "*"}, params={"reason": "试"}
        )

    assert answers == {201, 422}
    assert (await added(client, staff, place, picture(), kind="photo", file_name="a.jpg"))["width_px"] == 1200
    assert (await added(client, staff, place, PDF))["media_type"] == "application/pdf"
