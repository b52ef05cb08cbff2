"""The demo's district and how its operations are asked: by id, with parameters by name, as the description tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from api.request import ApplicationState
from tests.api.story import Headers, box

ADMIN, STAFF, FIRM = "demo-admin", "demo-shuangqiao", "demo-zhiding"


def form_of(body: dict[str, Any]) -> dict[str, Any]:
    """A body as a form: its `file` is a table of text, what is no text is JSON."""
    file = {"file": ("台账.csv", str(body["file"]).encode())} if "file" in body else {"none": ("", b"")}
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    return {"files": file, "data": {name: value for name, value in fields.items() if name != "file"}}


@dataclass(frozen=True)
class SampleRequest:
    """A request: its operation, parameters by name and body; headers say who asks."""

    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Headers | None = None  # the admin's where none are given


@dataclass
class District:
    """The demo's district, with its operations by id."""

    client: httpx.AsyncClient
    keys: Mapping[str, Headers]
    accounts: Mapping[str, Mapping[str, Any]]
    document: dict[str, Any]
    park: dict[str, Any]
    firm_id: str
    hook_url: str
    state: ApplicationState
    made: int = 0
    drawn: int = 0

    async def send(self, request: SampleRequest, *, text: str | None = None) -> httpx.Response:
        """The answer; `text` goes in place of the body. A parameter nobody told of stands in the query."""
        method, path, facts = self.operation(request.operation)
        places = {parameter["name"]: parameter["in"] for parameter in facts["parameters"]}
        values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for name, value in request.parameters.items():
            values[places.get(name, "query")][name] = value
        address = path.format(
            **{name: quote(str(value), safe="", errors="surrogatepass") for name, value in values["path"].items()}
        )
        query = urlencode(values["query"], errors="surrogatepass")
        headers: dict[str, Any] = dict(self.keys[ADMIN] if request.headers is None else request.headers)
        headers |= {name: str(value).encode("utf-8", "surrogatepass") for name, value in values["header"].items()}
        form = "multipart/form-data" in facts.get("requestBody", {}).get("content", {})
        sent: dict[str, Any] = {"content": text}
        if "application/octet-stream" in facts.get("requestBody", {}).get("content", {}):
            sent = {"content": request.body.encode()}
        elif form and isinstance(request.body, dict):
            sent = form_of(request.body)
        elif request.body is not None:
            text = json.dumps(request.body) if text is None else text
            headers["Content-Type"] = "application/json"
            sent = {"content": text}
        return await self.client.request(
            method, f"{address}?{query}" if query else address, headers=headers, **sent
        )

    def operation(self, name: str) -> tuple[str, str, dict[str, Any]]:
        """Method, address and description of an operation."""
        return next(
            (method.upper(), path, facts)
            for path, methods in self.document["paths"].items()
            for method, facts in methods.items()
            if facts["operationId"] == name
        )

    async def done(self, request: SampleRequest) -> dict[str, Any]:
        answer = await self.send(request)
        assert answer.is_success, (request, answer.text)
        body: dict[str, Any] = answer.json()
        return body

    async def seen(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The parameters of a change to what this operation reads: its id, and the revision it is at."""
        headers = self.keys[FIRM] if operation == "read_demand" else None  # a draft is the firm's alone to read
        read = await self.send(SampleRequest(operation, parameters, headers=headers))
        assert read.status_code == 200, (operation, read.text)
        return parameters | {"If-Match": read.headers["etag"]}

    def square(self) -> dict[str, Any]:
        """A square of the park where nothing lies yet: units on one spot cannot be let beside each other."""
        self.drawn += 1
        return box(self.park, self.drawn % 31 - 15, row=self.drawn // 31 % 25 - 12)

    def code(self, before: str) -> str:
        """A code that nothing has yet."""
        self.made += 1
        return f"{before}-{self.made:03}"
