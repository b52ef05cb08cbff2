"""`make run` in a bare Debian 12, with nothing but what the README asks for: `python -m tests.deploy.bare`.

The tree shares the machine's network, so that the service is asked from outside.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

from tests.deploy import machine
from tests.deploy.machine import Failed, output, step

NEEDS = "python3 python3-venv git make"  # README: what `make run` needs
READY_S = 600.0
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
# The installer of packages reads no certificate store unless told which.
ENVIRONMENT |= {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"} | machine.package_index()


def main(place: Path) -> None:
    """Raises: `CannotHere`, `Failed`, `AssertionError`."""
    kept, tree, log = machine.bare_debian(place), place / "tree", place / "log"
    tree.mkdir()
    output("tar", "-C", tree, "-xpf", kept)
    shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
    machine.copy_checkout(tree / "srv/panhuo")
    into = [f"--mount-proc={tree}/proc", "chroot", str(tree), "sh", "-c"]
    with step(f"apt-get install {NEEDS}"):
        wanted = f"apt-get update -q && apt-get install -qy --no-install-recommends {NEEDS}"
        output(*machine.APART, *into, wanted, env=ENVIRONMENT)
    port = machine.free_port()
    run = [*into, "cd /srv/panhuo && exec make run"]
    with step("make run"), machine.apart(run, log, ENVIRONMENT | {"PORT": str(port)}) as program:
        give_up_at = time.monotonic() + READY_S
        while machine.status(f"http://127.0.0.1:{port}") != 200:
            if program.poll() is not None or time.monotonic() > give_up_at:
                raise Failed(f"make run\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.2)
        machine.assert_figures(f"http://127.0.0.1:{port}")
        accounts = json.loads((tree / "var/lib/panhuo/demo-accounts.json").read_text(encoding="utf-8"))["accounts"]
        machine.assert_paper(f"http://127.0.0.1:{port}", accounts[0]["api_key"])


if __name__ == "__main__":
    sys.exit(machine.proof(main))
