"""One command from nothing to a running service, in order, and everything stopped in the opposite order.

Cluster (unless a database is given) → roles → migrations → reference data → demo data once → server in the foreground.
Whatever ends this process ends what it started: signals by the way out of `with`, a kill by the children's own ties to
their parent. What the steps do is given by the caller.
"""

from __future__ import annotations

import asyncio
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from domain.errors import Refusal
from domain.settings import Settings
from ops.cluster import ADMIN_LOGIN, SERVICE_LOGIN, Cluster, Urls
from ops.premises import ClusterRefused, die_with_parent
from ops.settings import environment_for_server
from texts.lookup import languages, side_by_side, tables
from texts.refusal_sentences import every_sentence

READY_S = 60.0
DRAIN_S = 20.0  # requests in flight end within the statement limit
LOOK_S, LONGEST_PAUSE_S = 0.2, 10.0  # how often the private database is looked at; while it does not start
PORT_S = 5.0  # a server killed with its launcher lets go of the port within this


class Stopped(SystemExit):
    """A signal ended the process; not a fault."""


@dataclass(frozen=True)
class Steps:
    """What is done between the database's start and the server's, and the server's command."""

    migrate: Callable[[str], Awaitable[list[str]]]
    load_reference: Callable[[str], Awaitable[object]]
    load_demo: Callable[[str, Path], Awaitable[bool]]
    server: tuple[str, ...] = (sys.executable, "-P", "-m", "ops.cli", "serve")


def up(settings: Settings, steps: Steps) -> int:
    """`panhuo up`: prepares everything and runs the server until a signal comes; the exit code.

    Raises: `ClusterRefused` or `Refusal`, where something has to be done by hand first or the server ends by itself.
    """
    _stop_on_signals()
    try:
        with _database(settings) as (urls, cluster):
            asyncio.run(prepare(settings, urls, steps))
            with _server(steps.server, urls.service) as server:
                _wait_until_ready(settings, server)
                _announce(settings)
                code = _watched(server, cluster)
    except Stopped:
        return 0
    raise ClusterRefused("server_ended", code=code)


def _stop_on_signals() -> None:
    """The first signal leaves by the way out of every `with`; those after it change nothing."""
    stopping = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # started under nohup, it outlives its terminal
        stopping.append(signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        for again in stopping:
            signal.signal(again, signal.SIG_IGN)
        raise Stopped(0)

    for number in stopping:
        signal.signal(number, stop)


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[Urls, Cluster | None]]:
    """The database given, else the private cluster, running as long as this lasts; first the port is tried."""
    cluster = None if settings.database_url is not None else Cluster(settings.data_dir, settings.runtime_dir)
    try:
        if cluster is not None:
            cluster.hold()  # first: who holds the data folder holds the port too, and is the better answer
        _wait_for_port(settings.host, settings.port)
        yield (_urls_of(settings) if cluster is None else cluster.up()), cluster
    finally:
        if cluster is not None:
            cluster.down()


def _wait_for_port(host: str, port: int) -> None:
    give_up_at = time.monotonic() + PORT_S
    while (fault := _port_fault(host, port)) is not None:
        if fault.errno != errno.EADDRINUSE or time.monotonic() > give_up_at:
            address, other = f"{host}:{port}", port % 65535 + 1
            raise ClusterRefused("port_taken", address=address, reason=fault.strerror, other=other)
        time.sleep(0.2)


def _port_fault(host: str, port: int) -> OSError | None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        return fault
    return None


def _urls_of(settings: Settings) -> Urls:
    url = settings.database_url or ""
    admin = settings.database_admin_url or url
    return Urls(service=url, admin=admin, superuser=admin)


async def prepare(settings: Settings, urls: Urls, steps: Steps) -> None:
    """Roles, migrations, reference data, demo data: each does only what is missing."""
    await prepare_schema(settings, urls, steps.migrate)
    await steps.load_reference(urls.service)
    if settings.demo:
        await steps.load_demo(urls.service, accounts_file(settings))


async def prepare_schema(settings: Settings, urls: Urls, migrate: Callable[[str], Awaitable[list[str]]]) -> None:
    """Roles and extensions, then migrations; those are left out where no login that may migrate was given.

    Raises: `Unavailable` roles_missing, with the SQL to run.
    """
    from store.roles import ensure_roles, login_of, may_migrate

    _, password = login_of(urls.service) if settings.database_url else ("", None)
    await ensure_roles(urls.superuser, **logins(settings, urls), password=password)
    if await may_migrate(urls.admin):
        await migrate(urls.admin)


def logins(settings: Settings, urls: Urls) -> dict[str, str]:
    """The logins of the service and of the administrator, as the addresses name them."""
    from store.roles import login_of

    service = login_of(urls.service)[0] if settings.database_url else None
    admin = login_of(settings.database_admin_url)[0] if settings.database_admin_url else None
    return {"service": service or SERVICE_LOGIN, "admin": admin or ADMIN_LOGIN}


def accounts_file(settings: Settings) -> Path:
    """Where the demo accounts' passwords and keys lie."""
    return settings.data_dir / "demo-accounts.json"


