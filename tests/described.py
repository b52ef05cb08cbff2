"""What is answered over HTTP is what the description says: each JSON success is held against its schema as it comes.

A member that is missing, or that nobody described, fails the test that met it; what to mend stands in the message.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from litestar import Litestar

from api.app import ROUTES
from api.description import described

#: Items of one list that are looked at: a list is long by its length and not by its kinds of items.
MOST_ITEMS = 40


async def hold_to_description(response: httpx.Response) -> None:
    """Raises: AssertionError for a JSON success that is not as it is described."""
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if not response.is_success or "json" not in media_type:
        return
    described_as = operation_of(response.request.method, response.request.url.path)
    if described_as is None:
        return
    await response.aread()
    faults = faults_of(described_as, response.status_code, media_type, response.json())
    assert faults == [], f"{described_as}: mend its record in api/answers, or the answer"


def faults_of(operation: str, status: int, media_type: str, body: Any) -> list[str]:
    """Where an answer departs from its schema. Empty: nowhere."""
    validator = _validators().get((operation, status, media_type))
    if validator is None:
        return [f"{status} {media_type} is not described"]
    return [f"{fault.json_path}: {fault.message[:300]}" for fault in validator.iter_errors(_shortened(body))][:5]


@cache
def document() -> dict[str, Any]:
    """The description, made once."""
    made: dict[str, Any] = json.loads(described(Litestar(ROUTES, openapi_config=None)))
    return made


@cache
def operation_of(method: str, path: str) -> str | None:
    """The operation that a request asks for; None for a page of no operation."""
    matching = [
        (template.count("{"), operation["operationId"])
        for template, methods in document()["paths"].items()
        for name, operation in methods.items()
        if name == method.lower() and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path.rstrip("/"))
    ]
    return min(matching)[1] if matching else None


@cache
def _validators() -> dict[tuple[str, int, str], Draft202012Validator]:
    components = {"components": document()["components"]}
    return {
        (operation["operationId"], int(status), media_type): Draft202012Validator({**form["schema"], **components})
        for methods in document()["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if status != "default"
        for media_type, form in answer.get("content", {}).items()
    }


def _shortened(body: Any) -> Any:
    """The body with its long lists cut."""
    if isinstance(body, dict):
        return {name: _shortened(value) for name, value in body.items()}
    return [_shortened(item) for item in body[:MOST_ITEMS]] if isinstance(body, list) else body
