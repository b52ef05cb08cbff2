"""`panhuo serve` on a test's database, for what only a real server shows."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx


@contextmanager
def serving(database_url: str, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server and its port; its public address is there unless a variable says otherwise."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    own |= {"DATABASE_URL": database_url, "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    own |= {"PANHUO_WORK": "false", "PANHUO_LOG_LEVEL": "warning", **variables}
    server = subprocess.Popen([sys.executable, "-m", "ops.cli", "serve"], env=own, start_new_session=True)
    try:
        _await(port)
        yield server, port
    finally:
        with suppress(ProcessLookupError):  # its worker would outlive it
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _await(port: int) -> None:
    """Returns once the server answers."""
    give_up_at = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=2)
            return
        except httpx.TransportError:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
