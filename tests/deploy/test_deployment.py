"""What the deployment by containers promises and needs no engine to show; the rest is `tests.deploy.compose`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ops.cluster import SETTINGS, shared_buffers
from ops.settings import PREFIX, VARIABLES

ROOT = Path(__file__).resolve().parents[2]
SERVE_DB = ROOT / "store/serve_db.sh"
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
GOOD = "0123456789abcdef" * 2


def make_env(folder: Path) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    return subprocess.run(["make", "-s", "env"], cwd=folder, capture_output=True, text=True, check=False)


def serve_db(**secrets: str) -> tuple[int, list[str]]:
    """What the database's container says with these secrets, and its exit code."""
    facts = {"PATH": "/usr/bin:/bin", **secrets}
    done = subprocess.run(["sh", SERVE_DB], env=facts, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines()


def test_an_image_gets_every_folder_of_the_service_and_no_other() -> None:
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")

    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}

    assert {line[1:-1] for line in let_in if line.startswith("!") and line.endswith("/")} == folders


def test_make_env_writes_random_secrets_for_its_owner_alone(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        assert make_env(folder).returncode == 0

    facts = [re.findall(r"^(\w+)=(.*)$", (folder / ".env").read_text(encoding="utf-8"), re.M) for folder in folders]

    assert [[name for name, _ in fact] for fact in facts] == [
        ["POSTGRES_PASSWORD", "SERVICE_PASSWORD", "PANHUO_DEMO"]
    ] * 2
    secrets = [value for fact in facts for name, value in fact if name.endswith("_PASSWORD")]
    assert len(set(secrets)) == 4
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {24}
    assert (folders[0] / ".env").stat().st_mode & 0o777 == 0o600


def test_make_env_keeps_the_secrets_that_are_there(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POSTGRES_PASSWORD=in use\n")

    again = make_env(tmp_path)

    assert again.returncode != 0
    assert ".env 已存在，未改动。.env is there and stays." in again.stderr.splitlines()
    assert (tmp_path / ".env").read_text() == "POSTGRES_PASSWORD=in use\n"


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "SERVICE_PASSWORD"])
@pytest.mark.parametrize(
    "secret", ["", "postgres", GOOD[:31], "change-me-change-me-change-me-change-me", GOOD + "'; --"]
)
def test_the_database_refuses_a_secret_that_is_none(name: str, secret: str) -> None:
    facts = {"POSTGRES_PASSWORD": GOOD, "SERVICE_PASSWORD": GOOD[::-1], name: secret}

    code, lines = serve_db(**facts)

    wanted = f"{name} must be at least 32 random hexadecimal digits; make env makes one."
    assert (code, lines[1:]) == (1, [wanted])


def test_the_database_refuses_one_secret_for_both_logins() -> None:
    code, lines = serve_db(POSTGRES_PASSWORD=GOOD, SERVICE_PASSWORD=GOOD)

    wanted = "POSTGRES_PASSWORD 与 SERVICE_PASSWORD 不可相同。POSTGRES_PASSWORD and SERVICE_PASSWORD must differ."
    assert (code, lines) == (1, [wanted])


def test_the_containers_database_is_set_up_as_the_private_one() -> None:
    text = SERVE_DB.read_text(encoding="utf-8")

    own = {"listen_addresses", "port", "unix_socket_permissions"}  # of a socket in a closed folder
    assert [name for name, value in SETTINGS.items() if name not in own and f"-c {name}={value}" not in text] == []


def test_both_servers_keep_as_much_of_what_they_read() -> None:
    function = re.search(r"^buffers_mb\(\) \{.*?^\}", SERVE_DB.read_text(encoding="utf-8"), re.M | re.S)
    assert function is not None

    done = subprocess.run(["sh", "-euc", f"{function[0]}\nbuffers_mb"], capture_output=True, text=True, check=True)

    assert f"{done.stdout.strip()}MB" == shared_buffers()


@pytest.mark.parametrize(("limit", "kept"), [(str(2 << 30), "256MB"), (str(1 << 20), "128MB"), ("max", None)])
def test_a_server_keeps_an_eighth_of_what_its_container_may_use(
    limit: str, kept: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shared_buffers()
    (tmp_path / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    monkeypatch.setattr("ops.cluster.MEMORY_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "none")))

    assert shared_buffers() == (kept or whole)


def test_compose_hands_every_setting_on() -> None:
    facts = COMPOSE + (ROOT / "Dockerfile").read_text(encoding="utf-8")

    missing = {
        variable.name
        for variable in VARIABLES
        if not re.search(rf"\b({PREFIX}{variable.name}|{variable.name})\b", facts)
    }

    assert missing == {"RUNTIME_DIR"}  # of the private cluster, which no container runs


def test_no_secret_has_a_default() -> None:
    used = re.findall(r"\$\{?\w+_PASSWORD\b[^}]*", COMPOSE)

    assert {item.partition("_PASSWORD")[2] for item in used} == {":?make env"}
    assert len(used) == 4
