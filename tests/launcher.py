"""The launcher with its real database steps, no data, and the smallest server that says it is ready; for its tests."""

import http.server
import os
import sys
from pathlib import Path

from ops.launcher import Steps, reported, up
from ops.settings import settings
from store.migrations import migrate


class Ready(http.server.BaseHTTPRequestHandler):
    """Answers every GET with 200."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        return


async def _no_reference(url: str) -> None:
    return None


async def _no_demo(url: str, accounts: Path) -> bool:
    return False


def main() -> int:
    if sys.argv[1:] == ["serve"]:
        parsed = settings()
        print(f"server {os.getpid()} {parsed.database_url}", flush=True)
        http.server.ThreadingHTTPServer((parsed.host, parsed.port), Ready).serve_forever()
    server = (sys.executable, "-m", "tests.launcher", "serve")
    return reported(lambda: up(settings(), Steps(migrate, _no_reference, _no_demo, server)))


if __name__ == "__main__":
    sys.exit(main())
