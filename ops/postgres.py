"""PostgreSQL with PostGIS on this machine: where it is, and how it gets there.

Standard library only: it runs before the environment exists. Nothing is installed where usable programs are found.
"""

from __future__ import annotations

import glob
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LEAST_MAJOR = 15  # RECORDS: security_invoker views came with PostgreSQL 15
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the PostgreSQL project's own RPM packages
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
)
CREATECLUSTER = Path("/etc/postgresql-common/createcluster.conf")
PACKAGES = "^postgresql-[0-9]+-postgis-3$"  # a distribution offers one
UNSTARTED = "create_main_cluster = false"


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL that has every extension the service needs."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_postgres(major: int | None = None) -> Binaries | None:
    """The newest usable PostgreSQL here, or the one of that major version (data folders know only their own).

    Empty: none, where no PostgreSQL 15+ with PostGIS is found.
    """
    usable = [binaries for folder in _folders() if (binaries := _usable(folder)) is not None]
    wanted = [binaries for binaries in usable if major is None or binaries.major == major]
    return max(wanted, key=lambda binaries: binaries.major, default=None)


def _folders() -> list[Path]:
    on_path = shutil.which("pg_config")
    places = [folder for place in PLACES for folder in glob.glob(place)]
    return [Path(folder) for folder in places] + ([_config_path(on_path, "--bindir")] if on_path else [])


def _config_path(pg_config: str, what: str) -> Path:
    return Path(subprocess.run([pg_config, what], capture_output=True, text=True, check=False).stdout.strip())


def _usable(folder: Path) -> Binaries | None:
    programs = [folder / name for name in ("postgres", "initdb", "pg_config", "psql", "createdb")]
    if not all(program.exists() for program in programs):
        return None
    controls = _config_path(str(folder / "pg_config"), "--sharedir") / "extension"
    version = re.search(r"(\d+)", str(_config_path(str(folder / "pg_config"), "--version")))
    if version is None or not all((controls / f"{name}.control").exists() for name in EXTENSIONS):
        return None
    return Binaries(folder, int(version[1])) if int(version[1]) >= LEAST_MAJOR else None


def install_hint() -> str:
    """The one line to type on this system to have PostgreSQL and PostGIS, or a database elsewhere."""
    if _is_debian():
        name = _package() or f"'{PACKAGES}'"
        quiet = f"sudo mkdir -p {CREATECLUSTER.parent} && echo '{UNSTARTED}' | sudo tee -a {CREATECLUSTER}"
        return f"{quiet} && sudo apt-get update && sudo apt-get install -y --no-install-recommends {name}"
    if sys.platform == "darwin":
        return "brew install postgresql@17 postgis"
    if shutil.which("dnf"):
        return "sudo dnf install postgresql-server postgresql-contrib postgis"
    return "DATABASE_URL=postgresql://… DATABASE_ADMIN_URL=postgresql://… make run"


def _is_debian() -> bool:
    return shutil.which("apt-get") is not None and Path("/etc/debian_version").exists()


def _package(major: int | None = None) -> str | None:
    """The package to install: of that major version, else of the newest on offer."""
    search = ["apt-cache", "--names-only", "search", PACKAGES]
    listing = subprocess.run(search, capture_output=True, text=True, check=False)
    majors = [int(number) for number in re.findall(r"^postgresql-(\d+)-postgis-3\b", listing.stdout, re.MULTILINE)]
    wanted = [number for number in majors if number >= LEAST_MAJOR and major in (None, number)]
    return f"postgresql-{max(wanted)}-postgis-3" if wanted else None


def may_install(is_root: bool) -> bool:
    """Whether `install` can do it by itself: root on Debian or Ubuntu."""
    return is_root and _is_debian()


def install(major: int | None = None) -> bool:
    """Installs PostgreSQL and PostGIS by the package manager, without recommended packages or a cluster of its own.

    Empty: False, where the distribution has no PostgreSQL 15+ or the package manager fails (it says why itself).
    """
    package = _package(major)
    if package is None:
        _apt("update")
        package = _package(major)
    if package is None:
        return False
    start_no_cluster(CREATECLUSTER)
    wanted = ["install", "-y", "--no-install-recommends", package]
    return _apt(*wanted) or (_apt("update") and _apt(*wanted))


def _apt(*arguments: str) -> bool:
    # An edited configuration file must not stop the installation with a question: the file that is there stays.
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *keep, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def start_no_cluster(path: Path) -> None:
    """Debian's packages create and start no cluster on installation; every other line of the file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    other = [line for line in lines if not re.match(r"\s*create_main_cluster\b", line)]
    path.write_text("\n".join([*other, UNSTARTED]) + "\n")
