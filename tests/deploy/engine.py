"""A container engine with Compose: the one that answers here, else one of our own, started for this proof and ended.

Our own is Debian's, without a network of its own for builds (they use the machine's) and without any image registry:
its base image is the bare Debian of `tests.deploy.debian`. What it holds lies in one folder, removed with it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.premises import die_with_parent
from tests.deploy import debian, machine
from tests.deploy.machine import CannotHere, Failed, said, step

OFFICIAL_BASE = "debian:12-slim"
OWN_BASE = "panhuo-debian:12"
START_S = 60.0
PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin"
OPTIONS = ("--iptables=false", "--ip6tables=false", "--bridge=none")
# The images need none of it, and the official slim base has none either.
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale")
KEPT_NAMES = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", *machine.PROXIES)


@dataclass(frozen=True)
class Engine:
    """How to speak to an engine: its environment, the words that call Compose, the base image to build on."""

    env: dict[str, str]
    compose: tuple[str, ...]
    base: str
    is_own: bool

    def docker(self, *command: str) -> str:
        return said("docker", *command, env=self.env)


@contextmanager
def engine() -> Iterator[Engine]:
    """Raises: `CannotHere` where there is none and none can be started."""
    env = {name: os.environ[name] for name in KEPT_NAMES if name in os.environ}
    compose = _compose(env)
    if compose is not None and _answers(env):
        yield Engine(env, compose, _base_for(env), is_own=False)
        return
    with _own(env) as own:
        yield own


def _answers(env: dict[str, str]) -> bool:
    try:
        return bool(said("docker", "info", "--format", "{{.ServerVersion}}", env=env).strip())
    except Failed:
        return False


def _compose(env: dict[str, str]) -> tuple[str, ...] | None:
    for words in (("docker", "compose"), ("docker-compose",)):
        try:
            said(*words, "version", env=env)
        except Failed:
            continue
        return words
    return None


def _base_for(env: dict[str, str]) -> str:
    """The official image where a registry is within reach, else the bare Debian made here."""
    try:
        said("docker", "pull", "-q", OFFICIAL_BASE, env=env)
    except Failed:
        return _import_base(env)
    return OFFICIAL_BASE


def _import_base(env: dict[str, str]) -> str:
    place = Path(tempfile.mkdtemp(prefix="panhuo-base-", dir="/var/tmp"))
    try:
        debian.lay_out(place / "tree")
        packed = place / "base.tar"
        said("tar", "-C", place / "tree", *(f"--exclude={name}" for name in LEFT_OUT), "-cf", packed, ".")
        said("docker", "import", packed, OWN_BASE, env=env)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return OWN_BASE


@contextmanager
def _own(env: dict[str, str]) -> Iterator[Engine]:
    machine.need_root()
    if not all(shutil.which(name, path=PROGRAMS) for name in ("dockerd", "docker", "docker-compose")):
        machine.install("docker.io", "docker-compose")
    place = Path(tempfile.mkdtemp(prefix="panhuo-engine-", dir="/var/tmp"))
    env = {name: value for name, value in env.items() if not name.startswith("DOCKER_")}
    env |= {"DOCKER_HOST": f"unix://{place}/sock", "PATH": PROGRAMS}
    env |= {"DOCKER_BUILDKIT": "1", "COMPOSE_DOCKER_CLI_BUILD": "1"}  # Compose 1 builds the slow old way unless told
    daemon = _started(place, env)
    try:
        _wait_until_it_answers(daemon, place, env)
        base = _base_that_runs(env)
        yield Engine(env, ("docker-compose",), base, is_own=True)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        _remove(place)


def _started(place: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    folders = ["--data-root", f"{place}/root", "--exec-root", f"{place}/run", "--pidfile", f"{place}/pid"]
    command = ["dockerd", *OPTIONS, *folders, "-H", env["DOCKER_HOST"]]
    with (place / "log").open("wb") as log:
        return subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip


def _wait_until_it_answers(daemon: subprocess.Popen[bytes], place: Path, env: dict[str, str]) -> None:
    give_up_at = time.monotonic() + START_S
    with step("container engine started"):
        while not _answers(env):
            if daemon.poll() is not None or time.monotonic() > give_up_at:
                raise CannotHere(f"dockerd: {(place / 'log').read_text(errors='replace').strip()[-300:]}")
            time.sleep(0.2)


def _base_that_runs(env: dict[str, str]) -> str:
    """The base image, once a container of it has run."""
    try:
        base = _import_base(env)
        said("docker", "run", "--rm", "--network", "none", base, "true", env=env)
    except Failed as fault:
        raise CannotHere(
            f"这个内核不能运行容器。This kernel runs no containers: {machine.last_words(fault)}"
        ) from fault
    return base


def _remove(place: Path) -> None:
    """Everything the engine held; a mount it left behind is let go first."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((mount for mount in mounts if mount.startswith(f"{place}/")), reverse=True):
        said("umount", mount)
    shutil.rmtree(place)
