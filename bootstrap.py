"""What must be there before anything else runs: a new enough Python, PostgreSQL with PostGIS, the environment `.venv`.

Run by the Makefile with the system's Python and its standard library alone; plain enough for an old Python to read,
so that it can say what is wrong. Where all is in place it costs milliseconds and goes on to the program asked for.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file is the one that an older Python is asked to read
    sys.exit(
        f"需要 Python 3.11 或更新版本，当前为 {sys.version.split()[0]}；可用：PYTHON=python3.12 make …\n"
        f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try: PYTHON=python3.12 make …"
    )

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path

from texts.lookup import side_by_side

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "panhuo-stamp"
UV = "uv==0.13.9"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
# A shell line for Python to skip: the first line of a script may be too long for the system, or hold a space.
PANHUO = """#!/bin/sh
'''exec' "$(dirname "$0")/python" "$0" "$@"
' '''
import sys

from ops.cli import main

sys.exit(main())
"""


def main(verb: str, *arguments: str) -> None:
    """`run` the service, `test` it, or only make the environment (`env`, `dev`)."""
    if verb in ("run", "test"):
        need_postgres()
    make_environment("run" if verb in ("run", "env") else "dev")
    if verb in ("run", "test"):
        tie_to_parent()
    if verb == "run":
        os.execv(BIN / "panhuo", [str(BIN / "panhuo"), "up", *arguments])
    if verb == "test":
        pytest = [str(PYTHON), "-m", "pytest", "-n", "2", *arguments]
        os.execv(PYTHON, [str(PYTHON), "-m", "tests.with_cluster", *pytest])


def need_postgres() -> None:
    """Goes on where PostgreSQL is here or a database was given; else installs it as root on Debian, or says how."""
    from ops import postgres
    from ops.settings import settings

    given = settings()
    if given.database_url or os.environ.get("PANHUO_TEST_ADMIN_URL"):
        return
    made_by = given.data_dir / "postgres" / "PG_VERSION"
    major = int(made_by.read_text()) if os.access(made_by, os.R_OK) else None
    if postgres.find_postgres(major) is not None:
        return
    if postgres.may_install(os.geteuid() == 0):
        print(side_by_side("command_line", "environment", "installing_postgres"), file=sys.stderr, flush=True)
        if postgres.install(major) and postgres.find_postgres(major) is not None:
            return
    wanted = f"PostgreSQL {major or '15+'} / PostGIS"
    sys.exit(f"{fault('program_missing', program=wanted)}\n\n  {postgres.install_hint()}\n")


def make_environment(kind: str) -> None:
    """Brings `.venv` to the locked versions; nothing where the stamp says it is there. `dev` holds all of `run`."""
    holder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)  # two at once would undo each other's work
    try:
        stamp = STAMP.read_text() if STAMP.exists() else ""
        kind = "dev" if stamp.startswith("dev ") else kind
        if stamp != stamp_for(kind):
            print(side_by_side("command_line", "environment", "preparing"), file=sys.stderr, flush=True)
            install(kind)
    except PermissionError as refused:
        sys.exit(fault("cannot_write", file=refused.filename, reason=refused.strerror))
    finally:
        os.close(holder)


def stamp_for(kind: str) -> str:
    """What the environment was made from: lock, this file, Python, and place (programs in it name their own path)."""
    whole = hashlib.sha256(LOCKS[kind].read_bytes() + Path(__file__).read_bytes())
    whole.update(f"{ROOT} {sys.version_info[:2]}".encode())
    return f"{kind} {whole.hexdigest()}"


def install(kind: str) -> None:
    """Makes `.venv` anew where it is another Python's or was moved, and puts exactly the locked packages in."""
    STAMP.unlink(missing_ok=True)
    if not is_ours():
        try:
            import ensurepip  # noqa: F401 - Debian leaves it out of python3
        except ImportError:
            sys.exit(f"{fault('venv_missing')}\n\n  sudo apt-get install python3-venv\n")
        shutil.rmtree(VENV, ignore_errors=True)
        call(sys.executable, "-m", "venv", str(VENV))
    call(str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", UV)
    call(str(BIN / "uv"), "pip", "sync", "-q", "--require-hashes", "--python", str(PYTHON), str(LOCKS[kind]), uv=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)}))
    (packages / "panhuo.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    (BIN / "panhuo").write_text(PANHUO)
    (BIN / "panhuo").chmod(0o755)
    STAMP.write_text(stamp_for(kind))


def is_ours() -> bool:
    """Whether `.venv` holds this Python and still lies where it was made."""
    if not PYTHON.exists() or not (BIN / "pip").exists():
        return False
    told = "import sys; print(sys.prefix, *sys.version_info[:2])"
    seen = subprocess.run([str(PYTHON), "-c", told], capture_output=True, text=True, check=False).stdout.strip()
    is_in_place = str(PYTHON) in (BIN / "pip").read_text(errors="replace")
    return is_in_place and seen == " ".join([str(VENV), *map(str, sys.version_info[:2])])


def call(*command: str, uv: bool = False) -> None:
    """Runs an installing command; its failure is the end, told by the command itself."""
    environment = uv_environment() if uv else None
    if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        shown = " ".join(Path(command[0]).name if part == command[0] else part for part in command)
        sys.exit(f"{side_by_side('command_line', 'environment', 'failed')}: {shown}")


def uv_environment() -> "dict[str, str]":
    """For uv: no Python of its own, and the package index that pip was told to use, which uv does not read."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"} & set(environment):
        listing = subprocess.run(
            [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
        )
        for line in listing.stdout.splitlines():
            name, _, value = line.partition("=")
            if name in ("global.index-url", "install.index-url", ":env:.index-url"):
                environment["UV_DEFAULT_INDEX"] = value.strip("'")
    return environment


def tie_to_parent() -> None:
    """Ends the program when the `make` that runs it is killed: the request outlives `exec`."""
    from ops.premises import die_with_parent

    ask = die_with_parent(signal.SIGTERM, os.getppid())
    if ask is not None:
        ask()


def fault(key: str, **parameters: object) -> str:
    """What is wrong, a line a language."""
    return side_by_side("command_line", "fault", key, between="\n", **parameters)


if __name__ == "__main__":
    main(*sys.argv[1:])
