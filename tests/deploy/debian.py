"""A bare Debian 12: made once by debootstrap, kept as an archive outside the checkout, laid out where it is needed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.deploy import machine
from tests.deploy.machine import CannotHere, Failed, said, step

KEPT_S = 7 * 86_400  # what goes on top of it comes fresh from the mirror anyway


def archive() -> Path:
    """The archive of the tree, made where none is kept for this machine's mirrors. Raises: `CannotHere`."""
    machine.need_root()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "panhuo"
    made_of = [
        *machine.debian_sources(),
        machine.apt_settings(),
        *(path.read_text() for path in machine.certificates()),
    ]
    kept = cache / f"debian-12-{hashlib.sha256(repr(made_of).encode()).hexdigest()[:12]}.tar"
    if kept.exists() and time.time() - kept.stat().st_mtime < KEPT_S:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("debian-12-*"):
        old.unlink()
    if shutil.which("debootstrap") is None:
        machine.install("debootstrap")
    with step("debootstrap: Debian 12"):
        _make(kept)
    return kept


def _make(kept: Path) -> None:
    place = Path(tempfile.mkdtemp(prefix="panhuo-debian-", dir="/var/tmp"))
    tree, new = place / "tree", kept.with_suffix(".new")
    mirror = machine.debian_sources()[0].split()[1]
    try:
        said("debootstrap", "--variant=minbase", "--include=ca-certificates", machine.RELEASE, tree, mirror)
        (tree / "etc/apt/sources.list").write_text("\n".join(machine.debian_sources()) + "\n")
        (tree / "etc/apt/apt.conf.d/90machine").write_text(machine.apt_settings())
        (tree / "etc/dpkg/dpkg.cfg.d/90fast").write_text("force-unsafe-io\n")  # a tree to throw away needs no fsync
        for path in machine.certificates():
            shutil.copy(path, tree / "usr/local/share/ca-certificates")
        said("chroot", tree, "update-ca-certificates")
        said("tar", "-C", tree, "-cf", new, "--exclude=./var/cache/apt/*", "--exclude=./var/lib/apt/lists/*", ".")
        new.rename(kept)
    except Failed as fault:
        raise CannotHere(f"debootstrap: {machine.last_words(fault)}") from fault
    finally:
        shutil.rmtree(place, ignore_errors=True)


def lay_out(tree: Path) -> None:
    """The bare Debian as a folder. Raises: `CannotHere` where the file system takes no such tree."""
    kept = archive()
    tree.mkdir()
    try:
        said("tar", "-C", tree, "-xpf", kept)
    except Failed as fault:
        raise CannotHere(f"tar: {machine.last_words(fault)}") from fault
    shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
