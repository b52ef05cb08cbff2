"""Answers that go on: sent as they come, ended by the reader, by the service's end, or by their source.

What a stream costs a process is bounded: so many in all, so many per caller, and one chunk in hand for each.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from litestar import Response
from litestar.types import HTTPResponseStartEvent, Receive, Scope, Send

from domain.errors import TooMany, Unavailable
from store.db import NIL, Database
from store.feed import ChangeSignal

#: Source: TRUST handbook §8: 5 streams a caller, 500 a process.
MOST_PER_CALLER, MOST = 5, 500
TRY_AGAIN_S = 15
LAST_WORD_S = 1.0
AGAIN_S = 1.0
#: How often a stream asks, without any act on accounts, whether its reader still may: what ends by time ends so.
RECHECK_S = 30.0


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
    """An answer whose chunks come from a source; it is its own ASGI application.

    `headers`: its source may set more until it gives the first chunk. `is_endless`: it may stop after any chunk.
    Another that stops before its end is broken off, so that nobody takes a part for the whole.
    """

    __slots__ = ("_ending", "_headers", "_is_endless", "_leave", "_media_type", "_revoked", "_source")

    def __init__(
        self,
        source: AsyncGenerator[bytes, None],
        media_type: str,
        *,
        headers: Mapping[str, str],
        leave: Callable[[], None],
        revoked: Callable[[], Coroutine[Any, Any, None]],
        ending: asyncio.Event,
        is_endless: bool = True,
    ) -> None:
        self.content = b""
        self.status_code: int = 200
        self._source, self._leave, self._revoked, self._ending = source, leave, revoked, ending
        self._is_endless = is_endless
        self._headers, self._media_type = headers, media_type

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """Itself: there is nothing left to render."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the source ends, the reader goes or may read no more, or the service ends."""
        sending, gone = asyncio.create_task(self._send_all(send)), asyncio.create_task(_gone(receive))
        watching = [gone, asyncio.create_task(self._ending.wait()), asyncio.create_task(self._revoked())]
        try:
            await asyncio.wait([sending, *watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            has_ended = sending.done() or gone.done()
            for task in (sending, *watching):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        if not has_ended:
            if not self._is_endless:
                raise ConnectionAbortedError("the service ends, or the reader may read no more")
            with suppress(TimeoutError):  # one who reads nothing is cut off
                async with asyncio.timeout(LAST_WORD_S):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        """The head goes with the first chunk: what fails before it is refused as anywhere."""
        has_begun = False
        async with aclosing(self._source) as source:
            async for chunk in source:
                if not has_begun:
                    await send(self._start())
                has_begun = True
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _start(self) -> HTTPResponseStartEvent:
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in self._headers.items()]
        fields.append((b"content-type", self._media_type.encode()))
        return {"type": "http.response.start", "status": 200, "headers": fields}


async def revoked_reading(changes: ChangeSignal, db: Database, still_may: Callable[[], Awaitable[bool]]) -> None:
    """Returns once the reader may read no more: asked anew after every act on accounts and keys, and at times."""
    with changes.waiting(db, [NIL]) as changed:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), RECHECK_S)
            changed.clear()
            try:
                if not await still_may():
                    return
            except Unavailable:
                await asyncio.sleep(AGAIN_S)
                changed.set()


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
