"""The anchor of bench/attachments.py: a handler that writes the body to a file as it comes, and nothing else.

With `?synced` it waits until the file is on the disk.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, Request, get, post


@get("/health/live")
async def live() -> str:
    return "live"


@post("/file")
async def take(request: Request[Any, Any, Any]) -> dict[str, int]:
    size = 0
    with tempfile.NamedTemporaryFile(dir=os.environ["DATA_DIR"]) as sink:
        async for chunk in request.stream():
            size += len(chunk)
            sink.write(chunk)
        if "synced" in request.query_params:
            sink.flush()
            os.fsync(sink.fileno())
    return {"size_bytes": size}


def app() -> Litestar:
    return Litestar([live, take], openapi_config=None, logging_config=None, request_max_body_size=1 << 31)


if __name__ == "__main__":
    Granian(
        "bench.bare_upload:app", factory=True, port=int(os.environ["PORT"]), interface=Interfaces.ASGI, websockets=False
    ).serve()
