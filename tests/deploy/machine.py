"""What a proof needs of the machine: root, a folder, a bare Debian 12, and programs that leave nothing behind.

Mirrors, certificates and package index are the machine's own, asked of its configuration and never written here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from ops.premises import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path("/var/cache/panhuo")
PLACE = CACHE / "deploy"
RELEASE = "bookworm"
CANNOT = 77  # Source: GNU Automake, "Scripts-based Testsuites": the exit code of a skipped test
KEPT_S = 7 * 86_400  # a bare Debian; what is installed into it comes fresh from the mirror anyway
APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
LEFT_OUT = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")
INDEX = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST")
HALF_YEAR = {"from": "2025-01-01", "to": "2025-06-30"}


class CannotHere(Exception):
    """Why this machine cannot give the proof; no fault of the project."""


class Failed(Exception):
    """A command that had to succeed, with the end of what it said."""


def proof(work: Callable[[Path], None]) -> int:
    """Runs one proof in an empty folder of its own: 0, or 77 and the reason where this machine cannot give it.

    Raises: what `work` raises where the promise does not hold.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if os.geteuid() != 0:
            raise CannotHere("需要 root。It needs root.")
        possible(*APART, "true")
        with _place() as place, step("全部 in all"):
            work(place)
    except CannotHere as reason:
        print(f"跳过，未能在此验证 SKIPPED, not proved here: {reason}", flush=True)
        return CANNOT
    return 0


@contextmanager
def _place() -> Iterator[Path]:
    """The one folder of all proofs: they wait for each other, and what a killed one left is removed by the next."""
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove(PLACE)
        PLACE.mkdir(mode=0o711)
        try:
            yield PLACE
        finally:
            remove(PLACE)


def remove(folder: Path) -> None:
    """Removes a folder; the last of its killed users may still be writing."""
    give_up_at = time.monotonic() + 10
    while folder.exists() and time.monotonic() < give_up_at:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Says how long a step took, once it is done."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


def output(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a command says on its standard output. Raises: `Failed` with the end of all it said."""
    done = subprocess.run(
        command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ({done.returncode})\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def possible(*command: str | Path, cwd: Path | None = None) -> str:
    """What a command says that only a fit machine can run. Raises: `CannotHere`."""
    try:
        return output(*command, cwd=cwd)
    except (Failed, FileNotFoundError) as fault:
        raise CannotHere(str(fault).strip()) from fault


@contextmanager
def apart(command: list[str], log: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program with process numbers and mounts of its own: with it ends all that it started, however this ends."""
    with log.open("wb") as out:
        program = subprocess.Popen(
            [*APART, *command], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
    try:
        yield program
    finally:
        program.kill()
        program.wait()


def install(*programs: str, packages: tuple[str, ...]) -> None:
    """Debian's packages, where a program is missing; a service that one starts ends with its installation.

    Raises: `CannotHere`.
    """
    if all(map(shutil.which, programs)):
        return
    with step(f"apt-get install {' '.join(packages)}"):
        possible("apt-get", "update", "-q")
        words = ("apt-get", "install", "-qy", "--no-install-recommends", *packages)
        possible(*APART, "env", "DEBIAN_FRONTEND=noninteractive", *words)


def bare_debian(place: Path) -> Path:
    """An archive of Debian 12 by debootstrap, without documents, as the official slim image, and trusting whom this
    machine trusts; kept outside the checkout.

    Raises: `CannotHere`.
    """
    sources, fetching, trusted = _sources(), _fetching(), _trusted()
    made_of = repr([sources, fetching, [item.read_bytes() for item in [*trusted, Path(__file__)]]]).encode()
    kept = CACHE / f"debian-12-{hashlib.sha256(made_of).hexdigest()[:12]}.tar"
    if kept.exists() and time.time() - kept.stat().st_mtime < KEPT_S:
        return kept
    for old in CACHE.glob("debian-12-*"):
        old.unlink()
    install("debootstrap", packages=("debootstrap",))
    tree, new = place / "debian", kept.with_suffix(".new")
    with step("debootstrap"):
        mirror = sources[0].split()[1]
        possible("debootstrap", "--variant=minbase", "--include=ca-certificates", RELEASE, tree, mirror)
        (tree / "etc/apt/sources.list").write_text("\n".join(sources) + "\n")
        (tree / "etc/apt/apt.conf.d/90machine").write_text("\n".join(fetching) + "\n")
        for item in trusted:
            shutil.copy(item, tree / "usr/local/share/ca-certificates")
        output("chroot", tree, "update-ca-certificates")
        output("tar", "-C", tree, *(f"--exclude=./{name}/*" for name in LEFT_OUT), "-cf", new, ".")
        new.rename(kept)
    remove(tree)
    return kept


def _sources() -> list[str]:
    """Lines of sources.list: the release from the mirrors this machine's apt uses, the main one first."""
    shape = ("--format", "$(ORIGIN) $(CODENAME) deb $(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages")
    listed = possible("apt-get", "indextargets", *shape)
    if "Debian " not in listed:  # a machine whose apt has never looked
        possible("apt-get", "update", "-q")
        listed = possible("apt-get", "indextargets", *shape)
    matches = re.findall(rf"^Debian ({RELEASE}\S*) (deb .* main)$", listed, re.MULTILINE)
    if RELEASE not in (suite for suite, _ in matches):
        raise CannotHere("apt 没有 Debian 12 的镜像。apt knows no mirror of Debian 12.")
    return [line for _, line in sorted(set(matches))]


def _fetching() -> list[str]:
    """How this machine's apt fetches: proxies, checks, retries."""
    facts = possible("apt-config", "dump").splitlines()
    return [line for line in facts if re.match(r"Acquire::(https?::|Check-|Retries)", line) and '""' not in line]


def _trusted() -> list[Path]:
    """The machine's own certificate authorities: its mirrors may be known by no other."""
    return sorted(Path("/usr/local/share/ca-certificates").glob("**/*.crt"))


def package_index() -> dict[str, str]:
    """The environment that tells pip another index than its own; nothing where this machine uses pip's own."""
    return {name: os.environ[name] for name in INDEX if name in os.environ}


def copy_checkout(to: Path) -> None:
    """The tracked files as they are now, closed to everyone else as under a strict umask."""
    for name in output("git", "ls-files", "-z", cwd=ROOT).split("\0"):
        source, target = ROOT / name, to / name
        if name and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(0o700 if source.stat().st_mode & 0o100 else 0o600)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(address: str) -> int | None:
    """What `/health/ready` answers. Empty: None, where nobody does."""
    try:
        return httpx.get(f"{address}/health/ready", timeout=10).status_code
    except httpx.TransportError:
        return None


def assert_figures(address: str) -> None:
    """The answer that every way of starting must give: 857 mu and 38,000 m² in the first half of 2025."""
    body = httpx.get(f"{address}/api/v1/stats/revitalized", params=HALF_YEAR).json()
    assert (body["land"]["area_mu"], body["factory"]["area_m2"]) == ("857.00", "38000.00"), body


def assert_paper(address: str, api_key: str) -> None:
    """The paper that a leader signs can be set: the Chinese font came with the packages."""
    headers = {"X-API-Key": api_key}
    answer = httpx.get(f"{address}/api/v1/papers/month", params={"month": "2025-06"}, headers=headers, timeout=60)
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-"), answer.text[:1000]
