"""A real server behind a proxy that hands every request on as it came and writes down what was asked and answered.

The service's own log names routes alone, so that what people look for stands nowhere; a test must see the query. The
proxy is a process of its own: GDAL in the test's process lets no other thread run while it waits for an answer.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.server import serving

#: Headers of one connection alone. Source: RFC 9110 §7.6.1.
OF_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True)
class Exchange:
    """A request and the status of its answer; of repeated parameters the last."""

    method: str
    target: str
    status: int
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class Recording:
    """`/ogc` of the server as clients find it, and what they ask."""

    address: str
    log: Path
    begun: int = 0

    @property
    def exchanges(self) -> list[Exchange]:
        """Every exchange since the record was last begun anew."""
        return [Exchange(**json.loads(line)) for line in self.log.read_text().splitlines()[self.begun :]]

    def begin_anew(self) -> None:
        """What was asked so far is not looked at again."""
        self.begun = len(self.log.read_text().splitlines())

    def pages(self, collection: str) -> list[dict[str, str]]:
        """The parameters of each request for features of a collection."""
        path = f"/ogc/collections/{collection}/items"
        return [exchange.parameters for exchange in self.exchanges if exchange.path == path]

    def refused(self) -> list[Exchange]:
        """What was answered with an error."""
        return [exchange for exchange in self.exchanges if exchange.status >= 400]


@contextmanager
def recording(database_url: str, folder: Path, **variables: str) -> Iterator[Recording]:
    """The server on a test's database, whose public address is the proxy's."""
    log, target = folder / "exchanges", folder / "port"
    log.touch()
    proxy = subprocess.Popen([sys.executable, "-m", __name__, log, target], stdout=subprocess.PIPE, text=True)
    assert proxy.stdout is not None
    address = f"http://127.0.0.1:{int(proxy.stdout.readline())}"
    try:
        with serving(database_url, PUBLIC_URL=address, **variables) as (_, port):
            target.write_text(str(port))
            yield Recording(f"{address}/ogc", log)
    finally:
        proxy.kill()
        proxy.wait()


class Forwarding(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        log, target = map(Path, sys.argv[1:])
        length = int(self.headers.get("content-length", 0))
        upstream = http.client.HTTPConnection("127.0.0.1", int(target.read_text()), timeout=60)
        sent = {name: value for name, value in self.headers.items() if name.lower() not in OF_CONNECTION}
        upstream.request(self.command, self.path, self.rfile.read(length) if length else None, sent)
        answer = upstream.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in self.headers.items()}
        with log.open("a") as lines:
            lines.write(json.dumps(vars(Exchange(self.command, self.path, answer.status, headers))) + "\n")
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in OF_CONNECTION:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward

    def log_message(self, *_: object) -> None:
        """Says nothing: what came is in the record."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Forwarding) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
