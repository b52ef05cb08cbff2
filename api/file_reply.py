"""The bytes of a file as an answer: a part at a time, as the reader takes them; nothing of it runs at the reader's."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from litestar import Response
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from api.response import PER_CALLER
from domain.entity_tags import kept_tag
from domain.media import PICTURES, saved_name

#: Bytes in hand.
CHUNK_BYTES: Final = 1 << 18
#: What came from outside is no page: it runs nothing, loads nothing, and is taken for nothing but what it is.
GUARDED: Final[Mapping[str, str]] = {
    **PER_CALLER,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class FileReply(Response[bytes]):
    """An answer whose bytes lie in an open file, which it closes; it is its own ASGI application.

    `known`: tags of answers that the caller has.
    """

    __slots__ = ("_fields", "_known", "_source", "_tag")

    def __init__(
        self, source: BinaryIO, media_type: str, file_name: str, *, sha256: str, known: Sequence[str] = ()
    ) -> None:
        self.content = b""
        self.status_code: int = 200
        self._source, self._tag, self._known = source, f'"{sha256[:32]}"', known
        headers = {**GUARDED, "Content-Disposition": disposition(file_name, media_type), "Content-Type": media_type}
        self._fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and the bytes; the head alone where the caller has them."""
        with self._source as source:
            size = os.fstat(source.fileno()).st_size
            is_kept = bool(self._known) and kept_tag(self._known, self._tag, is_gzipped=False) is not None
            fields = [*self._fields, (b"etag", self._tag.encode())]
            if is_kept:
                fields = [field for field in fields if field[0] != b"content-type"]
            else:
                fields.append((b"content-length", str(size).encode()))
            status = 304 if is_kept else 200
            start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": fields}
            await send(start)
            while not is_kept and (chunk := await asyncio.to_thread(source.read, CHUNK_BYTES)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def disposition(file_name: str, media_type: str) -> str:
    """Pictures are shown, the rest is saved, under a name with an ending of what it is. Source: RFC 6266."""
    name = saved_name(file_name, media_type)
    kind = "inline" if media_type in PICTURES else "attachment"
    ascii_name = name.rpartition(".")[2]
    return f"{kind}; filename=\"file.{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
