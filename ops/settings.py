"""Settings: every variable of the environment, read once, in one table.

`VARIABLES` is the only list of names; the README's table is `table_markdown()`. Nothing else reads the environment.
A variable set to nothing counts as not set. A wrong value, or a `PANHUO_` name that does not exist, stops the start.
"""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from domain.address import Network, network_from
from domain.settings import Settings
from texts.lookup import languages, side_by_side

PREFIX = "PANHUO_"
TEST_PREFIX = "PANHUO_TEST_"
PLAIN_NAMES = ("DATABASE_URL", "DATABASE_ADMIN_URL", "HOST", "PORT", "PUBLIC_URL", "DATA_DIR")


class SettingsError(Exception):
    """A variable the service cannot work with; the text names it, in every language."""

    def __init__(self, fault: str, /, **parameters: object) -> None:
        super().__init__(side_by_side("settings", "fault", fault, between="\n", **parameters))


@dataclass(frozen=True)
class Variable:
    """One variable: what it is called without the prefix, and how its text is read; its meaning is a text."""

    name: str
    default: str
    read: Callable[[str], object]

    @property
    def field(self) -> str:
        return self.name.lower()


def _text(value: str) -> str:
    return value


def _database(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("postgresql", "postgres") or not (parts.username or "user=" in parts.query):
        raise ValueError("postgresql://login@host:5432/database")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("https://panhuo.example")
    return value.rstrip("/")


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(network_from(part) for part in value.split(","))
    except ValueError:
        raise ValueError("10.0.0.5, 10.1.0.0/16, fd00::/8") from None


def _folder(value: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(value)))


def _yes_or_no(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise ValueError("true, false")
    return known[value.lower()]


def _level(value: str) -> str:
    if value.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("debug, info, warning, error")
    return value.lower()


def _count(least: int, most: int) -> Callable[[str], int]:
    def read_count(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"{least}–{most}")
        return int(value)

    return read_count


# A default of "" is worked out in `_worked_out`; the text then says how.
VARIABLES = (
    Variable("DATABASE_URL", "", _database),
    Variable("DATABASE_ADMIN_URL", "", _database),
    Variable("HOST", "127.0.0.1", _text),
    Variable("PORT", "8000", _count(1, 65535)),
    Variable("PUBLIC_URL", "", _address),
    Variable("TRUSTED_PROXIES", "", _networks),
    Variable("DATA_DIR", "", _folder),
    Variable("RUNTIME_DIR", "", _folder),
    Variable("DEMO", "true", _yes_or_no),
    Variable("WORK", "true", _yes_or_no),
    Variable("WORKERS", "1", _count(1, 64)),
    Variable("POOL_SIZE", "10", _count(1, 200)),
    Variable("PUBLIC_POOL_SIZE", "10", _count(1, 200)),
    Variable("STATEMENT_TIMEOUT_MS", "5000", _count(100, 600_000)),
    Variable("BODY_LIMIT_BYTES", "2097152", _count(1024, 1 << 30)),
    Variable("ATTACHMENT_LIMIT_BYTES", "52428800", _count(1024, 1 << 30)),
    Variable("ANONYMOUS_RANKINGS_PER_MINUTE", "30", _count(1, 100_000)),
    Variable("WEBHOOK_ALLOW_PRIVATE", "false", _yes_or_no),
    Variable("QUERY_TOKEN", "false", _yes_or_no),
    Variable("LOG_LEVEL", "info", _level),
)


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`.

    Raises: `SettingsError` for a value that cannot be read, or a `PANHUO_` name that does not exist.
    """
    _refuse_unknown(environ)
    values: dict[str, object] = {}
    for variable in VARIABLES:
        name, text = _variable_text(environ, variable)
        try:
            values[variable.field] = variable.read(text) if text else None
        except ValueError as wrong:
            raise SettingsError("value_invalid", name=name, wanted=wrong) from None
    if values["database_admin_url"] is not None and values["database_url"] is None:
        raise SettingsError("admin_alone")
    return Settings(**_worked_out(values, environ))  # type: ignore[arg-type]


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [PREFIX + variable.name for variable in VARIABLES]
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1, 0)[0]
            raise SettingsError("name_unknown", name=name, near=near)


def _variable_text(environ: Mapping[str, str], variable: Variable) -> tuple[str, str]:
    names = [PREFIX + variable.name] + [variable.name] * (variable.name in PLAIN_NAMES)
    for name in names:
        if environ.get(name, "").strip():
            return name, environ[name].strip()
    return names[0], variable.default


def _worked_out(values: dict[str, object], environ: Mapping[str, str]) -> dict[str, object]:
    is_root = os.geteuid() == 0
    share = environ.get("XDG_DATA_HOME") or "~/.local/share"
    runtime = "/run" if is_root else environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    shown = f"[{values['host']}]" if ":" in str(values["host"]) else values["host"]
    defaults = {
        "public_url": f"http://{shown}:{values['port']}",
        "data_dir": Path("/var/lib/panhuo") if is_root else _folder(share) / "panhuo",
        "runtime_dir": _folder(runtime),
        "trusted_proxies": (),
    }
    return {name: defaults.get(name) if value is None else value for name, value in values.items()}


def settings() -> Settings:
    """The settings of this process; a variable that is wrong ends it with exit code 2 and its name."""
    try:
        return read(os.environ)
    except SettingsError as wrong:
        _leave(str(wrong))


def _leave(text: str) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(2)


def environment_for_server(database_url: str) -> dict[str, str]:
    """This process's environment for a server beside it: with that database, and without the administrator's login."""
    hidden = {"DATABASE_URL", "DATABASE_ADMIN_URL", PREFIX + "DATABASE_URL", PREFIX + "DATABASE_ADMIN_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"DATABASE_URL": database_url}


def table_markdown() -> str:
    """The configuration table of the README."""
    rows = [
        f"| `{PREFIX}{v.name}`{f', `{v.name}`' * (v.name in PLAIN_NAMES)} | {f'`{v.default}`' if v.default else ''} "
        f"| {side_by_side('settings', 'variable', v.field, between=' | ')} |"
        for v in VARIABLES
    ]
    variable, default = (side_by_side("settings", "table", key) for key in ("variable", "default"))
    meaning = side_by_side("settings", "table", "meaning", between=" | ")
    line = "|---" * (2 + len(languages())) + "|"
    return "\n".join([f"| {variable} | {default} | {meaning} |", line, *rows]) + "\n"
