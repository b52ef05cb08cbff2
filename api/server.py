"""The server process: one address, as many workers as told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api import logs
from api.settings import Settings, settings

if TYPE_CHECKING:
    from litestar import Litestar

#: Answers in flight end within it; a reader that has stopped reading holds up nobody for longer.
DRAIN_S = 15


def app() -> Litestar:
    """The application of one worker; the process that watches the workers never loads it."""
    from api.app import create

    told = settings()
    logs.configure(told.log_level)
    return create(told)


def serve(told: Settings) -> int:
    """Serves until a signal comes."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    Granian(
        "api.server:app",
        factory=True,
        address=told.host,
        port=told.port,
        interface=Interfaces.ASGI,
        workers=told.workers,
        log_access=False,
        http=HTTPModes.http1,  # a connection that may yet turn out to speak HTTP/2 is held open without a limit
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=65_536),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_S,
    ).serve()
    return 0
