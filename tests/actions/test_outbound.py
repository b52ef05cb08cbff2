"""Where a webhook may go, and what becomes of a POST: judged by address, never by name, at each connection."""

from __future__ import annotations

import asyncio
import base64
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from actions import webhook_request
from actions.webhook_delivery import FIRST_PAUSE_S, LONGEST_PAUSE_S, pause_s, signature
from actions.webhook_request import Result, check_url, post
from domain.errors import Invalid
from tests.api.receiver import receiving

PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888"]
#: Loopback, private, link-local and metadata, shared, reserved, multicast; each also as IPv6 carries it.
INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "0.0.0.0", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1",
    "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.8",
    "64:ff9b::a9fe:a9fe", "64:ff9b::a00:8", "64:ff9b:1::a00:8", "::a9fe:a9fe", "::7f00:1", "fec0::1", "192.88.99.1",
    "2002:c058:6301::1", "192.52.193.1", "2001:3::1", "3fff::1", "4000::1", "::ffff:0:7f00:1", "2002:a9fe:a9fe::1",
    "2002:a00:8::1", "2001:0:4136:e378:8000:63bf:f5ff:fff7", "fe80::1%1",
]  # fmt: skip
#: Never, not even where private receivers are allowed.
NEVER = ["169.254.169.254", "100.100.100.200", "fe80::1", "fd00:ec2::254", "0.0.0.0", "::", "224.0.0.1",
         "64:ff9b::a9fe:a9fe", "::ffff:169.254.169.254", "192.0.0.192", "::a9fe:a9fe", "2002:a9fe:a9fe::1",
         "fec0::1", "192.88.99.1", "240.0.0.1"]  # fmt: skip
FORMS = [
    "", "x", "ftp://example.cn/", "https://", "https:///path", "https://user@example.cn/", "https://u:p@example.cn/",
    "https://example.cn/#part", "https://example.cn/a b", "https://example.cn/\r\nX: y", "https://example.cn\\@10.0.0.1/",
    "https://例子.cn/", "https://example.cn:99999/", "https://example.cn:0/", "https://[::1/", "javascript:alert(1)",
    "https://example.cn/" + "a" * 2000,
]  # fmt: skip


def answering(*addresses: str) -> webhook_request.Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def code(url: str, *addresses: str, allow_private: bool = False) -> str:
    """The fault of an URL whose host has these addresses; empty where it may be called."""
    try:
        await check_url(url, allow_private=allow_private, resolve=answering(*addresses))
    except Invalid as refused:
        assert refused.faults[0].field == "url"
        return refused.faults[0].code
    return ""


@pytest.mark.parametrize("address", PUBLIC)
async def test_public_addresses_may_be_called_by_https_alone(address: str) -> None:
    assert await code("https://hook.example.cn/a?b=c", address) == ""
    assert await code("http://hook.example.cn/", address) == "url_https"
    assert await code("http://hook.example.cn/", address, allow_private=True) == "url_https"


@pytest.mark.parametrize("address", INSIDE)
async def test_addresses_inside_may_not_be_called_not_even_beside_a_public_one(address: str) -> None:
    assert await code("https://hook.example.cn/", address) == "url_address"
    assert await code("https://hook.example.cn/", PUBLIC[0], address) == "url_address"


@pytest.mark.parametrize("address", NEVER)
async def test_metadata_may_not_be_called_even_where_private_receivers_are_allowed(address: str) -> None:
    assert await code("https://hook.example.cn/", address, allow_private=True) == "url_address"


async def test_private_receivers_where_they_are_allowed() -> None:
    assert await code("https://hook.example.cn/", "10.0.0.8", allow_private=True) == ""
    assert await code("http://hook.example.cn/", "10.0.0.8", allow_private=True) == "url_https"
    assert await code("http://localhost:8080/", "127.0.0.1", "::1", allow_private=True) == ""
    assert await code("http://localhost:8080/", "127.0.0.1", "10.0.0.8", allow_private=True) == "url_https"
    assert await code("http://localhost:8080/", "127.0.0.1") == "url_https"


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::ffff:7f00:1]", "[::]"]
)
async def test_spellings_of_loopback_are_seen_through_by_the_system_resolver(host: str) -> None:
    with pytest.raises(Invalid) as refused:
        await check_url(f"https://{host}/", allow_private=False)
    assert refused.value.faults[0].code == "url_address"


@pytest.mark.parametrize("url", FORMS)
async def test_urls_that_are_none(url: str) -> None:
    assert await code(url, PUBLIC[0]) == "url_form"


