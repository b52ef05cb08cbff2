"""What the environment may say, and what a slip in it is answered with."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.settings import Settings
from ops.settings import VARIABLES, SettingsError, environment_for_server, read, table_markdown

ROOT = Path(__file__).resolve().parent.parent.parent


def test_empty_environment_gives_the_defaults() -> None:
    settings = read({"PORT": "", "DATABASE_URL": "  "})

    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (settings.database_url, settings.demo, settings.workers, settings.body_limit_bytes) == (
        None,
        True,
        1,
        2 * 1024 * 1024,
    )


def test_prefixed_name_wins_over_the_plain_one() -> None:
    assert read({"PORT": "8001", "PANHUO_PORT": "8002"}).port == 8002
    assert read({"PORT": "8001"}).port == 8001


def test_plain_name_counts_for_the_listed_ones_only() -> None:
    assert read({"WORKERS": "7"}).workers == 1
    assert read({"PANHUO_WORKERS": "7"}).workers == 7


def test_data_folder_is_absolute_and_addresses_carry_no_slash() -> None:
    settings = read({"DATA_DIR": "here", "PUBLIC_URL": "https://panhuo.example/"})

    assert settings.data_dir == Path.cwd() / "here"
    assert settings.public_url == "https://panhuo.example"


def test_public_address_of_an_ipv6_host_has_brackets() -> None:
    assert read({"HOST": "::1", "PORT": "81"}).public_url == "http://[::1]:81"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("PORT", "0", "1–65535"),
        ("PORT", "80a", "1–65535"),
        ("PORT", "٨٠", "1–65535"),
        ("PANHUO_DEMO", "maybe", "true, false"),
        ("PANHUO_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("PUBLIC_URL", "panhuo.example", "https://panhuo.example"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "postgresql://login@host:5432/database"),
        ("DATABASE_URL", "postgresql://h/d", "postgresql://login@host:5432/database"),
        ("PANHUO_BODY_LIMIT_BYTES", "-1", "1024–1073741824"),
    ],
)
def test_wrong_value_is_named_with_what_would_be_right(name: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        read({name: value})

    assert str(wrong.value) == f"{name} 的值无效，应为：{wanted}\n{name} is not valid; wanted: {wanted}"


def test_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as wrong:
        read({"PANHUO_WORKER": "2"})

    wanted = (
        "没有 PANHUO_WORKER 这个变量，是否指 PANHUO_WORKERS？\nThere is no PANHUO_WORKER; do you mean PANHUO_WORKERS?"
    )
    assert str(wrong.value) == wanted
    assert read({"PANHUO_TEST_ADMIN_URL": "postgresql:///x"}).port == 8000


def test_administrators_database_alone_is_refused() -> None:
    with pytest.raises(SettingsError):
        read({"DATABASE_ADMIN_URL": "postgresql://a@h/d"})


def test_wrong_value_ends_the_process_with_2() -> None:
    command = [sys.executable, "-c", "from ops.settings import settings; settings()"]
    environment = {"PATH": os.environ["PATH"], "PORT": "none"}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    wanted = "PORT 的值无效，应为：1–65535\nPORT is not valid; wanted: 1–65535\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", wanted)


def test_server_gets_its_database_and_no_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_URL", "postgresql://admin@h/d")
    monkeypatch.setenv("PANHUO_DATABASE_URL", "postgresql://other@h/d")
    monkeypatch.setenv("PORT", "8005")

    settings = read(environment_for_server("postgresql://service@h/d"))

    assert (settings.database_url, settings.database_admin_url, settings.port) == (
        "postgresql://service@h/d",
        None,
        8005,
    )


def test_table_has_one_row_for_every_setting_and_no_other() -> None:
    rows = table_markdown().splitlines()[2:]

    assert [variable.field for variable in VARIABLES] == [field.name for field in dataclasses.fields(Settings)]
    assert [row.split("`")[1] for row in rows] == [f"PANHUO_{variable.name}" for variable in VARIABLES]
