"""What this machine can do, and where it gets its packages: asked of its own configuration, never written here."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CANNOT = 77  # Source: GNU Automake, "Scripts-based Testsuites": the exit code of a skipped test
RELEASE = "bookworm"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class CannotHere(Exception):
    """Why this machine cannot give the proof; no fault of the project."""


class Failed(Exception):
    """A command that had to succeed, with the end of what it said."""


def proof(work: Callable[[], None]) -> int:
    """Runs one proof; its exit code: 0 it held, 1 it did not, 77 it cannot be given here; the last two say why."""
    began = time.monotonic()
    try:
        work()
    except CannotHere as reason:
        print(f"未能在此验证 SKIPPED, not proved here: {reason}", flush=True)
        return CANNOT
    except (Failed, AssertionError):
        traceback.print_exc()
        return 1
    print(f"{time.monotonic() - began:6.1f} s  全部 in all", flush=True)
    return 0


@contextmanager
def step(what: str) -> Iterator[None]:
    """Says how long a step took, once it is done."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


def said(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a command says on its standard output. Raises: `Failed` with the end of all it said."""
    try:
        done = subprocess.run(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError as missing:
        raise Failed(f"{missing.filename}: not found") from missing
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ({done.returncode})\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def need_root() -> None:
    """Raises: `CannotHere` for others."""
    if os.geteuid() != 0:
        raise CannotHere("需要 root。Only root can do this.")


def install(*packages: str) -> None:
    """Debian packages, without their services being started. Raises: `CannotHere`."""
    need_root()
    policy = Path("/usr/sbin/policy-rc.d")  # Source: Debian's invoke-rc.d(8); 101 forbids the action
    is_ours = not policy.exists()
    if is_ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ("apt-get", "install", "-qy", "--no-install-recommends", *packages)
    try:
        with step(f"apt-get install {' '.join(packages)}"):
            said("apt-get", "update", "-q", env=env)
            said(*wanted, env=env)
    except Failed as fault:
        raise CannotHere(f"apt: {last_words(fault)}") from fault
    finally:
        if is_ours:
            policy.unlink()


def last_words(fault: Exception) -> str:
    return " ".join(str(fault).strip().splitlines()[-2:])


def debian_sources() -> list[str]:
    """The lines of sources.list for the release, from the mirrors that this machine's apt uses; the main one first.

    Raises: `CannotHere` where apt knows no Debian mirror.
    """
    shape = "$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)"
    try:
        listed = said("apt-get", "indextargets", "--format", shape, "Created-By: Packages").splitlines()
    except Failed as fault:
        raise CannotHere(f"apt-get: {last_words(fault)}") from fault
    rows = sorted({tuple(line.split()) for line in listed if re.match(r"Debian \S+ \S+ main$", line)})
    mirrors = [uri for _, uri, suite, _ in rows if "-" not in suite]
    if not mirrors:
        raise CannotHere("apt 没有 Debian 镜像。There is no Debian mirror among apt's sources.")
    beside = [f"deb {uri} {suite} main" for _, uri, suite, _ in rows if suite.startswith(f"{RELEASE}-")]
    return [f"deb {mirrors[0]} {RELEASE} main", *beside]


def apt_settings() -> str:
    """How this machine's apt fetches (proxies, checks, retries), as a file of apt's."""
    lines = said("apt-config", "dump").splitlines()
    kept = [line for line in lines if re.match(r"Acquire::(https?::|Check-|Retries)", line) and '""' not in line]
    return "".join(f"{line}\n" for line in kept)


def certificates() -> list[Path]:
    """The machine's own certificate authorities: its mirrors may be known by no other."""
    return sorted(Path("/usr/local/share/ca-certificates").glob("**/*.crt"))


def pip_settings() -> dict[str, str]:
    """Which package index this machine's pip uses, as environment; only what can be reached from elsewhere."""
    told = {}
    for line in said(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        reachable = [part for part in value.strip("'\"").split() if not part.startswith(("file:", "/", "."))]
        if key in ("index-url", "extra-index-url", "trusted-host") and reachable:
            told[f"PIP_{key.replace('-', '_').upper()}"] = " ".join(reachable)
    return told


def proxies() -> dict[str, str]:
    return {name: os.environ[name] for name in PROXIES if os.environ.get(name)}


def copy_checkout(to: Path) -> None:
    """The tracked files as they are now, closed to everyone else as under a strict umask."""
    for name in said("git", "ls-files", "-z", cwd=ROOT).split("\0"):
        source, target = ROOT / name, to / name
        if name and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(0o700 if source.stat().st_mode & 0o100 else 0o600)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
