"""Where the private cluster may live: its account, its data folder, its socket's folder, its ties to its parent.

Standard library only. Folders are judged for the account the server runs as, before anything is written into them.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from texts.lookup import side_by_side

SOCKET_BYTES = 103 if sys.platform == "darwin" else 107  # sockaddr_un.sun_path without its closing zero
SHORT_RUNTIME = Path("/tmp")
PR_SET_PDEATHSIG = 1  # Source: Linux, prctl(2)


class ClusterRefused(Exception):
    """Why there is no cluster, in every language, with what to do; below it what a program said or is to be typed."""

    def __init__(self, fault: str, /, *, below: str | None = None, **parameters: object) -> None:
        text = side_by_side("command_line", "fault", fault, between="\n", **parameters)
        super().__init__(text if below is None else f"{text}\n{below}")


@dataclass(frozen=True)
class Account:
    """The account the server runs as; `switch` is what `subprocess` needs to become it."""

    name: str
    uid: int
    gid: int
    switch: dict[str, Any] = field(default_factory=dict)


def server_account() -> Account:
    """This account; for root, which PostgreSQL refuses, the account `postgres`.

    Raises: `ClusterRefused` for root where there is no such account.
    """
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise ClusterRefused("no_account") from None
    switch = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch)


def make_data_dir(data_dir: Path, account: Account) -> None:
    """Makes the data folder; the account may pass through it but, if it is not the caller's, not look into it.

    Raises: `ClusterRefused` where the account cannot reach it or the caller may not write there.
    """
    closed = closed_parent(data_dir, account)
    if closed is not None:
        mode = f"{stat.S_IMODE(closed.stat().st_mode):04o}"
        raise ClusterRefused("data_dir_closed", data_dir=data_dir, account=account.name, folder=closed, mode=mode)
    try:
        _make_all(data_dir, 0o711 if account.switch else 0o700)
    except OSError as wrong:
        raise ClusterRefused("cannot_write", file=f"DATA_DIR={data_dir}", reason=wrong.strerror) from wrong


def closed_parent(path: Path, account: Account) -> Path | None:
    """The first folder on the way to `path`, itself included, that the account cannot enter; missing ones are open."""
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            return None
        status = folder.stat()
        bit = (
            stat.S_IXUSR
            if status.st_uid == account.uid
            else stat.S_IXGRP
            if status.st_gid == account.gid
            else stat.S_IXOTH
        )
        if not status.st_mode & bit:
            return folder
    return None


def _make_all(path: Path, mode: int) -> None:
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir()
            folder.chmod(mode if folder == path else 0o755)  # whatever the caller's umask
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "permission denied")


def socket_dir_for(data_dir: Path, runtime_dir: Path, socket: str, account: Account) -> Path:
    """A folder for this data folder's socket: below `runtime_dir` where its path is short and open enough."""
    name = "panhuo-" + hashlib.sha256(f"{account.uid} {data_dir}".encode()).hexdigest()[:12]
    wanted = runtime_dir / name
    is_short = len(os.fsencode(wanted / socket)) <= SOCKET_BYTES
    is_open = closed_parent(runtime_dir, account) is None and os.access(runtime_dir, os.W_OK)
    return wanted if is_short and is_open else SHORT_RUNTIME / name


def make_socket_dir(folder: Path, account: Account) -> None:
    """Makes the folder that only the account can enter.

    Raises: `ClusterRefused` where something else stands there: its owner could listen in.
    """
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
            raise ClusterRefused("folder_not_private", folder=folder, account=account.name) from None


def processes_in(folder: Path) -> list[int] | None:
    """The processes whose working folder this is, as a server's and its children's is; None: not known here."""
    if not Path("/proc/self/cwd").exists():
        return None
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _runs_in(entry, folder)]


def _runs_in(process: str, folder: Path) -> bool:
    try:
        return os.readlink(f"/proc/{process}/cwd") == os.path.realpath(folder)
    except OSError:  # it has ended, or belongs to an account whose processes cannot be ours
        return False


def die_with_parent(order: signal.Signals, parent: int | None = None) -> Callable[[], None] | None:
    """What a child must run, before its program, to get `order` when its parent dies; None: not on this system.

    `parent` is the process that starts the child: this one by default.
    """
    if sys.platform != "linux":
        return None
    libc, expected = ctypes.CDLL(None), os.getpid() if parent is None else parent

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, order)
        if os.getppid() != expected:  # it died in between
            os._exit(1)

    return tie
