"""A reader of streams: speaks to the application as a server would, and can hang up at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar


@dataclass
class Listener:
    """What a stream has said so far."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    position: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    beats: int = 0
    retry: str = ""
    has_ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int, within_s: float = 10) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        async with asyncio.timeout(within_s):
            while len(self.events) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.events

    async def ended(self, within_s: float = 5) -> None:
        """Waits for the end of the answer."""
        async with asyncio.timeout(within_s):
            while not self.has_ended:
                self.changed.clear()
                await self.changed.wait()

    def take(self, line: str) -> None:
        """One line of a stream. Source: WHATWG HTML, server-sent events."""
        name, _, value = line.partition(": ")
        match name:
            case "id":
                self.position = value
            case "retry":
                self.retry = value
            case "data":
                self.events.append(json.loads(value))
            case _:
                self.beats += line.startswith(":")


@asynccontextmanager
async def listening(app: Litestar, headers: dict[str, str], query: str = "") -> AsyncIterator[Listener]:
    """An open stream, read beside the block; hung up when the block ends."""
    listener, hung_up, messages = (
        Listener(),
        asyncio.Event(),
        [{"type": "http.request", "body": b"", "more_body": False}],
    )

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            listener.status = message["status"]
            listener.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            for line in message["body"].decode().splitlines():
                listener.take(line)
            listener.has_ended = not message["more_body"]
        listener.changed.set()

    answering = asyncio.create_task(app(_request(headers, query), receive, send))
    try:
        async with asyncio.timeout(10):
            while not listener.position:
                listener.changed.clear()
                await listener.changed.wait()
        yield listener
    finally:
        hung_up.set()
        await answering


def _request(headers: dict[str, str], query: str) -> Any:
    sent = {"accept": "text/event-stream", "host": "panhuo.test", **headers}
    path = "/api/v1/events"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("panhuo.test", 80),
        "state": {},
        "extensions": {},
    }