async def test_a_name_nobody_knows() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("unknown")

    with pytest.raises(Invalid) as refused:
        await check_url("https://nobody.invalid/", allow_private=False, resolve=resolve)
    assert refused.value.faults[0].code == "url_unresolvable"
    assert await code("https://hook.example.cn/") == "url_address"


async def test_a_name_that_turns_inwards_after_registration_is_not_called() -> None:
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async with receiving() as receiver:
        url = f"https://hook.example.cn:{receiver.port}/"
        assert await check_url(url, allow_private=False, resolve=rebinding) == ["1.1.1.1"]
        assert await post(url, {}, b"{}", allow_private=False, resolve=rebinding) == Result("address")

    assert receiver.got == []


async def test_the_name_is_resolved_once_and_the_judged_address_called() -> None:
    query = []

    async def counting(host: str, port: int) -> Sequence[str]:
        query.append(host)
        return ["127.0.0.1"]

    async with receiving() as receiver:
        url = f"http://no-such-host.invalid:{receiver.port}/a?b=c"
        assert await post(url, {"X": "y"}, b"{}", allow_private=True, resolve=counting) == Result("accepted")

    line, headers, body = receiver.got[0]
    assert (line, headers["host"], body) == ("POST /a?b=c HTTP/1.1", f"no-such-host.invalid:{receiver.port}", b"{}")
    assert query == ["no-such-host.invalid"]


@pytest.mark.parametrize(
    ("says", "result"),
    [
        ("200 OK", Result("accepted")),
        ("204 No Content", Result("accepted")),
        ("103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted", Result("accepted")),
        ("301 Moved\r\nLocation: http://127.0.0.1:{port}/other", Result("redirected")),
        ("307 Moved\r\nLocation: http://127.0.0.1:{port}/other", Result("redirected")),
        ("400 Bad", Result("refused")),
        ("410 Gone", Result("gone")),
        ("429 Slow\r\nRetry-After: 120", Result("busy", 120)),
        ("503 Busy\r\nretry-after:7", Result("busy", 7)),
        ("500 Oops\r\nRetry-After: 120", Result("failed")),
        ("99 What", Result("unreachable")),
        ("nonsense", Result("unreachable")),
        ("200 OK\r\nX: " + "y" * 70_000, Result("unreachable")),
        ("silence", Result("timeout")),
    ],
)
async def test_what_a_receiver_says(says: str, result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_request, "TIMEOUT_S", 0.5)
    async with receiving("200 OK") as receiver:
        receiver.says = [says.replace("{port}", str(receiver.port))]
        assert await post(receiver.url, {}, b"{}", allow_private=True) == result

    assert len(receiver.got) == 1  # no redirect was followed, nothing sent twice


async def test_an_endless_answer_is_read_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_request, "REST_S", 0.2)
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
                sent += 65536
        except ConnectionError:
            return

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(5):
        assert await post(f"http://127.0.0.1:{port}/", {}, b"{}", allow_private=True) == Result("accepted")
    server.close()

    assert sent < 16 << 20  # what the kernel's buffers hold, not what was offered


async def test_nobody_there() -> None:
    async with receiving() as receiver:
        pass
    assert await post(receiver.url, {}, b"{}", allow_private=True) == Result("unreachable")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
async def test_the_certificate_has_to_be_the_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hook.example.cn",
         "-addext", "subjectAltName=DNS:hook.example.cn", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)

    async def sent(host: str) -> Result:
        async with receiving(tls=served) as receiver:
            url = f"https://{host}:{receiver.port}/"
            return await post(url, {}, b"{}", allow_private=True, resolve=answering("127.0.0.1"))

    assert await sent("hook.example.cn") == Result("unreachable")  # signed by nobody known
    monkeypatch.setattr(webhook_request, "_trust", lambda: ssl.create_default_context(cafile=str(certificate)))
    assert await sent("hook.example.cn") == Result("accepted")
    assert await sent("other.example.cn") == Result("unreachable")


def test_the_signature_is_that_of_the_standard() -> None:
    """Source: the example in the Standard Webhooks 1.0 specification's reference libraries' tests."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'

    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_pauses_grow_spread_and_obey_the_receiver() -> None:
    middle = [pause_s(attempts, 0.5, 0) for attempts in range(12)]

    assert middle[:4] == [5.0, 15.0, 45.0, 135.0]
    assert middle[-1] == LONGEST_PAUSE_S
    assert (pause_s(0, 0, 0), pause_s(0, 1, 0)) == (FIRST_PAUSE_S * 0.8, pytest.approx(FIRST_PAUSE_S * 1.2))
    assert pause_s(0, 0.5, 100) == 100
    assert pause_s(0, 0.5, 1e9) == LONGEST_PAUSE_S
    assert pause_s(10**9, 0.5, 0) == LONGEST_PAUSE_S
