"""What the deployment by containers promises and needs no engine to show; the rest is `tests.deploy.compose`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cluster import SETTINGS
from api.settings import PREFIX, VARIABLES

ROOT = Path(__file__).resolve().parents[2]
SERVE_DB = ROOT / "store/serve_db.sh"
GOOD = "0123456789abcdefABCDEF_-"


def make_env(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    return subprocess.run(["make", "-s", "env", *more], cwd=folder, capture_output=True, text=True, check=False)


def test_make_env_writes_random_secrets_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    done = [make_env(tmp_path / name) for name in ("a", "b")]

    told = [(tmp_path / name / ".env").read_text(encoding="utf-8").splitlines() for name in ("a", "b")]
    assert [one.returncode for one in done] == [0, 0]
    assert (tmp_path / "a/.env").stat().st_mode & 0o777 == 0o600
    names = [[line.partition("=")[0] for line in lines if not line.startswith("#")] for lines in told]
    assert names == [["POSTGRES_PASSWORD", "SERVICE_PASSWORD", "PANHUO_DEMO"]] * 2
    secrets = [line.partition("=")[2] for lines in told for line in lines[:2]]
    assert len(set(secrets)) == 4
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {24}


def test_make_env_replaces_nothing_unless_told(tmp_path: Path) -> None:
    make_env(tmp_path)
    before = (tmp_path / ".env").read_bytes()

    again = make_env(tmp_path)
    kept = (tmp_path / ".env").read_bytes()
    forced = make_env(tmp_path, "FORCE=1")

    assert again.returncode != 0
    assert (
        ".env 已存在，未改动；FORCE=1 换新。.env is there and stays; FORCE=1 replaces it." in again.stderr.splitlines()
    )
    assert (kept, forced.returncode) == (before, 0)
    assert (tmp_path / ".env").read_bytes() != before


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("POSTGRES_PASSWORD", ""),
        ("POSTGRES_PASSWORD", "postgres"),
        ("SERVICE_PASSWORD", GOOD[:23]),
        ("SERVICE_PASSWORD", "choose-a-password-for-panhuo"),
        ("SERVICE_PASSWORD", "CHANGE_ME_CHANGE_ME_CHANGE_ME"),
        ("SERVICE_PASSWORD", "an-example-of-a-secret-1234"),
        ("SERVICE_PASSWORD", GOOD + "'; DROP TABLE asset; --"),
        ("POSTGRES_PASSWORD", GOOD + "@elsewhere"),
    ],
)
def test_the_database_refuses_a_secret_that_is_none(name: str, secret: str) -> None:
    told = {"POSTGRES_PASSWORD": GOOD, "SERVICE_PASSWORD": GOOD[::-1], name: secret, "PATH": "/usr/bin:/bin"}

    done = subprocess.run(["sh", SERVE_DB], env=told, capture_output=True, text=True, check=False)

    wanted = f"{name} must be at least 24 random letters, digits, _ or -, and no example; make env makes one."
    assert (done.returncode, done.stderr.splitlines()[1:]) == (1, [wanted])


def test_the_database_refuses_one_secret_for_both_logins() -> None:
    told = {"POSTGRES_PASSWORD": GOOD, "SERVICE_PASSWORD": GOOD, "PATH": "/usr/bin:/bin"}

    done = subprocess.run(["sh", SERVE_DB], env=told, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr[-50:]) == (1, "POSTGRES_PASSWORD and SERVICE_PASSWORD must differ.\n"[-50:])


def test_the_containers_database_is_set_up_as_the_private_one() -> None:
    told = SERVE_DB.read_text(encoding="utf-8")

    own = {"listen_addresses", "port", "unix_socket_permissions"}  # of a socket in a closed folder
    assert [name for name, value in SETTINGS.items() if name not in own and f"-c {name}={value}" not in told] == []


def test_compose_hands_every_setting_on() -> None:
    told = (ROOT / "docker-compose.yml").read_text(encoding="utf-8") + (ROOT / "Dockerfile").read_text(encoding="utf-8")

    missing = {one.name for one in VARIABLES if not re.search(rf"\b({PREFIX}{one.name}|{one.name})\b", told)}
    assert missing == {"RUNTIME_DIR"}  # of the private cluster, which no container runs


def test_only_the_server_has_a_published_port_and_every_secret_must_be_told() -> None:
    told = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    assert [line.strip() for line in told.splitlines() if "ports:" in line] == [
        'ports: ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]'
    ]
    assert (
        told.count("_PASSWORD:?make env}") == told.count("${POSTGRES_PASSWORD") + told.count("${SERVICE_PASSWORD") == 4
    )
