"""Deploys the service by containers as the README says, and holds it to its promises: `python -m tests.deploy.compose`.

Built, started and asked through the published port; the database killed and the deployment taken down and up again.
Project, images, port, secrets and checkout are of its own: a deployment on the same engine is not touched.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.deploy import lease, machine
from tests.deploy.engine import Engine, engine
from tests.deploy.figures import assert_figures
from tests.deploy.machine import Failed, said, step

READY_S = 60.0
BACK_S = 60.0
POSTMASTER = "head -n 1 /var/lib/postgresql/panhuo/postmaster.pid"
KILL = f"kill -9 $({POSTMASTER})"


@dataclass(frozen=True)
class Deployment:
    """One deployment: where its files lie, what it is called, where it answers."""

    engine: Engine
    folder: Path
    name: str
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def images(self) -> tuple[str, str]:
        return f"panhuo-app:{self.name}", f"panhuo-db:{self.name}"

    def compose(self, *words: str) -> str:
        files = [self.folder / "docker-compose.yml"]
        files += [self.folder / "tests/deploy/builds.yml"] * self.engine.is_own
        told = {"COMPOSE_PROJECT_NAME": self.name, "TAG": self.name, "PORT": str(self.port), "BASE": self.engine.base}
        told |= {"COMPOSE_FILE": ":".join(map(str, files))} | machine.pip_settings()
        return said(*self.engine.compose, *words, env=self.engine.env | told, cwd=self.folder)

    def secrets(self) -> list[str]:
        lines = (self.folder / ".env").read_text().splitlines()
        return [line.partition("=")[2] for line in lines if "_PASSWORD=" in line]


def main() -> None:
    """Raises: `CannotHere`, `Failed`, `AssertionError`."""
    with engine() as on, _checkout() as folder:
        here = Deployment(on, folder, f"panhuo-test-{os.getpid()}", machine.free_port())
        _refuses_without_secrets(here)
        said("make", "env", cwd=folder)
        try:
            _tell(here)
        finally:
            here.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
            on.docker("image", "rm", "--force", *here.images)


@contextmanager
def _checkout() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="panhuo-compose-", dir="/var/tmp"))
    try:
        machine.copy_checkout(place)
        yield place
    finally:
        shutil.rmtree(place)


def _refuses_without_secrets(here: Deployment) -> None:
    try:
        here.compose("config")
    except Failed as refusal:
        assert "_PASSWORD" in str(refusal) and "make env" in str(refusal), refusal
        return
    raise AssertionError("Compose accepts a deployment without secrets")


def _tell(here: Deployment) -> None:
    with step("docker compose build"):
        here.compose("build", *["--parallel"] * here.engine.is_own)
    for image in here.images:
        size = int(here.engine.docker("image", "inspect", "--format", "{{.Size}}", image))
        print(f"{size / 1e6:6.0f} MB {image.partition(':')[0]}", flush=True)
    _images_hold_the_service_alone(here)
    _refuses_an_example_secret(here)
    with step("docker compose up"):
        here.compose("up", "--detach")
        _wait_until_ready(here.address)
    assert_figures(here.address)
    _is_closed(here)
    accounts = _accounts(here)
    lease_id, unit_id = lease.open_lease(here.address, accounts)
    with step("a second server beside the first"):
        _both_servers_agree(here, accounts, lease_id, unit_id)
    with step("kill -9 of PostgreSQL: away and back"):
        _outlives_a_kill(here)
    assert lease.standing(here.address, accounts, lease_id, unit_id) == ("handed_over", "occupied")
    with step("down, new secrets, up"):
        told_before = here.secrets()
        logs = here.compose("logs", "--no-color")
        here.compose("down")
        said("make", "env", "FORCE=1", cwd=here.folder)
        here.compose("up", "--detach")
        _wait_until_ready(here.address)
    assert lease.standing(here.address, accounts, lease_id, unit_id) == ("handed_over", "occupied")
    assert_figures(here.address)
    logs += here.compose("logs", "--no-color")
    assert "panhuo.access" in logs  # the words looked for below could have been there
    assert [secret for secret in {*told_before, *here.secrets()} if secret in logs] == []


def _images_hold_the_service_alone(here: Deployment) -> None:
    """No secret, test or history; run by nobody special."""
    held = here.engine.docker(
        "run", "--rm", "--network", "none", here.images[0], "sh", "-c", "ls -A /app; id -u"
    ).split()
    code = {path.parent.name for path in machine.ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert sorted(held) == sorted([*code, ".venv", "10001"]), held
    told = here.engine.docker("run", "--rm", "--network", "none", "--entrypoint", "id", here.images[1], "-u")
    assert told.strip() == "10002"


def _refuses_an_example_secret(here: Deployment) -> None:
    for secret in ("", "postgres", "change-me-change-me-change-me"):
        told = ["--env", f"POSTGRES_PASSWORD={secret}", "--env", f"SERVICE_PASSWORD={'a1' * 20}"]
        try:
            here.engine.docker("run", "--rm", "--network", "none", *told, here.images[1])
        except Failed as refusal:
            assert "POSTGRES_PASSWORD must be at least 24" in str(refusal), refusal
        else:
            raise AssertionError(f"the database starts with the secret {secret!r}")


def _wait_until_ready(address: str) -> None:
    give_up_at = time.monotonic() + READY_S
    while _status(address) != 200:
        if time.monotonic() > give_up_at:
            raise AssertionError(f"{address} is not ready after {READY_S:.0f} s")
        time.sleep(0.1)


def _status(address: str) -> int | None:
    """What `/health/ready` answers. Empty: None, where nobody does."""
    try:
        return httpx.get(f"{address}/health/ready", timeout=10).status_code
    except httpx.TransportError:
        return None


def _accounts(here: Deployment) -> lease.Accounts:
    told = here.compose("run", "--rm", "-T", "--no-deps", "migrate", "cat", "/var/lib/panhuo/demo-accounts.json")
    return {one["login"]: one for one in json.loads(told)["accounts"]}


def _is_closed(here: Deployment) -> None:
    """The database's port is not published; nothing is written outside the volumes; no rights are left to take."""
    ids = here.compose("ps", "--quiet").split()
    containers = [json.loads(here.engine.docker("inspect", "--format", "{{json .HostConfig}}", one)) for one in ids]
    published = [binding for one in containers for ports in (one["PortBindings"] or {}).values() for binding in ports]
    assert [(one["HostIp"], one["HostPort"]) for one in published] == [("127.0.0.1", str(here.port))], published
    assert len(containers) >= 3
    for one in containers:
        assert (one["ReadonlyRootfs"], one["CapDrop"], one["Privileged"]) == (True, ["ALL"], False), one


