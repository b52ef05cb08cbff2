"""The proxies of docs/operations.md, run as they stand there but for ports and certificate, before a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
import pytest_asyncio

from tests.api.story import Headers
from tests.api.test_events import act
from tests.conftest import Dazu

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PAGE = (Path(__file__).resolve().parents[2] / "docs/operations.md").read_text(encoding="utf-8")
NAME = "district.example"
MOST_BYTES = 2 * 1024 * 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < give_up_at, f"nothing listens on {port}"
            time.sleep(0.05)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for the name and its key, signed by itself."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    named = ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *named], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def server(dazu: Dazu) -> Iterator[tuple[int, Path]]:
    """`panhuo serve` as the page says it is set, its port and its log."""
    port, log = free_port(), Path(f"/tmp/panhuo-test-proxies-{os.getpid()}.log")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    (public_url,) = re.findall(r"below a path of a shared address: (\S+)", PAGE)
    environment |= {"DATABASE_URL": dazu.url, "PORT": str(port), "PANHUO_WORK": "false", "PUBLIC_URL": public_url}
    environment["PANHUO_TRUSTED_PROXIES"] = re.findall(r"PANHUO_TRUSTED_PROXIES=(\S+)", PAGE)[0]
    with log.open("w") as written:
        command = [sys.executable, "-m", "ops.cli", "serve"]
        process = subprocess.Popen(command, env=environment, stderr=written, start_new_session=True)
    try:
        wait_for(port)
        yield port, log
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.unlink()


def config_of(program: str, server_port: int, proxy_port: int, certificate: tuple[Path, Path]) -> str:
    """The page's example with the ports and the certificate of the test."""
    (text,) = re.findall(rf"```{program}\n(.*?)```", PAGE, re.S)
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{server_port}")
    text = text.replace("/etc/ssl/panhuo/certificate.pem", str(certificate[0]))
    return text.replace("/etc/ssl/panhuo/key.pem", str(certificate[1]))


def nginx(config: str, port: int, folder: Path) -> list[str]:
    own = "user root;\n" if os.geteuid() == 0 else ""
    own += f"pid {folder}/nginx.pid; error_log stderr; daemon off; events {{}}\nhttp {{ access_log off;\n"
    own += "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(own + config.replace("listen 443", f"listen 127.0.0.1:{port}") + "}")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def caddy(config: str, port: int, folder: Path) -> list[str]:
    own = "{\n admin off\n auto_https disable_redirects\n}\n"
    bound = config.replace(f"{NAME} {{", f"{NAME}:{port} {{\n    bind 127.0.0.1", 1)
    (folder / "Caddyfile").write_text(own + bound)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


PROGRAMS = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(params=list(PROGRAMS))
def proxy(
    request: pytest.FixtureRequest, server: tuple[int, Path], certificate: tuple[Path, Path], tmp_path: Path
) -> Iterator[int]:
    """The port of a proxy before the server."""
    program: str = request.param
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: apt install {program}")
    tmp_path.chmod(0o755)
    port = free_port()
    command = PROGRAMS[program](config_of(program, server[0], port, certificate), port, tmp_path)
    process = subprocess.Popen(command, env=os.environ | {"HOME": str(tmp_path)}, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def outside(proxy: int, certificate: tuple[Path, Path]) -> AsyncIterator[httpx.AsyncClient]:
    """A client that finds the name at the proxy and trusts its certificate alone."""

    class Transport(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert request.url.host == NAME, request.url
            request.extensions["sni_hostname"] = NAME
            request.url = request.url.copy_with(host="127.0.0.1", port=proxy)
            return await super().handle_async_request(request)

    transport = Transport(verify=ssl.create_default_context(cafile=certificate[0]))
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{NAME}", timeout=20) as client:
        yield client


async def test_below_a_path_behind_tls(
    outside: httpx.AsyncClient, server: tuple[int, Path], keys: dict[str, Headers]
) -> None:
    page = (await outside.get("/panhuo/api/v1/assets?limit=2")).json()
    following = await outside.get(next(link["href"] for link in page["links"] if link["rel"] == "next"))
    front = await outside.get("/panhuo/")
    (docs_path,) = re.findall(r'href="([^"]+/docs)"', front.text)
    bare = await outside.get("/panhuo")
    made = await outside.post("/panhuo/api/v1/auth/keys", json={"label": "GIS"}, headers=keys["demo-admin"])
    docs = await outside.get(docs_path)
    files = re.findall(r'(?:href|src)="([^"]+)"', docs.text)
    wrong = {"login": "demo-admin", "password": "not the password"}
    await outside.post("/panhuo/api/v1/auth/login", json=wrong, headers={"X-Forwarded-For": "203.0.113.7"})
    typed = {"Content-Type": "application/json"}
    too_large = await outside.post("/panhuo/api/v1/rankings", content=b" " * (MOST_BYTES + 1), headers=typed)

    assert following.status_code == 200
    assert following.json()["features"][0]["id"] != page["features"][0]["id"]
    assert bare.status_code == 308
    assert bare.headers["location"].endswith("/panhuo/")
    assert made.status_code == 201
    assert made.headers["location"].startswith("/panhuo/api/v1/auth/keys/")
    for file in files:
        assert (await outside.get(urljoin("/panhuo/docs", file))).status_code == 200, file
    assert (too_large.status_code, too_large.headers["content-type"]) == (413, "application/problem+json")
    lines = [json.loads(line) for line in server[1].read_text().splitlines() if line.startswith("{")]
    (refused,) = [line for line in lines if line["log"] == "panhuo.security"]
    assert refused["address"] == "127.0.0.1"  # what a caller says of its own address is not believed


async def test_an_event_reaches_a_stream_at_once(
    outside: httpx.AsyncClient, keys: dict[str, Headers], dazu: Dazu
) -> None:
    staff = keys["demo-admin"]
    park = (await outside.get("/panhuo/api/v1/parks?limit=1")).json()["features"][0]
    sent = staff | {"Accept": "text/event-stream"}
    async with outside.stream("GET", f"/panhuo/api/v1/events?park={park['id']}&after=now", headers=sent) as stream:
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        began_at = time.monotonic()
        await act(dazu.db, park["id"])
        async for line in lines:
            if line.startswith("data:"):
                break

    event = json.loads(line.removeprefix("data:"))
    assert time.monotonic() - began_at < 5
    assert event["href"].startswith("/panhuo/api/v1/parks/")
