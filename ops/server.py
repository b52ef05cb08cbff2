"""The server process: one address, as many workers as configured; one that dies is replaced and stops no other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from domain.settings import Settings
from ops import logs
from ops.child import pause_after
from ops.settings import settings

#: Answers in flight end within it; a reader that has stopped reading holds up nobody for longer.
DRAIN_S = 15
LOOK_S = 0.5


def app() -> Any:
    """The application of one worker; the process that watches the workers never loads it."""
    from api.app import create

    current = settings()
    logs.configure(current.log_level)
    return create(current)


def serve(settings: Settings, look: Callable[[], None] = lambda: None) -> int:
    """Serves until a signal comes; `look` is called every half second."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings

    _respawning_server(look)(
        "ops.server:app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        log_access=False,
        http=HTTPModes.http1,  # a connection that may yet turn out to speak HTTP/2 is held open without a limit
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=65_536),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_S,
    ).serve()
    return 0


def _respawning_server(look: Callable[[], None]) -> Any:
    """Granian with a loop of ours over its workers: its own ends the service at the second death within 5.5 s."""
    from granian.server.mp import MPServer

    class RespawningServer(MPServer):
        def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
            pauses: dict[int, float] = {}
            due_at: dict[int, float] = {}
            while not self.interrupt_signal:
                self.main_loop_interrupt.wait(LOOK_S)
                self.main_loop_interrupt.clear()  # first: what happens from here on wakes the next round
                now = time.monotonic()
                while self.interrupt_children:
                    index = self.interrupt_children.pop()
                    pauses[index] = pause_after(now - self.wrks[index].birth, pauses.get(index, 0.0))
                    due_at[index] = now + pauses[index]
                for index in [index for index, at in due_at.items() if at <= now and not self.interrupt_signal]:
                    del due_at[index]
                    self._respawn_workers([index], spawn_target, target_loader)
                if self.reload_signal:
                    self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
                look()

    return RespawningServer
