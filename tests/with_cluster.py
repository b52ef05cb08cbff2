"""Runs a command beside a PostgreSQL cluster of its own, gone afterwards: `python -m tests.with_cluster pytest`.

The command finds the superuser's address in PANHUO_TEST_ADMIN_URL; where that is set already, no cluster is made.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.cluster import Cluster
from ops.premises import ClusterRefused, closed_parent, die_with_parent, server_account

VARIABLE = "PANHUO_TEST_ADMIN_URL"


def main(command: list[str]) -> int:
    """The command's exit code; 1 where there is no cluster."""
    if os.environ.get(VARIABLE):
        return subprocess.run(command, check=False).returncode
    place = _place()
    try:
        return _beside(Cluster(place, place, for_tests=True), command)
    except ClusterRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _place() -> Path:
    """A new folder that the server's account can reach, whatever TMPDIR says."""
    account = server_account()
    parents = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    parent = next(parent for parent in parents if closed_parent(parent, account) is None)
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir=parent))
    place.chmod(0o711)
    return place


def _beside(cluster: Cluster, command: list[str]) -> int:
    child: subprocess.Popen[bytes] | None = None

    def stop(number: int, frame: object) -> None:
        if child is None:
            raise SystemExit(128 + number)
        if number != signal.SIGINT:  # the terminal sends that one to the command itself
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        environment = {**os.environ, VARIABLE: cluster.up().superuser}
        child = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent(signal.SIGTERM))
        return child.wait()
    finally:
        cluster.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
