"""The private PostgreSQL cluster under the data folder: made once, started for one owner, stopped with it.

Standard library only. As root every PostgreSQL program runs as the account `postgres`, which must be able to reach
the data folder. The server listens on no network; its socket lies in a folder that only its account can enter, and
that folder is the lock on the door: inside, every login is trusted. One process at a time owns a data folder (`hold`);
a server that nobody owns and that was not left running on purpose is stopped and started anew.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from ops.postgres import Binaries, find_postgres, install_hint
from ops.premises import (
    ClusterRefused,
    die_with_parent,
    make_data_dir,
    make_socket_dir,
    processes_in,
    server_account,
    socket_dir_for,
)

DATABASE = "panhuo"
SUPERUSER = "postgres"
SERVICE_LOGIN = "panhuo_service"
ADMIN_LOGIN = "panhuo_admin"
PORT = 5432  # only part of the socket's name
RETRY_S = 10.0  # a killed server's children hold its memory a while; half a second was seen to be too short
RECOVERY_S = 300.0  # replaying what a crash left behind
STOP_S = 30.0
QUIT_S = 10.0  # on SIGQUIT the server kills what does not listen within 5 s
LOG_BYTES, LOG_KEPT_BYTES = 16 << 20, 1 << 20

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "synchronous_commit": "on",  # an answered act is on disk
    "jit": "off",  # compiling costs more than the short queries here take
    "timezone": "UTC",
}
TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
#: Of memory for what was read, in MB: an eighth of the machine's, as the programs beside the server need theirs too.
LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 4096
#: What a container may use, by the two interfaces of Linux; the root of the machine has no such file, or no limit.
MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
PROGRAM_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}  # nothing of the caller's PG* variables reaches them


def shared_buffers() -> str:
    """How much of what it read the server keeps in memory, as PostgreSQL writes it; so does `store/serve_db.sh`."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in MEMORY_LIMITS:
        with suppress(OSError, ValueError):  # "max" is no limit
            memory = min(memory, int(Path(limit).read_text(encoding="ascii")))
    return f"{min(max(memory // 8 >> 20, LEAST_BUFFERS_MB), MOST_BUFFERS_MB)}MB"


@dataclass(frozen=True)
class Urls:
    """How to reach the database: as the service, as the owner's administrator, as superuser."""

    service: str
    admin: str
    superuser: str


@dataclass(frozen=True)
class ClusterStatus:
    """The server's process, the process that owns the data folder, and whether the server was left running."""

    server_pid: int | None
    owner_pid: int | None
    is_left_running: bool


