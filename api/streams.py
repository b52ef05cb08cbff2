"""Answers that go on: sent as they come, ended by the reader, by the service's end, or by their source.

What a stream costs a process is bounded: so many in all, so many per caller, and one chunk in hand for each.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from litestar import Response
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from domain.errors import TooMany, Unavailable
from store.feed import ChangeSignal

#: Source: TRUST handbook §8: 5 streams a caller, 500 a process.
MOST_PER_CALLER, MOST = 5, 500
TRY_AGAIN_S = 15


class Streams:
    """The open streams of a process, and the signal that wakes them."""

    def __init__(self) -> None:
        self.signal = ChangeSignal()
        self.ending = asyncio.Event()
        self._open: Counter[str] = Counter()

    def enter(self, caller: str) -> Callable[[], None]:
        """Takes a place; the answer gives it back. Raises TooMany for one caller, Unavailable for the process."""
        if self._open[caller] >= MOST_PER_CALLER:
            raise TooMany("too_many_streams", retry_after_s=TRY_AGAIN_S, most=MOST_PER_CALLER)
        if self.ending.is_set() or self._open.total() >= MOST:
            raise Unavailable("busy", retry_after_s=TRY_AGAIN_S)
        self._open[caller] += 1

        def leave() -> None:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

        return leave

    async def close(self) -> None:
        self.ending.set()
        await self.signal.close()


class Stream(Response[bytes]):
    """An answer whose chunks come from a source; it is its own ASGI application."""

    __slots__ = ("_ending", "_fields", "_leave", "_source")

    def __init__(
        self,
        source: AsyncGenerator[bytes, None],
        media_type: str,
        *,
        headers: Mapping[str, str],
        leave: Callable[[], None],
        ending: asyncio.Event,
    ) -> None:
        self.content = b""
        self.status_code: int = 200
        self._source, self._leave, self._ending = source, leave, ending
        self._fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self._fields.append((b"content-type", media_type.encode()))

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the source ends, the reader goes, or the service does."""
        sending = asyncio.create_task(self._send_all(send))
        watching = [asyncio.create_task(_gone(receive)), asyncio.create_task(self._ending.wait())]
        try:
            await asyncio.wait([sending, *watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            for task in watching:
                task.cancel()
            has_ended = sending.done()
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        if not has_ended and self._ending.is_set():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        start: HTTPResponseStartEvent = {"type": "http.response.start", "status": 200, "headers": self._fields}
        await send(start)
        async with aclosing(self._source) as source:
            async for chunk in source:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Returns once the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def ended_by_signals(streams: Streams) -> Iterator[None]:
    """A stop signal ends the streams at once: a server waits for its open answers before it tells the application."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(streams.ending.set)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
