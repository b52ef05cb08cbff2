"""Deploys the service by containers as the README says, and holds it to its promises: `python -m tests.deploy.compose`.

Built, started and asked through the published port; PostgreSQL killed, a second server put beside the first, the
deployment taken down and up again with other secrets.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from api.request import SHANGHAI
from tests.deploy import machine
from tests.deploy.engine import engine
from tests.deploy.machine import Failed, output, step

STAFF, FIRM = "demo-shuangqiao", "demo-zhiding"
WITHIN_S = 120.0
AT_MOST_S = 900
KILL = "kill -9 $(head -n 1 /var/lib/postgresql/panhuo/postmaster.pid)"
# The engine of the proof gives builds no network of their own: they use the machine's.
BUILDS = {"services": {name: {"build": {"network": "host"}} for name in ("db", "migrate", "api", "worker")}}


@dataclass(frozen=True)
class Deployment:
    """Where its files lie, how to speak to its engine, where it answers."""

    folder: Path
    env: dict[str, str]
    address: str

    def docker(self, *words: str) -> str:
        return output("docker", *words, env=self.env)

    def compose(self, *words: str) -> str:
        return output("timeout", str(AT_MOST_S), "docker-compose", *words, env=self.env, cwd=self.folder)

    def new_secrets(self) -> list[str]:
        (self.folder / ".env").unlink(missing_ok=True)
        output("make", "env", cwd=self.folder)
        lines = (self.folder / ".env").read_text(encoding="utf-8").splitlines()
        return [value for name, _, value in (line.partition("=") for line in lines) if name.endswith("_PASSWORD")]


@dataclass(frozen=True)
class Lease:
    """A lease that a park's staff signs, and what a server says of it."""

    accounts: dict[str, dict[str, Any]]
    path: str
    unit: str

    def move_on(self, address: str, stage: str) -> None:
        tag = {"If-Match": ask(address, "GET", self.path, self.accounts[STAFF]).headers["etag"]}
        body = {"stage": stage, f"{stage}_on": today()}
        ask(address, "POST", f"{self.path}/stages", self.accounts[STAFF], headers=tag, json=body)

    def standing(self, address: str) -> tuple[str, str]:
        """The stage as staff reads it, and the unit's availability as anyone does."""
        unit = ask(address, "GET", self.unit).json()["properties"]
        return ask(address, "GET", self.path, self.accounts[STAFF]).json()["stage"], unit["availability"]


def ask(
    address: str, method: str, path: str, account: dict[str, Any] | None = None, *,
    headers: dict[str, str] | None = None, **more: Any,
) -> httpx.Response:  # fmt: skip
    """An answer of 2xx; anything else fails the proof."""
    key = {} if account is None else {"X-API-Key": str(account["api_key"])}
    answer = httpx.request(method, f"{address}{path}", headers=key | (headers or {}), timeout=30, **more)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer


def today() -> str:
    return str(datetime.now(UTC).astimezone(SHANGHAI).date())


def main(place: Path) -> None:
    """Raises: `CannotHere`, `Failed`, `AssertionError`."""
    folder, port = place / "checkout", machine.free_port()
    machine.copy_checkout(folder)
    (folder / "docker-compose.override.yml").write_text(json.dumps(BUILDS))
    with engine(place) as env:
        here = Deployment(folder, env | machine.package_index() | {"PORT": str(port)}, f"http://127.0.0.1:{port}")
        refused(here, "make env", "config")  # there are no secrets yet
        secrets = here.new_secrets()
        try:
            build(here)
            secrets += promises(here)
            logs = here.compose("logs", "--no-color")
        finally:
            here.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
    assert "panhuo.access" in logs  # what is looked for next could have been there
    assert [secret for secret in secrets if secret in logs] == []


def refused(here: Deployment, why: str, *words: str) -> None:
    """Holds a command of Compose to be refused, and to say why."""
    try:
        here.compose(*words)
    except Failed as refusal:
        assert why in str(refusal), refusal
        return
    raise AssertionError(f"{words} is not refused")


