"""The private cluster and the launcher: every way in which a first start, a stop or a crash is known to go wrong."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from ops.backup import load
from ops.cluster import Cluster, ClusterStatus
from ops.launcher import accounts_file, database_reset, database_up
from ops.postgres import find_postgres, start_no_cluster
from ops.premises import ClusterRefused, make_socket_dir, processes_in, server_account
from ops.settings import read

ROOT = Path(__file__).resolve().parent.parent.parent
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as another account")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder the server's account can reach (pytest's own are closed to it) and a short socket path."""
    folder = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(place: Path) -> Iterator[Cluster]:
    made = Cluster(place / "data", place, for_tests=True)
    yield made
    made.down()
    made.stop()


async def _value(url: str, query: str) -> object:
    conn = await asyncpg.connect(url)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def test_up_makes_a_utf8_cluster_that_only_its_account_reaches(cluster: Cluster) -> None:
    urls = cluster.up()

    assert await _value(urls.superuser, "SHOW server_encoding") == "UTF8"
    assert await _value(urls.superuser, "SHOW lc_ctype") == "C.UTF-8"
    assert await _value(urls.superuser, "SHOW listen_addresses") == ""
    assert await _value(urls.superuser, "SELECT current_database()") == "panhuo"
    assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    assert (cluster.data_dir / "lock").stat().st_mode & 0o777 == 0o600
    assert cluster.log.stat().st_mode & 0o777 == 0o600


@on_linux
def test_server_runs_as_its_own_account_never_as_root(cluster: Cluster) -> None:
    cluster.up()

    pid = cluster.status().server_pid
    wanted = pwd.getpwnam("postgres").pw_uid if IS_ROOT else os.geteuid()
    assert Path(f"/proc/{pid}").stat().st_uid == wanted
    assert wanted != 0


@on_linux
def test_down_leaves_no_process_and_the_data(cluster: Cluster) -> None:
    cluster.up()

    cluster.down()

    status = cluster.status()
    assert processes_in(cluster.folder) == []
    assert (status.server_pid, status.owner_pid) == (None, None)
    assert not cluster.socket_dir.exists()


async def test_second_up_keeps_what_was_written(cluster: Cluster) -> None:
    urls = cluster.up()
    await _value(urls.superuser, "CREATE TABLE kept AS SELECT 857 AS mu")
    cluster.down()

    again = cluster.up()

    assert await _value(again.superuser, "SELECT mu FROM kept") == 857


async def test_up_right_after_the_server_was_killed(cluster: Cluster) -> None:
    urls = cluster.up()
    conn = await asyncpg.connect(urls.superuser)
    pid = cluster.status().server_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    cluster.down()

    again = cluster.up()

    assert await _value(again.superuser, "SELECT 1") == 1
    assert cluster.status().server_pid != pid
    conn.terminate()