class Cluster:
    """The cluster of one data folder."""

    def __init__(self, data_dir: Path, runtime_dir: Path, *, for_tests: bool = False) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.account = server_account()
        self.socket_dir = socket_dir_for(data_dir, runtime_dir, f".s.PGSQL.{PORT}", self.account)
        self._left_running = data_dir / "left-running"
        self._is_for_tests = for_tests
        self._settings = SETTINGS | {"unix_socket_directories": str(self.socket_dir)}
        self._settings["shared_buffers"] = shared_buffers()
        self._settings |= TEST_SETTINGS if for_tests else {}
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def urls(self) -> Urls:
        place = f"/{DATABASE}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"
        return Urls(*(f"postgresql://{login}@{place}" for login in (SERVICE_LOGIN, ADMIN_LOGIN, SUPERUSER)))

    def status(self) -> ClusterStatus:
        """Who runs and who owns; changes nothing."""
        owner = self._owner_pid()
        return ClusterStatus(self._running_pid(), owner, self._left_running.exists())

    def up(self, *, stays: bool = False) -> Urls:
        """Makes and starts what is missing; the server dies with this process unless it `stays`.

        Raises: `ClusterRefused` where another process owns the folder, PostgreSQL is missing or does not start.
        """
        self.hold()
        make_socket_dir(self.socket_dir, self.account)
        binaries = self._binaries()
        if not (self.folder / "PG_VERSION").exists():
            self._make(binaries)
        if not self._left_running.exists():
            self._stop(self._running_pid())
        if self._running_pid() is None:
            self._left_running.unlink(missing_ok=True)
            self._start(binaries, stays)
        self._ensure_database(binaries)
        if stays:
            self._left_running.touch()
            self.release()
        return self.urls

    def revive(self) -> bool:
        """Starts the server anew where it has died under this owner; whether it had.

        Raises: `ClusterRefused` where it does not start.
        """
        dead = self._running_pid() is None if self._server is None else self._server.poll() is not None
        if dead:
            self._left_running.unlink(missing_ok=True)
            self._start(self._binaries(), stays=False)
        return dead

    def down(self) -> None:
        """Stops the server if this process started it, and gives the data folder free."""
        if self._server is not None and self._server.poll() is None and not self._left_running.exists():
            self._stop(self._server.pid)
            self._leave_socket_dir()
        self._server = None
        self.release()

    def stop(self) -> bool:
        """Stops a server left running by `up(stays=True)`; False: none ran.

        Raises: `ClusterRefused` where another process owns the folder.
        """
        self.hold()
        pid = self._running_pid()
        self._stop(pid)
        self._left_running.unlink(missing_ok=True)
        self._leave_socket_dir()
        self.release()
        return pid is not None

    def set_aside(self, now: datetime) -> Path | None:
        """Stops the server and renames its folder, so that the next start makes a new one. Empty: None, there was none.

        Raises: `ClusterRefused` where another process owns the folder.
        """
        self.hold()
        try:
            self._stop(self._running_pid())
            self._left_running.unlink(missing_ok=True)
            self._leave_socket_dir()
            if not self.folder.exists():
                return None
            return self.folder.rename(self.data_dir / f"{self.folder.name}-until-{now:%Y%m%dT%H%M%SZ}")
        finally:
            self.release()

    def _leave_socket_dir(self) -> None:
        with suppress(OSError):  # a server that would not stop still has its socket there
            self.socket_dir.rmdir()

    def hold(self) -> None:
        """Makes this process the owner of the data folder until `release` or its death.

        Raises: `ClusterRefused`, naming the process that owns it.
        """
        if self._lock is not None:
            return
        make_data_dir(self.data_dir, self.account)
        lock = os.fdopen(os.open(self.data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        if not _locked(lock):
            lock.close()
            raise self._owned_by(self._owner_pid())
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _owned_by(self, pid: int | None) -> ClusterRefused:
        return ClusterRefused("data_dir_held", data_dir=self.data_dir, pid=pid)

    def _owner_pid(self) -> int | None:
        try:
            with open(self.data_dir / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return int((self.data_dir / "lock").read_text().strip() or 0) or None
        return None

    def release(self) -> None:
        """Gives the data folder free."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _binaries(self) -> Binaries:
        made_by = self.folder / "PG_VERSION"
        major = int(made_by.read_text()) if made_by.exists() else None
        binaries = find_postgres(major)
        if binaries is None:
            wanted = f"PostgreSQL {major or '15+'} / PostGIS"
            raise ClusterRefused("program_missing", program=wanted, below=f"  {install_hint()}")
        return binaries

    def _make(self, binaries: Binaries) -> None:
        """A new cluster, under another name until it is whole: one that was interrupted is made again."""
        new = self.data_dir / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        os.chown(new, self.account.uid, self.account.gid)
        options = ["--locale=C.UTF-8", "-E", "UTF8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"]
        options += ["--no-sync"] if self._is_for_tests else []
        self._run(binaries, "initdb", "-D", str(new), "-U", SUPERUSER, *options)
        new.rename(self.folder)

    def _run(self, binaries: Binaries, program: str, *arguments: str) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [binaries.program(program), *arguments],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            cwd="/", env=PROGRAM_ENVIRONMENT, **self.account.switch,
        )  # fmt: skip
        if done.returncode != 0:
            output = (done.stderr or done.stdout).strip()
            raise ClusterRefused("program_printed", program=program, below=output)
        return done.stdout

    def _start(self, binaries: Binaries, stays: bool) -> None:
        give_up_at = time.monotonic() + RETRY_S
        while True:
            self._sweep()
            self._server, log_start = self._spawn(binaries, stays)
            if self._is_ready_in_time(self._server):
                return
            log_text = self._log_since(log_start)
            is_blocked = "lock file" in log_text or "shared memory" in log_text
            if not is_blocked or time.monotonic() > give_up_at:
                raise ClusterRefused("database_not_started", log=self.log, below=log_text.strip())
            time.sleep(0.3)

    def _sweep(self) -> None:
        """Removes a dead server's notes; their process number may belong to someone else by now."""
        if processes_in(self.folder) == []:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            for note in self.socket_dir.glob(".s.PGSQL.*"):
                note.unlink(missing_ok=True)

    def _spawn(self, binaries: Binaries, stays: bool) -> tuple[subprocess.Popen[bytes], int]:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self.cut_log()
        with open(self.log, "ab") as log:
            self.log.chmod(0o600)
            log_start = log.tell()
            server = subprocess.Popen(
                [binaries.program("postgres"), "-D", str(self.folder), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=PROGRAM_ENVIRONMENT,
                start_new_session=True,  # a Ctrl-C at the terminal is for the launcher, which stops things in order
                preexec_fn=None if stays else die_with_parent(signal.SIGINT), **self.account.switch,
            )  # fmt: skip
        return server, log_start

    def cut_log(self) -> None:
        """Keeps the end alone of a log that has grown over its limit; the server goes on behind it."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                with open(self.log, "r+b") as log:
                    log.seek(-LOG_KEPT_BYTES, os.SEEK_END)
                    kept = log.read(LOG_KEPT_BYTES)
                    log.truncate(0)
                    log.seek(0)
                    log.write(kept)

    def _is_ready_in_time(self, server: subprocess.Popen[bytes]) -> bool:
        give_up_at = time.monotonic() + RECOVERY_S
        while time.monotonic() < give_up_at and server.poll() is None:
            notes = self._notes()
            if len(notes) > 7 and notes[0] == str(server.pid) and notes[7].strip() == "ready":
                return True
            time.sleep(0.02)
        if server.poll() is None:
            self._stop(server.pid)
        return False

    def _notes(self) -> list[str]:
        """The lines of postmaster.pid: process number first, state in the eighth."""
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _log_since(self, position: int) -> str:
        with open(self.log, "rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")

    def _running_pid(self) -> int | None:
        notes = self._notes()
        pid = int(notes[0]) if notes and notes[0].isdigit() else None
        there = processes_in(self.folder)
        if pid is None or (there is not None and pid not in there):
            return None
        return pid if _is_alive(pid) else None

    def _stop(self, pid: int | None) -> None:
        for order, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, QUIT_S), (signal.SIGKILL, QUIT_S)):
            if pid is None or not _is_alive(pid):
                return
            for held in {pid, *(processes_in(self.folder) or [])}:
                with suppress(ProcessLookupError):
                    os.kill(held, signal.SIGCONT)  # one that was halted hears nothing else
            with suppress(ProcessLookupError):
                os.kill(pid, order)
            give_up_at = time.monotonic() + patience_s
            while _is_alive(pid) and time.monotonic() < give_up_at:
                if self._server is not None:
                    self._server.poll()  # a child that ended counts as alive until it is asked for
                time.sleep(0.02)

    def _ensure_database(self, binaries: Binaries) -> None:
        there = ["-h", str(self.socket_dir), "-p", str(PORT), "-U", SUPERUSER]
        listed = self._run(binaries, "psql", *there, "-d", "postgres", "-XAtl")
        if not any(line.startswith(f"{DATABASE}|") for line in listed.splitlines()):
            self._run(binaries, "createdb", *there, "--maintenance-db=postgres", DATABASE)


def _locked(lock: IO[str]) -> bool:
    for wait_s in (0.05, 0.2, 0.2, 0.0):  # a look at the status holds it for an instant
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(wait_s)
        else:
            return True
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
