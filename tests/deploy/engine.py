"""A container engine of one's own, Debian's, for one proof: it ends with the proof, and its folder is removed.

It reaches no image registry: the bare Debian made here takes the place of the official base image. It gives builds no
network, and touches neither the machine's packet filter nor its forwarding.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy import machine
from tests.deploy.machine import CannotHere, Failed, output, step

BASE = "debian:12-slim"
START_S = 60.0
OPTIONS = ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none"]


@contextmanager
def engine(place: Path) -> Iterator[dict[str, str]]:
    """The environment in which `docker` and `docker-compose` speak to it. Raises: `CannotHere`."""
    machine.install("dockerd", "docker", "docker-compose", packages=("docker.io", "docker-compose"))
    kept = machine.bare_debian(place)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(place), "DOCKER_HOST": f"unix://{place}/socket"}
    env |= {"DOCKER_BUILDKIT": "1", "COMPOSE_DOCKER_CLI_BUILD": "1"}  # Compose 1 builds the slow old way unless told
    folders = ["--data-root", f"{place}/data", "--exec-root", f"{place}/exec", "--pidfile", f"{place}/pid"]
    command = ["dockerd", *OPTIONS, *folders, "-H", env["DOCKER_HOST"]]
    with machine.apart(command, log := place / "dockerd.log", env) as daemon:
        give_up_at = time.monotonic() + START_S
        with step("dockerd"):
            while not (place / "socket").exists() or not _answers(env):
                if daemon.poll() is not None or time.monotonic() > give_up_at:
                    raise CannotHere(f"dockerd: {log.read_text(errors='replace').strip()[-500:]}")
                time.sleep(0.2)
        output("docker", "import", kept, BASE, env=env)
        try:
            output("docker", "run", "--rm", "--network", "none", BASE, "true", env=env)
        except Failed as fault:
            raise CannotHere(f"这个内核不能运行容器。This kernel runs no containers: {fault}") from fault
        yield env


def _answers(env: dict[str, str]) -> bool:
    try:
        return bool(output("docker", "info", env=env))
    except Failed:
        return False