def build(here: Deployment) -> None:
    """Both images, with their sizes; the service's holds its code and packages, no tests, history or secrets."""
    with step("docker-compose build"):
        here.compose("build", "--parallel")
    for image in ("debian:12-slim", "panhuo-app", "panhuo-db"):
        size = int(here.docker("image", "inspect", "--format", "{{.Size}}", image))
        print(f"{size / 1e6:6.0f} MB {image}", flush=True)
    code = {path.parent.name for path in machine.ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    held = here.docker("run", "--rm", "--network", "none", "panhuo-app", "ls", "-A", "/app").split()
    assert set(held) == code | {".venv", "requirements.lock"}, held


def promises(here: Deployment) -> list[str]:
    """Everything that is told of a running deployment; the secrets it got on the way."""
    with step("docker-compose up"):
        here.compose("up", "--detach")
        wait_for(here.address, 200, on_the_way={None})
    machine.assert_figures(here.address)
    is_closed(here)
    lease = open_lease(here)
    with step("a second server beside the first"):
        both_servers_agree(here, lease)
    with step("a backup"):
        dump = "pg_dump -Fc --role=panhuo_owner panhuo | head -c 5"
        assert here.compose("exec", "-T", "db", "sh", "-c", dump) == "PGDMP"
    with step("a second database on the same volume is refused"):
        refused(here, "Another container serves this volume.", "run", "--rm", "-T", "--no-deps", "db")
    with step("kill -9 of PostgreSQL, 503, ready again"):
        here.docker("exec", "--detach", here.compose("ps", "--quiet", "db").strip(), "sh", "-c", KILL)
        wait_for(here.address, 503, on_the_way={200})
        wait_for(here.address, 200, on_the_way={503})
    assert lease.standing(here.address) == ("handed_over", "occupied")
    with step("down, other secrets, up"):
        here.compose("down")
        secrets = here.new_secrets()
        here.compose("up", "--detach")
        wait_for(here.address, 200, on_the_way={None})
    assert lease.standing(here.address) == ("handed_over", "occupied")
    machine.assert_figures(here.address)
    return secrets


def wait_for(address: str, wanted: int, *, on_the_way: set[int | None]) -> None:
    """Waits until `/health/ready` gives the status wanted, and meets no other than those told until then."""
    give_up_at = time.monotonic() + WITHIN_S
    while (seen := machine.status(address)) != wanted:
        assert seen in on_the_way, f"{seen} instead of {wanted}"
        assert time.monotonic() < give_up_at, f"{seen} still, not {wanted}"
        time.sleep(0.05)


def is_closed(here: Deployment) -> None:
    """One published port, on this machine alone; no root, nothing to write on, no rights to take."""
    containers = json.loads(here.docker("inspect", *here.compose("ps", "--all", "--quiet").split()))
    bindings = [ports for container in containers for ports in (container["HostConfig"]["PortBindings"] or {}).values()]
    published = [(port["HostIp"], port["HostPort"]) for ports in bindings for port in ports]
    assert published == [("127.0.0.1", here.env["PORT"])], published
    assert len(containers) == 4
    for container in containers:
        held = container["HostConfig"]
        rights = (held["ReadonlyRootfs"], held["CapDrop"], held["Privileged"])
        assert rights == (True, ["ALL"], False), (container["Name"], rights)
        assert container["Config"]["User"] in ("panhuo", "postgres"), container["Name"]


def open_lease(here: Deployment) -> Lease:
    """Opens a lease on a factory that stands idle, by the demo accounts that `migrate` wrote; a paper can be set."""
    words = ("run", "--rm", "-T", "--no-deps", "migrate", "cat", "/var/lib/panhuo/demo-accounts.json")
    accounts = {account["login"]: account for account in json.loads(here.compose(*words))["accounts"]}
    machine.assert_paper(here.address, str(accounts[STAFF]["api_key"]))
    park_id = ask(here.address, "GET", "/api/v1/auth/me", accounts[STAFF]).json()["park_ids"][0]
    firm_id = ask(here.address, "GET", "/api/v1/auth/me", accounts[FIRM]).json()["firm_id"]
    query = {"park": park_id, "kind": "factory", "availability": "available", "path": "lease", "limit": 1}
    unit = ask(here.address, "GET", "/api/v1/assets", params=query).json()["features"][0]["id"]
    body = {"path": "lease", "asset_ids": [unit], "firm_id": firm_id, "starts_on": today(), "ends_on": "2035-12-31"}
    opened = ask(here.address, "POST", "/api/v1/outcomes", accounts[STAFF], json=body).json()
    return Lease(accounts, f"/api/v1/outcomes/{opened['id']}", f"/api/v1/assets/{unit}")


def both_servers_agree(here: Deployment, lease: Lease) -> None:
    """What either acknowledges the other says at once."""
    port = machine.free_port()
    second = f"http://127.0.0.1:{port}"
    here.compose("run", "--detach", "--no-deps", "--name", "second", "--publish", f"127.0.0.1:{port}:8000", "api")
    try:
        wait_for(second, 200, on_the_way={None})
        assert lease.standing(second) == ("opened", "reserved")
        lease.move_on(here.address, "signed")
        assert lease.standing(second) == ("signed", "occupied")  # it begins today
        lease.move_on(second, "handed_over")
        assert lease.standing(here.address) == ("handed_over", "occupied")
    finally:
        here.docker("rm", "--force", "second")


if __name__ == "__main__":
    sys.exit(machine.proof(main))
