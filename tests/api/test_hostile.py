"""Callers who mean harm: nothing they send is answered with 5xx, holds a connection for ever, or stops the service."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.story import Headers
from tests.api.test_served import _free_port
from tests.conftest import Dazu

RANKINGS, LOGIN = "/api/v1/rankings", "/api/v1/auth/login"
NEED = b'{"kinds":["factory"]}'
JSON = b"Content-Type: application/json"

#: Bodies: address, bytes, status, field, code.
BODIES: list[tuple[str, bytes, int, str, str]] = [
    (RANKINGS, b'{"kinds":["land"],"kinds":["factory"]}', 400, "body", "json_repeated_name"),
    (RANKINGS, b'{"kinds":["land"],"kin\\u0064s":["factory"]}', 400, "body", "json_repeated_name"),
    (RANKINGS, b'{"kinds":["land"],"attributes":{"remarks":"a","remarks":"b"}}', 400, "body", "json_repeated_name"),
    (RANKINGS, b'{"kinds":["land"],"title":"\\ud800"}', 400, "body", "json_malformed"),
    (RANKINGS, b'{"kinds":["land"],"title":"\xed\xa0\x80"}', 400, "body", "not_utf8"),
    (RANKINGS, b'{"kinds":["land"],"attributes":{"\\udc00":1}}', 400, "body", "json_malformed"),
    (RANKINGS, b'{"kinds":["land"],"title":"\\u0000"}', 422, "title", "text_control"),
    (RANKINGS, b'{"kinds":["land"],"template":"\\u0000"}', 422, "template", "text_control"),
    (RANKINGS, b'{"kinds":["land"],"attributes":{"remarks":"\\u0000"}}', 422, "attributes.remarks", "text_control"),
    (RANKINGS, b'{"kinds":["land"],"attributes":{"\\u0000":1}}', 422, "attributes.\0", "unknown_attribute"),
    (RANKINGS, b'{"kinds":["land"],"product_codes":["\\u0000"]}', 422, "product_codes.0", "industry_form"),
    (RANKINGS, b'{"kinds":["land"],"attributes":{"energy_tce":1e999}}', 422, "attributes.energy_tce", "not_a_number"),
    (
        RANKINGS,
        b'{"kinds":["land"],"attributes":{"energy_tce":' + b"9" * 5000 + b"}}",
        422,
        "attributes.energy_tce",
        "not_a_number",
    ),
    (RANKINGS, b"1e999", 422, "body", "wrong_type"),
    (RANKINGS, b'{"kinds":["land"],"tax_yuan_year":"sNaN"}', 422, "tax_yuan_year", "not_a_number"),
    (RANKINGS, b'{"kinds":["land"],"tax_yuan_year":' + b"9" * 99_999 + b"}", 422, "tax_yuan_year", "out_of_range"),
    (RANKINGS, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 413, "body", "too_many_members"),
    (RANKINGS, b'{"attributes":{"remarks":' + b"[" * 99_999 + b"]" * 99_999 + b"}}", 400, "body", "json_too_deep"),
    (RANKINGS, b"\xef\xbb\xbf" + NEED, 400, "body", "json_malformed"),
    (RANKINGS, NEED.decode().encode("utf-16"), 400, "body", "not_utf8"),
    (LOGIN, b'{"login":"\\u0000","password":"\\u0000"}', 401, "", "wrong_login"),
    (LOGIN, b'{"login":"demo-admin","password":"\\u0000"}', 401, "", "wrong_login"),
    ("/api/v1/auth/refresh", b'{"refresh_token":"\\u0000"}', 401, "", "refresh_spent"),
]

#: Headers of a change: name, value, status, code.
HEADERS: list[tuple[str, bytes, int, str]] = [
    ("Idempotency-Key", b"", 400, "key_form"),
    ("Idempotency-Key", b'""', 400, "key_form"),
    ("Idempotency-Key", b"a" * 256, 400, "key_form"),
    ("Idempotency-Key", "中".encode(), 400, "key_form"),
    ("Idempotency-Key", b"a\tb", 400, "key_form"),
    ("If-Match", b"", 412, "stale"),
    ("If-Match", b"rubbish", 400, "tags_form"),
    ("If-Match", b"\xff", 400, "tags_form"),
    ("If-Match", b'"' + b"9" * 5000 + b'"', 412, "stale"),
    ("Content-Type", b"\xff", 415, "content_type"),
    ("Content-Type", b"multipart/form-data; boundary=x", 415, "content_type"),
    ("Content-Encoding", b"gzip", 415, "content_coding"),
    ("Content-Encoding", b"\xff", 415, "content_coding"),
    ("Authorization", b"", 401, "token_invalid"),
    ("Authorization", b"Basic YTpi", 401, "token_invalid"),
    ("Authorization", b"Bearer \xff", 401, "token_invalid"),
    ("Authorization", b"Bearer ph_k_" + b"\xff" * 9000, 401, "token_invalid"),
    ("X-API-Key", b"\x00", 401, "token_invalid"),
]

#: Addresses that are not there.
PATHS = [
    "%ff",
    "%ed%a0%80",
    "%00",
    "1",
    "-1",
    "%20",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "a" * 5000,
    "%EF%BC%90" * 8,
    "..%2f",
]


def get(*headers: bytes, target: bytes = b"/api/v1/assets?limit=1", method: bytes = b"GET") -> bytes:
    return b"\r\n".join((method + b" " + target + b" HTTP/1.1", b"Host: x", *headers, b"", b""))


def post(*headers: bytes, body: bytes = NEED) -> bytes:
    return get(JSON, *headers, target=RANKINGS.encode(), method=b"POST") + body


#: Name, bytes on the wire, the status that answers; 0: the line is cut without a word.
WIRE: list[tuple[str, bytes, int]] = [
    ("a header too long", get(b"X: " + b"a" * 300_000), 431),
    ("a thousand headers", get(*(b"X: 1" for _ in range(1000))), 431),
    ("ten thousand parameters", get(target=b"/api/v1/assets?" + b"&".join(b"a=1" for _ in range(10_000))), 400),
    ("raw bytes in the address", get(target=b"/api/v1/assets/\xff"), 400),
    ("NUL in a header", get(b"X: \0"), 400),
    ("cookies", get(b"Cookie: " + b"=;" * 10_000), 200),
    ("accept", get(b"Accept: " + b"a/b;q=x," * 5000), 200),
    ("accept-language", get(b"Accept-Language: en;q=nan,\xff,;;=", target=b"/api/v1/nowhere"), 404),
    ("a host that is none", get().replace(b"Host: x", b"Host: \xff:9"), 400),
    ("no host", get().replace(b"Host: x\r\n", b""), 400),
    ("no host, nowhere", get(target=b"/nowhere").replace(b"Host: x\r\n", b""), 400),
    ("two hosts", get(b"Host: y"), 400),
    ("an empty host", get().replace(b"Host: x", b"Host:"), 400),
    ("a host with a path", get().replace(b"Host: x", b"Host: x/y"), 400),
    ("a host with a port", get().replace(b"Host: x", b"Host: [::1]:8000"), 200),
    # The server shows us no difference: a proxy in front has to write the head anew (README).
    ("lines that end in a bare LF", get().replace(b"\r\n", b"\n"), 200),
    ("the same host twice", get(b"Host: x", method=b"OPTIONS"), 400),
    ("no host in HTTP/1.0", b"GET /health/live HTTP/1.0\r\n\r\n", 200),
    ("PROPFIND", get(method=b"PROPFIND"), 405),
    ("a length that is none", post(b"Content-Length: -1"), 400),
    ("two lengths", post(b"Content-Length: 21", b"Content-Length: 22"), 400),
    ("a length too short", post(b"Content-Length: 5"), 400),
    ("a chunk that is none", post(b"Transfer-Encoding: chunked", body=b"zz\r\n" + NEED), 400),
    ("a compressed body", post(b"Content-Length: 21", b"Content-Encoding: gzip"), 415),
    ("expectation", post(b"Content-Length: 21", b"Expect: 100-continue", b"Connection: close"), 100),
    ("garbage", bytes(range(256)) * 4, 400),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400),
]


async def test_bodies(client: httpx.AsyncClient) -> None:
    for place, body, status, field, code in BODIES:
        answer = await client.post(place, content=body, headers={"Content-Type": "application/json"})
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["field"], error["code"]) == (status, field, code), body[:80]


async def test_a_name_may_stand_once_in_each_object(client: httpx.AsyncClient) -> None:
    retrofit = json.dumps([{"rule": "H4"}, {"rule": "H5"}])
    body = f'{{"kinds":["factory"],"attributes":{{"products":["kinds","kinds"],"remarks":{json.dumps(retrofit)}}}}}'
    answer = await client.post(RANKINGS, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text


async def test_headers(client: httpx.AsyncClient, staff: Headers) -> None:
    unit = (await client.get("/api/v1/assets?limit=1", headers=staff)).json()["features"][0]["id"]
    for name, value, status, code in HEADERS:
        headers: dict[str, Any] = {"Content-Type": "application/json", "If-Match": "*", **staff, name: value}
        answer = await client.patch(f"/api/v1/assets/{unit}", headers=headers, content=b'{"properties":{"name":"a"}}')
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), (name, value[:40])


async def test_no_answer_lets_its_type_be_guessed(client: httpx.AsyncClient) -> None:
    for place in ("/health/live", "/metrics", "/docs", "/docs/start.js", "/api/v1/parks", "/nowhere", "/"):
        answer = await client.get(place)
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], place
    assert (await client.options("/api/v1/parks")).headers["x-content-type-options"] == "nosniff"


async def test_a_request_names_one_host(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/live", headers=[("Host", "a"), ("Host", "b"), ("Accept-Language", "en")])

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["field"], error["code"]) == (400, "Host", "one_host")
    assert error["message"] == "A request names one host, once"


async def test_addresses(client: httpx.AsyncClient) -> None:
    for place in ("assets", "parks", "firms", "demands", "rankings", "outcomes"):
        for name in PATHS:
            answer = await client.get(httpx.URL(f"http://panhuo.test/api/v1/{place}/{name}"))
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "route_missing"), (place, name)


@dataclass(frozen=True)
class Server:
    """A running server and what it wrote."""

    port: int
    log: Path


@pytest_asyncio.fixture(loop_scope="session")
async def server(dazu: Dazu, tmp_path: Path) -> AsyncIterator[Server]:
    """The server as it is started for use, on the test's database and a port of its own."""
    place = Server(_free_port(), tmp_path / "log")
    own = {"PANHUO_DATABASE_URL": dazu.url, "PANHUO_PORT": str(place.port), "PANHUO_WORK": "false"}
    with place.log.open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ops.cli", "serve"], env=os.environ | own, stderr=log)
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as http:
            while True:
                try:
                    await http.get(f"http://127.0.0.1:{place.port}/health/ready")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.2)
        yield place
    finally:
        process.terminate()
        process.wait(30)