def _both_servers_agree(here: Deployment, accounts: lease.Accounts, lease_id: str, unit_id: str) -> None:
    """What either acknowledges the other says at once."""
    port = machine.free_port()
    second, name = f"http://127.0.0.1:{port}", f"{here.name}-second"
    here.compose("run", "--detach", "--no-deps", "--name", name, "--publish", f"127.0.0.1:{port}:8000", "api")
    try:
        _wait_until_ready(second)
        assert lease.standing(second, accounts, lease_id, unit_id) == ("opened", "reserved")
        for address, other, stage, unit in (
            (here.address, second, "signed", "occupied"),  # it begins today
            (second, here.address, "handed_over", "occupied"),
        ):
            lease.move_on(address, accounts, lease_id, stage)
            told = lease.standing(other, accounts, lease_id, unit_id)
            assert told == (stage, unit), told
    finally:
        here.engine.docker("rm", "--force", name)


def _outlives_a_kill(here: Deployment) -> None:
    """Ready, then 503 and nothing else while PostgreSQL is away, then ready again, by itself."""
    seen: list[int | None] = []
    is_watched = threading.Event()

    def watch() -> None:
        while not is_watched.is_set():
            seen.append(_status(here.address))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        here.compose("exec", "-T", "db", "sh", "-c", KILL)
        give_up_at = time.monotonic() + BACK_S
        while not (503 in seen and seen[-1] == 200) and time.monotonic() < give_up_at:
            time.sleep(0.05)
    finally:
        is_watched.set()
        watcher.join()
    assert (set(seen), seen[0], seen[-1]) == ({200, 503}, 200, 200), seen


if __name__ == "__main__":
    sys.exit(machine.proof(main))