@on_linux
async def test_dead_servers_number_that_another_process_has_now(cluster: Cluster) -> None:
    cluster.up()
    cluster.down()
    account = cluster.account
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **account.switch)
    notes = cluster.folder / "postmaster.pid"
    notes.write_text(f"{stranger.pid}\n{cluster.folder}\n1\n5432\n{cluster.socket_dir}\n\n  1 1\nready   \n")
    os.chown(notes, account.uid, account.gid)

    try:
        urls = cluster.up()

        assert await _value(urls.superuser, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_interrupted_making_is_made_again(cluster: Cluster) -> None:
    half = cluster.data_dir / "postgres.new"
    half.mkdir(parents=True)
    cluster.data_dir.chmod(0o711)
    (half / "PG_VERSION").write_text("15\n")

    cluster.up()

    assert not half.exists()
    assert (cluster.folder / "global" / "pg_control").exists()


async def test_socket_path_longer_than_the_system_takes(place: Path) -> None:
    long = place / ("long-" * 18)
    long.mkdir()
    cluster = Cluster(place / "data", long, for_tests=True)

    try:
        urls = cluster.up()

        assert len(os.fsencode(long / "panhuo-123456789012" / ".s.PGSQL.5432")) > 107
        assert cluster.socket_dir.parent == Path("/tmp")
        assert await _value(urls.superuser, "SELECT 1") == 1
    finally:
        cluster.down()


@as_root
def test_data_folder_below_a_closed_home_is_refused_with_the_reason(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)

    with pytest.raises(ClusterRefused) as refused:
        Cluster(home / "data", place).up()

    wanted = f"DATA_DIR={home}/data cannot be used: the account postgres cannot enter {home} (mode 0700)."
    assert str(refused.value).splitlines()[1] == wanted
    assert list(home.iterdir()) == []


def test_data_folder_of_a_version_that_is_not_here(cluster: Cluster) -> None:
    cluster.up()
    cluster.down()
    (cluster.folder / "PG_VERSION").write_text("14\n")

    with pytest.raises(ClusterRefused, match="PostgreSQL 14 / PostGIS is missing; type:"):
        cluster.up()


def test_socket_folder_of_someone_else_is_refused(place: Path) -> None:
    folder = place / "socket"
    folder.mkdir(mode=0o755)

    with pytest.raises(ClusterRefused) as refused:
        make_socket_dir(folder, server_account())

    name = server_account().name
    assert str(refused.value).splitlines()[1] == f"{folder} is not {name}'s alone; remove it."


def test_second_owner_is_told_who_holds_the_data_folder(cluster: Cluster, place: Path) -> None:
    cluster.hold()

    with pytest.raises(ClusterRefused) as refused:
        Cluster(place / "data", place).up()

    wanted = f"Process {os.getpid()} holds the data folder {place}/data; stop it first, or choose another DATA_DIR."
    assert str(refused.value).splitlines()[1] == wanted


def test_left_running_is_used_by_the_next_and_not_stopped_by_it(cluster: Cluster, place: Path) -> None:
    cluster.up(stays=True)
    pid = cluster.status().server_pid
    other = Cluster(place / "data", place, for_tests=True)

    other.up()
    other.down()

    assert cluster.status().server_pid == pid
    assert cluster.stop() is True
    assert cluster.status().server_pid is None
    assert cluster.stop() is False


@pytest.mark.parametrize("ran_before", [False, True])
def test_refused_restore_ends_the_database_it_started_and_no_other(
    cluster: Cluster, place: Path, ran_before: bool
) -> None:
    settings = read({"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place)})
    if ran_before:
        cluster.up(stays=True)
    pid = cluster.status().server_pid

    async def refuse(url: str) -> list[str]:
        await load(url, place / "no-such-file", place)
        return []

    with pytest.raises(ClusterRefused, match="pg_restore failed"):
        database_up(settings, refuse)

    assert cluster.status() == ClusterStatus(pid, None, ran_before)
    assert (pid is not None) is ran_before


async def test_a_log_over_its_limit_keeps_its_end_and_goes_on(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.cluster.LOG_BYTES", 4000)
    monkeypatch.setattr("ops.cluster.LOG_KEPT_BYTES", 1000)
    urls = cluster.up()
    cluster.log.write_bytes(b"old\n" * 5000 + cluster.log.read_bytes())

    cluster.cut_log()
    with pytest.raises(asyncpg.PostgresError):
        await _value(urls.superuser, "SELECT no_such_column")

    kept = cluster.log.read_bytes()
    assert len(kept) < 2000
    assert kept[:4] != b"\0\0\0\0" and b"no_such_column" in kept


@on_linux
def test_halted_server_is_stopped(cluster: Cluster) -> None:
    cluster.up()
    for pid in processes_in(cluster.folder) or []:
        with suppress(ProcessLookupError):  # a helper of the server's that ended meanwhile
            os.kill(pid, signal.SIGSTOP)
    began_at = time.monotonic()

    cluster.down()

    assert processes_in(cluster.folder) == []
    assert time.monotonic() - began_at < 15


@as_root
@pytest.mark.slow
def test_ordinary_user_needs_no_rights(place: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = next((path for path in ("/usr/bin/python3", sys.executable) if _works_for(path, nobody.pw_uid)), None)
    if python is None:
        pytest.skip("no Python 3.11 here that an ordinary user may run")
    for folder in ("ops", "texts"):
        shutil.copytree(ROOT / folder, place / folder)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    script = (
        "from pathlib import Path; from ops.cluster import Cluster; from os import stat\n"
        f"c = Cluster(Path('{place}/data'), Path('{place}'))\n"
        "try: c.up(); print(c.status().server_pid is not None, stat(c.folder).st_uid)\n"
        "finally: c.down()\n"
        "print(c.status())"
    )

    done = subprocess.run(
        [python, "-c", script], cwd=place, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    wanted = f"True {nobody.pw_uid}\nClusterStatus(server_pid=None, owner_pid=None, is_left_running=False)\n"
    assert (done.stdout, done.stderr, done.returncode) == (wanted, "", 0)


def _works_for(python: str, uid: int) -> bool:
    check = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, user=uid, group=uid, extra_groups=[], cwd="/", check=False).returncode == 0
    except OSError:
        return False


def test_debian_is_told_to_start_no_cluster_and_keeps_the_rest_of_its_file(tmp_path: Path) -> None:
    missing, present = tmp_path / "new" / "createcluster.conf", tmp_path / "createcluster.conf"
    present.write_text("# mine\nport = 5433\ncreate_main_cluster = true\n")

    start_no_cluster(missing)
    start_no_cluster(present)
    start_no_cluster(present)

    assert missing.read_text() == "create_main_cluster = false\n"
    assert present.read_text() == "# mine\nport = 5433\ncreate_main_cluster = false\n"


def test_find_postgres_knows_versions_apart() -> None:
    postgres = find_postgres()
    assert postgres is not None

    assert find_postgres(postgres.major) == postgres
    assert find_postgres(9) is None


class Launcher:
    """`tests.launcher` in a process of its own, on one data folder and a free port."""

    def __init__(self, place: Path, **environment: str) -> None:
        self.folder = place / "data" / "postgres"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(environment.get("PORT") or probe.getsockname()[1])
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        facts = {"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place), "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.launcher"], cwd=ROOT, env=kept | facts | environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def wait_until_ready(self) -> int:
        """The server's process number, once the launcher says that all is ready."""
        assert self.process.stdout is not None
        server = self.process.stdout.readline().split()
        while "Ctrl-C" not in (line := self.process.stdout.readline()):
            assert line, self.process.communicate()
        return int(server[1])

    def ended(self) -> tuple[int, str]:
        """Exit code and error output."""
        _, body = self.process.communicate(timeout=60)
        return self.process.returncode, body


@pytest.fixture
def launcher(place: Path) -> Iterator[Launcher]:
    started = Launcher(place)
    yield started
    started.process.terminate()
    started.process.communicate(timeout=60)


def _is_gone(pid: int, within_s: float = 15.0) -> bool:
    give_up_at = time.monotonic() + within_s
    while time.monotonic() < give_up_at:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_server_and_cluster(launcher: Launcher, number: signal.Signals) -> None:
    server = launcher.wait_until_ready()

    launcher.process.send_signal(number)

    assert launcher.ended() == (0, "")
    assert _is_gone(server)
    assert processes_in(launcher.folder) in ([], None)


@pytest.mark.slow
@on_linux
def test_killed_launcher_leaves_nothing_and_the_next_starts(launcher: Launcher, place: Path) -> None:
    server = launcher.wait_until_ready()

    launcher.process.kill()
    launcher.process.wait()
    following = Launcher(place, PORT=str(launcher.port))
    following.wait_until_ready()

    assert _is_gone(server)
    following.process.terminate()
    assert following.ended() == (0, "")
    assert processes_in(launcher.folder) == []


@pytest.mark.slow
def test_dead_server_ends_the_launcher_with_a_fault_and_stops_the_cluster(launcher: Launcher) -> None:
    server = launcher.wait_until_ready()

    os.kill(server, signal.SIGKILL)

    assert launcher.ended() == (1, "服务意外退出（-9）。\nThe server ended by itself (-9).\n")
    assert processes_in(launcher.folder) in ([], None)


@pytest.mark.slow
def test_second_launcher_is_refused_and_the_first_goes_on(launcher: Launcher, place: Path) -> None:
    launcher.wait_until_ready()

    code, body = Launcher(place, PORT=str(launcher.port)).ended()

    first = launcher.process.pid
    wanted = f"Process {first} holds the data folder {place}/data; stop it first, or choose another DATA_DIR."
    assert (code, body.splitlines()[1:]) == (1, [wanted])
    assert launcher.process.poll() is None


@pytest.mark.slow
def test_port_in_use_is_told_before_a_cluster_is_made(place: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        code, body = Launcher(place, PORT=str(port)).ended()

    wanted = f"Cannot listen on 127.0.0.1:{port} (Address already in use); another port: PORT={port + 1} make run"
    assert (code, body.splitlines()[1:]) == (1, [wanted])
    assert not (place / "data" / "postgres").exists()


@pytest.mark.slow
async def test_given_database_without_roles_is_told_the_exact_sql(cluster: Cluster, place: Path) -> None:
    urls = cluster.up()
    await _value(urls.superuser, "CREATE ROLE hosted LOGIN")
    await _value(urls.superuser, "CREATE DATABASE hosted OWNER hosted")
    address = urls.superuser.replace("postgres@/panhuo", "hosted@/hosted")

    code, body = Launcher(place, DATABASE_URL=address, DATABASE_ADMIN_URL=address).ended()

    assert (code, body.splitlines()[3:]) == (1, [*SQL_TO_RUN.splitlines(), ""])
    for statement in SQL_TO_RUN.splitlines():
        await _value(urls.superuser.replace("/panhuo?", "/hosted?"), statement)
    following = Launcher(place, DATABASE_URL=address, DATABASE_ADMIN_URL=address)
    following.wait_until_ready()
    following.process.terminate()
    assert following.ended() == (0, "")


SQL_TO_RUN = """\
CREATE ROLE panhuo_app NOLOGIN;
CREATE ROLE panhuo_owner NOLOGIN;
CREATE ROLE panhuo_public NOLOGIN;
GRANT panhuo_app TO hosted;
GRANT panhuo_public TO hosted;
GRANT panhuo_owner TO hosted;
GRANT CREATE ON DATABASE hosted TO panhuo_owner;
GRANT USAGE, CREATE ON SCHEMA public TO panhuo_owner;
CREATE EXTENSION btree_gist SCHEMA public;
CREATE EXTENSION pg_trgm SCHEMA public;
CREATE EXTENSION postgis SCHEMA public;"""


async def test_a_reset_puts_the_database_aside_and_the_next_start_makes_a_new_one(place: Path) -> None:
    settings = read({"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place)})
    cluster = Cluster(settings.data_dir, settings.runtime_dir, for_tests=True)
    try:
        first = await _value(cluster.up().superuser, "SELECT system_identifier::text FROM pg_control_system()")
        accounts_file(settings).write_text("{}")
        with pytest.raises(ClusterRefused, match=str(os.getpid())):  # a service runs on it
            database_reset(settings)
        cluster.down()

        aside = database_reset(settings)

        assert aside is not None
        assert (aside / "PG_VERSION").exists()
        assert aside.with_name(aside.name + "-accounts.json").exists()
        assert not accounts_file(settings).exists()
        assert database_reset(settings) is None
        again = await _value(cluster.up().superuser, "SELECT system_identifier::text FROM pg_control_system()")
        assert again != first
    finally:
        cluster.down()


def test_a_database_that_was_given_is_not_reset() -> None:
    with pytest.raises(ClusterRefused, match="DATABASE_URL"):
        database_reset(read({"DATABASE_URL": "postgresql://panhuo_service@h/d"}))