async def answer_to(server: Server, *parts: bytes, gap_s: float = 0.0, hangs_up: bool = False) -> tuple[int, float]:
    """The status of the first answer to bytes on the wire, 0 where the line is cut without one; seconds until then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    started = time.monotonic()
    line = asyncio.ensure_future(reader.readline())
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            if gap_s and await asyncio.wait({line}, timeout=gap_s) != (set(), {line}):
                break
        if hangs_up:
            writer.write_eof()
        answer = await asyncio.wait_for(line, 30)
    except ConnectionError:
        answer = b""
    writer.close()
    return int(answer.split()[1]) if answer.startswith(b"HTTP/") else 0, time.monotonic() - started


@pytest.mark.slow
async def test_bytes_on_the_wire(server: Server) -> None:
    """None is a fault of the server's, so none is in its log as one; a body broken off is the caller's."""
    answers = [(name, (await answer_to(server, raw))[0]) for name, raw, _ in WIRE]

    assert answers == [(name, status) for name, _, status in WIRE]
    assert (await answer_to(server, post(b"Content-Length: 210"), hangs_up=True))[0] == 400
    assert (await answer_to(server, get()))[0] == 200
    assert '"level": "error"' not in server.log.read_text()


@pytest.mark.slow
async def test_the_slow_are_let_go(server: Server) -> None:
    """Nobody who does not send holds a connection for more than the ten seconds that headers and bodies get."""
    begun = post(b"Content-Length: 21", body=b"")
    waiting = {
        "silence": answer_to(server),
        "a header in drops": answer_to(server, get()[:-2], *[b"X: 1\r\n"] * 30, gap_s=1),
        "HTTP/2 that says nothing": answer_to(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "no body": answer_to(server, begun),
        "a body in drops": answer_to(server, begun, *[NEED[n : n + 1] for n in range(20)], gap_s=1),
        "a body of another kind": answer_to(server, begun.replace(b"json", b"html")),
        "a body in time": answer_to(server, begun, NEED[:9], NEED[9:], gap_s=1),
    }

    ended = dict(zip(waiting, await asyncio.gather(*waiting.values()), strict=True))

    assert {name: status for name, (status, _) in ended.items()} == {
        "silence": 0,
        "a header in drops": 0,
        "HTTP/2 that says nothing": 0,
        "no body": 408,
        "a body in drops": 408,
        "a body of another kind": 408,
        "a body in time": 200,
    }
    assert max(seconds for _, seconds in ended.values()) < 15
