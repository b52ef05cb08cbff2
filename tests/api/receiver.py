"""A receiver of webhooks on loopback: says what it is told to say, and keeps what it got."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Receiver:
    """`says` are the answers to come, the last one for ever; "silence" answers nothing."""

    says: list[str]
    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    takes_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    def ids(self) -> list[str]:
        """Ids of the events it accepted, in the order they came."""
        return [event["id"] for body in self.accepted for event in body.get("data", {}).get("events", [])]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            kept = {line.split(": ")[0].lower(): line.split(": ", 1)[1] for line in head[1:] if line}
            body = await reader.readexactly(int(headers["content-length"]))
            text = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            self.got.append((head[0], kept, body))
            await asyncio.sleep(self.takes_s)
            if text == "silence":
                await reader.read()
                return
            if text.startswith("2"):
                self.accepted.append(json.loads(body))
            writer.write(f"HTTP/1.1 {text}\r\nContent-Length: 2\r\n\r\nok".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.busy -= 1
            writer.close()


@asynccontextmanager
async def receiving(*says: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(says) or ["200 OK"])
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a subscriber checks it. Source: Standard Webhooks 1.0, written here a second time."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")
