"""The examples of the description: request and answer of every operation, recorded by asking.

What cannot be the same twice (ids, instants, tokens) is settled before it is kept; days may be others by the days that
have passed between two recordings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import httpx

from api.packet import ZIP
from api.report import CSV, PDF, XLSX
from tests.api.district import District, SampleRequest
from tests.api.requests import REQUESTS
from tests.conftest import TODAY

RECORDED_ON = "recorded_on"
DAY = r"\d{4}-\d\d-\d\d"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(DAY + r"T\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_TOKEN = re.compile(r"(ph_[akrqi])_[\w-]+")
_REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?!-)\b")
#: The two numbers of a question.
_SUM = re.compile(r"[一二三四五六七八九十]+加[一二三四五六七八九十]+等于几")
_SECRET = re.compile(r"whsec_[\w+/=]+")
_HOOK = re.compile(r"http://127\.0\.0\.1:\d+/hook\?a=1")
_PLACE = re.compile(r'((?:cursor|after)=|"position": ")[\w-]+')
#: The revision alone is a tag as good; what follows it is of bytes that no other recording gives.
_TAG = re.compile(r'\\"(\d+)\.[0-9a-f]{16}(?:-gzip)?\\"')
_TRIAL = re.compile(r'("token": ")[0-9a-f]{32}')
_PASSWORD = re.compile(r'("(?:old_)?password": )"[^"]*"')


async def recorded(district: District) -> dict[str, Any]:
    """Request and answer of every operation, settled; and the day they are of."""
    kept: dict[str, Any] = {RECORDED_ON: str(TODAY)}
    ids: dict[str, str] = {}
    for operation, make in REQUESTS.items():
        query = await make(district)
        answer = await district.send(query)
        assert answer.is_success, (operation, answer.text)
        kept[operation] = _settled(_example(query, answer), ids)
    return dict(sorted(kept.items()))


def _example(request: SampleRequest, answer: httpx.Response) -> dict[str, Any]:
    example: dict[str, Any] = {"parameters": request.parameters}
    if request.body is not None:
        example["body"] = request.body
    media_type = answer.headers["content-type"].partition(";")[0]
    body = _counted(answer.text) if media_type == "text/plain" else _content(answer, media_type)
    if request.operation == "openapi":  # the whole would hold this example too
        body = {name: body[name] for name in ("openapi", "info")}
    if request.operation == "list_schemes":
        body = {**body, "items": body["items"][:1]}
    return {**example, "response": {"media_type": media_type, "body": body}}


def _content(answer: httpx.Response, media_type: str) -> Any:
    """The answer, of a drawing its head alone: what follows depends on the day. A paper is bytes, and not shown."""
    if media_type in (PDF, CSV, XLSX, ZIP):
        return "…"
    if media_type == "text/calendar":  # what follows has instants of another form
        return answer.text.partition("UID:")[0]
    return answer.text.partition("<title>")[0] if media_type == "image/svg+xml" else answer.json()


def _counted(text: str) -> str:
    """What the figures of a process are, and one that is the same in each."""
    lines = [line for line in text.splitlines() if line.startswith("#") and "_created" not in line]
    return "\n".join([*lines, 'panhuo_requests_total{method="GET",route="/health/live",status="200"} 1.0', ""])


def _settled(example: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """Ids by order of appearance, instants as one instant of the day, and no secret."""
    text = json.dumps(example, ensure_ascii=False)
    text = _UUID.sub(lambda row: ids.setdefault(row[0], f"01990000-0000-7000-8000-{len(ids) + 1:012}"), text)
    text = _INSTANT.sub(rf"{TODAY}T01:00:00\1", text)
    text = _PLACE.sub(r"\1a-place-in-the-list", _TOKEN.sub(r"\1_not-a-real-token", text))
    text = _HOOK.sub("https://panhuo.example.org/hook", _SECRET.sub("whsec_not-a-real-secret", text))
    text = _SUM.sub("三加四等于几", _REFERENCE.sub("7K3M-9QTD", text))
    text = _TAG.sub(r'\\"\1\\"', text)
    text = _TRIAL.sub(r"\1of-a-dry-run", text)
    settled: dict[str, Any] = json.loads(_PASSWORD.sub(r'\1"not-a-real-password"', text))
    return settled


def differing(kept: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """The operations whose examples differ by more than the days that have passed between the two recordings."""
    passed = date.fromisoformat(made[RECORDED_ON]) - date.fromisoformat(kept[RECORDED_ON])
    names = sorted((set(kept) | set(made)) - {RECORDED_ON})
    return [name for name in names if not _same(_parts(kept.get(name)), _parts(made.get(name)), passed)]


def _parts(example: Any) -> list[str]:
    return re.split(f"({DAY})", json.dumps(example, sort_keys=True, ensure_ascii=False))


def _same(old: list[str], new: list[str], passed: timedelta) -> bool:
    return len(old) == len(new) and all(
        a == b or (n % 2 == 1 and date.fromisoformat(b) - date.fromisoformat(a) == passed)
        for n, (a, b) in enumerate(zip(old, new, strict=True))
    )
