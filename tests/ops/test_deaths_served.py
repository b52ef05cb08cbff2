"""`panhuo up` with two workers, over the network: whatever of it dies comes back, and takes nothing else with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from ops.cluster import Cluster
from tests.api.test_served import _free_port, _wait_until_ready

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")]


@dataclass(frozen=True)
class Running:
    """A running service: its address, its launcher's process and its private cluster."""

    address: str
    launcher: subprocess.Popen[bytes]
    cluster: Cluster

    @property
    def server(self) -> int:
        """The process that watches the workers."""
        return next(pid for pid in children_of(self.launcher.pid) if "ops.cli serve" in command_of(pid))

    def below(self, is_work: bool) -> list[int]:
        """The background work, or the workers that answer requests."""
        return [pid for pid in children_of(self.server) if ("ops.cli work" in command_of(pid)) is is_work]

    def has_another(self, database: int) -> bool:
        return self.cluster.status().server_pid not in (None, database)

    def has_new_worker(self, *known: int) -> bool:
        return any(pid not in known for pid in self.below(is_work=False))

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def children_of(pid: int) -> list[int]:
    return [int(item) for item in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:  # it has ended
        return ""


def is_soon(wanted: Callable[[], bool], within_s: float = 30.0) -> bool:
    give_up_at = time.monotonic() + within_s
    while not wanted():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    place.chmod(0o711)
    address = f"http://127.0.0.1:{(port := _free_port())}"
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    facts = {"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place), "PORT": str(port)}
    facts |= {"PANHUO_DEMO": "false", "PANHUO_WORKERS": "2", "PANHUO_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "ops.cli", "up"]
    launcher = subprocess.Popen(command, env=own | facts, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cluster = Cluster(place / "data", place)
    try:
        _wait_until_ready(address, launcher)
        yield Running(address, launcher, cluster)
    finally:
        launcher.terminate()
        launcher.wait(60)
        left = cluster.status().server_pid
        shutil.rmtree(place, ignore_errors=True)
    assert (launcher.returncode, left) == (0, None)


def test_workers_that_die_again_and_again_stop_no_other(running: Running) -> None:
    assert is_soon(lambda: len(running.below(is_work=False)) == 2)
    server = running.server
    first, other = running.below(is_work=False)

    for _ in range(4):
        os.kill(first, signal.SIGKILL)
        assert is_soon(partial(running.has_new_worker, first, other))
        first = next(pid for pid in running.below(is_work=False) if pid not in (first, other))

    assert other in running.below(is_work=False)
    assert (running.server, running.launcher.poll()) == (server, None)
    assert is_soon(running.is_ready)


def test_background_work_that_dies_is_started_again(running: Running) -> None:
    assert is_soon(lambda: len(running.below(is_work=True)) == 1)
    (first,) = running.below(is_work=True)

    os.kill(first, signal.SIGKILL)

    assert is_soon(lambda: running.below(is_work=True) not in ([], [first]))
    assert running.is_ready()


def test_a_killed_database_comes_back_twice(running: Running) -> None:
    for _ in range(2):
        before = running.cluster.status().server_pid
        assert before is not None

        os.kill(before, signal.SIGKILL)

        assert is_soon(partial(running.has_another, before))
        assert is_soon(running.is_ready)
    assert running.launcher.poll() is None


def test_a_database_that_hangs_does_not_hold_up_the_end(running: Running) -> None:
    """The last one here: the service ends the database it started, halted or not."""
    pid = running.cluster.status().server_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)

    running.launcher.terminate()

    assert running.launcher.wait(40) == 0
    assert running.cluster.status().server_pid is None
