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

PREFIX = "PANHUO_"
TEST_PREFIX = "PANHUO_TEST_"
PLAIN_NAMES = ("DATABASE_URL", "DATABASE_ADMIN_URL", "HOST", "PORT", "PUBLIC_URL", "DATA_DIR")


class SettingsError(Exception):
    """A variable the service cannot work with; the text names it, in Chinese and English."""


@dataclass(frozen=True)
class Variable:
    """One variable: what it is called without the prefix, how its text is read, and what it means."""

    name: str
    default: str
    read: Callable[[str], object]
    zh: str
    en: str

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


# A default of "" is worked out in `_worked_out`; the table then says how.
VARIABLES = (
    Variable(
        "DATABASE_URL",
        "",
        _database,
        "服务所用的数据库；不设则自带一个私有数据库",
        "the service's database; unset: a private one of its own",
    ),
    Variable(
        "DATABASE_ADMIN_URL",
        "",
        _database,
        "仅供 `panhuo db` 使用的登录（panhuo_owner 成员）",
        "login for `panhuo db` alone (member of panhuo_owner)",
    ),
    Variable("HOST", "127.0.0.1", _text, "监听地址", "address to listen on"),
    Variable("PORT", "8000", _count(1, 65535), "监听端口", "port to listen on"),
    Variable(
        "PUBLIC_URL",
        "",
        _address,
        "对外网址，用于链接；默认 `http://HOST:PORT`",
        "address used in links; default `http://HOST:PORT`",
    ),
    Variable(
        "TRUSTED_PROXIES",
        "",
        _networks,
        "前置代理的地址或网段，逗号分隔；仅信任它们写的 `X-Forwarded-For`；默认无",
        "proxies in front, addresses or networks with commas; their `X-Forwarded-For` is believed; default: none",
    ),
    Variable(
        "DATA_DIR",
        "",
        _folder,
        "数据目录；root 默认 `/var/lib/panhuo`，其他用户默认 `$XDG_DATA_HOME/panhuo`",
        "data folder; root: `/var/lib/panhuo`, others: `$XDG_DATA_HOME/panhuo`",
    ),
    Variable(
        "RUNTIME_DIR",
        "",
        _folder,
        "私有数据库套接字所在目录；root 默认 `/run`，其他用户默认 `$XDG_RUNTIME_DIR` 或临时目录",
        "folder of the private database's socket; root: `/run`, others: `$XDG_RUNTIME_DIR` or the temporary folder",
    ),
    Variable("DEMO", "true", _yes_or_no, "首次启动时载入大足演示数据", "load Dazu's demo data at the first start"),
    Variable(
        "WORK",
        "true",
        _yes_or_no,
        "`panhuo serve` 同时运行后台任务",
        "`panhuo serve` runs the background work beside itself",
    ),
    Variable("WORKERS", "1", _count(1, 64), "服务进程数", "server processes"),
    Variable(
        "POOL_SIZE",
        "10",
        _count(1, 200),
        "每个进程的数据库连接数（登录用户）",
        "database connections of a process, for signed-in callers",
    ),
    Variable(
        "PUBLIC_POOL_SIZE",
        "10",
        _count(1, 200),
        "每个进程的数据库连接数（匿名访问）",
        "database connections of a process, for anonymous reads",
    ),
    Variable(
        "STATEMENT_TIMEOUT_MS",
        "5000",
        _count(100, 600_000),
        "单条数据库语句的时限（毫秒）",
        "limit for one database statement, milliseconds",
    ),
    Variable(
        "BODY_LIMIT_BYTES", "2097152", _count(1024, 1 << 30), "请求正文上限（字节）", "largest request body, bytes"
    ),
    Variable(
        "ANONYMOUS_RANKINGS_PER_MINUTE",
        "30",
        _count(1, 100_000),
        "每个来源地址每分钟的匿名匹配次数",
        "anonymous rankings a minute from one address",
    ),
    Variable(
        "WEBHOOK_ALLOW_PRIVATE",
        "false",
        _yes_or_no,
        "允许 webhook 发往内网与本机地址（封闭网络；本机可用 http）",
        "webhooks may go to private and loopback addresses (closed networks; loopback also by http)",
    ),
    Variable("LOG_LEVEL", "info", _level, "日志级别：debug、info、warning、error", "debug, info, warning or error"),
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
            raise SettingsError(f"{name} 的值无效，应为：{wrong}\n{name} is not valid; wanted: {wrong}") from None
    if values["database_admin_url"] is not None and values["database_url"] is None:
        raise SettingsError(
            "设了 DATABASE_ADMIN_URL 就须设 DATABASE_URL。\nDATABASE_ADMIN_URL needs DATABASE_URL beside it."
        )
    return Settings(**_worked_out(values, environ))  # type: ignore[arg-type]


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [PREFIX + variable.name for variable in VARIABLES]
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1, 0)[0]
            raise SettingsError(f"没有 {name} 这个变量，是否指 {near}？\nThere is no {name}; do you mean {near}?")


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
        f"| {v.zh} | {v.en} |"
        for v in VARIABLES
    ]
    return "\n".join(["| 变量 variable | 默认 default | 含义 | meaning |", "|---|---|---|---|", *rows]) + "\n"