@contextmanager
def _server(command: tuple[str, ...], database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(
        command,
        env=environment_for_server(database_url),
        start_new_session=True,  # a Ctrl-C at the terminal is for this process, which stops things in order
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        yield server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(DRAIN_S)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # its workers, if it left any
        server.wait()


def _wait_until_ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + READY_S
    while not _is_ready(settings):
        if server.poll() is not None:
            raise ClusterRefused("server_not_started", code=server.returncode)
        if time.monotonic() > give_up_at:
            raise ClusterRefused("server_not_ready", seconds=int(READY_S))
        time.sleep(0.05)


def _is_ready(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _watched(server: subprocess.Popen[bytes], cluster: Cluster | None) -> int:
    """The server's exit code, once it ends; until then a private database that dies is started anew."""
    pause_s = 0.0
    while True:
        try:
            return server.wait(max(LOOK_S, pause_s))
        except subprocess.TimeoutExpired:
            pause_s = _revived(cluster, pause_s)


def _revived(cluster: Cluster | None, pause_s: float) -> float:
    """How long to wait before the next look: longer each time the database does not start, as with a full disk."""
    try:
        if cluster is not None:
            cluster.cut_log()
        if cluster is not None and cluster.revive():
            text = side_by_side("command_line", "answer", "database_revived", between="")
            print(text, file=sys.stderr, flush=True)
    except ClusterRefused as refused:
        print(refused, file=sys.stderr, flush=True)
        return min(LONGEST_PAUSE_S, pause_s * 2 or 1.0)
    return 0.0


def _announce(settings: Settings) -> None:
    print(f"{side_by_side('description', 'page', 'service')}  {settings.public_url}")
    print(f"{side_by_side('description', 'page', 'interface')}     {settings.public_url}/docs")
    if accounts_file(settings).exists():
        print(f"{side_by_side('command_line', 'answer', 'demo_accounts')}  {accounts_file(settings)}")
    print(side_by_side("command_line", "answer", "how_to_stop", between="  "), flush=True)


def database_up(settings: Settings, migrate: Callable[[str], Awaitable[list[str]]]) -> Urls:
    """`panhuo db up`: the private cluster, left running, or the database given; then roles and migrations.

    A cluster that it started does not stay where what follows is refused.
    """
    if settings.database_url is not None:
        urls = _urls_of(settings)
        asyncio.run(prepare_schema(settings, urls, migrate))
        return urls
    cluster = Cluster(settings.data_dir, settings.runtime_dir)
    cluster.hold()
    ran_before = cluster.status().server_pid is not None
    try:
        urls = cluster.up(stays=True)
        asyncio.run(prepare_schema(settings, urls, migrate))
    except BaseException:
        if not ran_before:
            cluster.stop()
        raise
    return urls


def database_down(settings: Settings) -> bool:
    """`panhuo db down`: stops a private cluster left running; False: none ran."""
    return Cluster(settings.data_dir, settings.runtime_dir).stop()


def database_reset(settings: Settings) -> Path | None:
    """`panhuo db reset`: puts the private database aside, and the demo accounts with it; where it lies now.

    Raises: `ClusterRefused` for a database that was given, and while a service runs on the private one.
    """
    if settings.database_url is not None:
        raise ClusterRefused("not_private")
    aside = Cluster(settings.data_dir, settings.runtime_dir).set_aside(datetime.now(UTC))
    if aside is not None:
        with suppress(FileNotFoundError):
            accounts_file(settings).rename(aside.with_name(f"{aside.name}-accounts.json"))
    return aside


def running_database(settings: Settings) -> Urls:
    """The database of the other commands: the one given, else the private cluster if it runs.

    Raises: `ClusterRefused` where there is none.
    """
    if settings.database_url is not None:
        return _urls_of(settings)
    cluster = Cluster(settings.data_dir, settings.runtime_dir)
    if cluster.status().server_pid is None:
        raise ClusterRefused("no_database")
    return cluster.urls


def reported(command: Callable[[], int], *, as_json: bool = False) -> int:
    """The exit code of a command; what stops it is printed on the error output, in every language."""
    from store.migrations import MigrationFault

    try:
        return command()
    except (ClusterRefused, MigrationFault) as refused:
        text, errors = str(refused), [{"code": "refused", "message": str(refused)}]
    except Refusal as refusal:
        text = refusal_text(refusal)
        errors = [{"field": fault.field, "code": fault.code, "message": text} for fault in refusal.faults]
    print(json.dumps({"errors": errors}, ensure_ascii=False) if as_json else text, file=sys.stderr)
    return 1


def refusal_text(refusal: Refusal) -> str:
    """A refusal as text for who typed the command: what the preparations lack, or each fault with its field."""
    fault = refusal.faults[0]
    if all(fault.code in tables("refusals", language)["start"] for language in languages()):
        text = side_by_side("refusals", "start", fault.code, between="\n", **fault.params)
        return f"{text}\n\n{fault.params['sql']}\n" if "sql" in fault.params else text
    return "\n".join(f"{fault.field}: {every_sentence(fault)}" for fault in refusal.faults)
