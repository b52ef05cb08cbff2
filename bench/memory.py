"""The anchor of whole collections: a service's answers from memory, fetched from it the first time.

The service is asked with the caller's own Host, so that its links lead back here.
"""

from __future__ import annotations

import asyncio
import http.client
import os
from collections.abc import Awaitable, Callable
from typing import Any

from granian import Granian
from granian.constants import Interfaces

KEPT: dict[str, tuple[int, list[tuple[bytes, bytes]], bytes]] = {}
LEFT_OUT = {"connection", "transfer-encoding", "content-length", "date", "server"}


def fetched(target: str, headers: dict[str, str]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PANHUO_TEST_BENCH_BEHIND"]), timeout=60)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    kept = [(name.encode(), text.encode()) for name, text in answer.getheaders() if name.lower() not in LEFT_OUT]
    connection.close()
    return answer.status, [*kept, (b"content-length", str(len(body)).encode())], body


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    if scope["type"] != "http":
        return
    target = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
    if target not in KEPT:
        headers = {name.decode(): text.decode() for name, text in scope["headers"] if name in (b"host", b"accept")}
        KEPT[target] = await asyncio.to_thread(fetched, target, headers)
    status, headers_kept, body = KEPT[target]
    await send({"type": "http.response.start", "status": status, "headers": headers_kept})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    Granian("bench.memory:app", port=int(os.environ["PORT"]), interface=Interfaces.ASGI, websockets=False).serve()
