"""`make run` in a bare Debian 12, with nothing but what the README asks for: `python -m tests.deploy.bare`.

The tree is a folder with process numbers and mounts of its own (`unshare`, `chroot`); it shares the network, so that
the service is asked from outside. Killing its first process ends everything in it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.premises import die_with_parent
from tests.deploy import debian, machine
from tests.deploy.figures import assert_figures
from tests.deploy.machine import CannotHere, Failed, said, step

NEEDS = "python3 python3-venv git make"  # README: what `make run` needs
READY_S = 600.0
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def main() -> None:
    """Raises: `CannotHere`, `Failed`, `AssertionError`."""
    machine.need_root()
    try:
        said(*APART, "true")
    except Failed as fault:
        raise CannotHere(f"unshare: {machine.last_words(fault)}") from fault
    place = Path(tempfile.mkdtemp(prefix="panhuo-bare-", dir="/var/tmp"))
    place.chmod(0o711)
    tree = place / "tree"
    try:
        debian.lay_out(tree)
        machine.copy_checkout(tree / "srv/panhuo")
        with step(f"apt-get install {NEEDS}"):
            said(*_inside(tree, f"apt-get update -q && apt-get install -qy --no-install-recommends {NEEDS}"))
        port = machine.free_port()
        with _running(tree, port, place / "log"):
            with step("make run: /health/ready"):
                _wait_until_ready(port, place / "log")
            assert_figures(f"http://127.0.0.1:{port}")
    finally:
        _remove(place)


def _inside(tree: Path, command: str, **told: str) -> list[str]:
    """The command line that runs a shell command in the tree, as root with a bare environment."""
    where = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
    # The installer of packages reads no certificate store unless told which.
    where |= {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"} | machine.pip_settings() | machine.proxies() | told
    environment = [f"{name}={value}" for name, value in where.items()]
    return [*APART, f"--mount-proc={tree}/proc", "chroot", str(tree), "env", "-i", *environment, "sh", "-c", command]


@contextmanager
def _running(tree: Path, port: int, log: Path) -> Iterator[None]:
    command = _inside(tree, "cd /srv/panhuo && exec make run", PORT=str(port))
    with log.open("wb") as out:
        tie = die_with_parent(signal.SIGKILL)
        service = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=tie)
    try:
        yield
    finally:
        service.kill()
        service.wait()


def _wait_until_ready(port: int, log: Path) -> None:
    give_up_at = time.monotonic() + READY_S
    while time.monotonic() < give_up_at and b"make: ***" not in log.read_bytes():
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass  # not there yet
        time.sleep(0.2)
    raise Failed(f"make run\n{log.read_text(errors='replace')[-3000:]}")


def _remove(place: Path) -> None:
    for _ in range(50):  # the last of the killed may still be writing
        shutil.rmtree(place, ignore_errors=True)
        if not place.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(machine.proof(main))
