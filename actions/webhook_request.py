"""One POST to an address that others chose: judged before each connection, no redirect followed, little of it read.

The host is resolved once, every address it has is judged, and the connection goes to a judged address, with the name
kept for TLS and the Host header. Source: OWASP SSRF prevention; Standard Webhooks 1.0.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit

from domain.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MOST_URL = 2000
TIMEOUT_S, RESOLVE_S, REST_S = 10.0, 3.0, 1.0
MOST_READ = 64 << 10
MOST_ADDRESSES = 3
MOST_INTERIM = 5
#: IPv6 that carries an IPv4 address in its last bits: well-known NAT64 (RFC 6052), compatible (RFC 4291 §2.5.5.1).
CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
#: All that is routed of IPv6 (RFC 4291 §2.4): what lies outside is reserved, whatever the library takes it for.
ROUTED = ipaddress.IPv6Network("2000::/3")
#: Never called, not even where private receivers are allowed: link-local and clouds' metadata, local NAT64 (RFC 8215),
#: this network and reserved, site-local (RFC 3879), relays of 6to4 (RFC 7526) and multicast (RFC 7450), documentation.
NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "fd00:ec2::/32", "192.0.0.0/24", "64:ff9b:1::/48",
        "0.0.0.0/8", "240.0.0.0/4", "fec0::/10", "192.88.99.0/24", "192.52.193.0/24", "2001:3::/32", "3fff::/20",
    )
)  # fmt: skip
_VISIBLE = re.compile(r"[!-~]+")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r\n")
_RETRY_AFTER = re.compile(rb"\r\nretry-after:[ \t]*(\d{1,6})[ \t]*\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """What became of a POST, as a class and no more; seconds where the receiver asked to wait."""

    kind: str
    retry_after_s: int = 0


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    entries = await asyncio.wait_for(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), RESOLVE_S)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


async def check_url(url: str, *, allow_private: bool, resolve: Resolve = resolved) -> Sequence[str]:
    """The addresses an URL may be called at. Raises Invalid url_form, url_https, url_unresolvable, url_address."""
    parts = _parts(url)
    assert parts.hostname is not None
    try:
        addresses = await resolve(parts.hostname, _port(parts))
    except (OSError, UnicodeError, TimeoutError) as fault:
        raise Invalid("url_unresolvable", "url", host=parts.hostname) from fault
    judged = [_unwrapped(ipaddress.ip_address(text.partition("%")[0])) for text in addresses]
    is_loopback = all(address.is_loopback for address in judged)
    if parts.scheme == "http" and not (allow_private and is_loopback):
        raise Invalid("url_https", "url")
    if not judged or not all(_may_be_called(address, allow_private=allow_private) for address in judged):
        raise Invalid("url_address", "url", host=parts.hostname)
    return addresses[:MOST_ADDRESSES]


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_right = (
            _VISIBLE.fullmatch(url) is not None
            and len(url) <= MOST_URL
            and parts.scheme in ("http", "https")
            and parts.hostname
            and "@" not in parts.netloc
            and "\\" not in url
            and not parts.fragment
            and parts.port != 0
        )
    except ValueError:
        is_right = False
    if not is_right:
        raise Invalid("url_form", "url")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one: what is really called."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inside is None and any(address in network for network in CARRIERS) and int(address) > 1:  # neither :: nor ::1
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address if inside is None else inside


def _may_be_called(address: Address, *, allow_private: bool) -> bool:
    if address.is_multicast or address.is_unspecified or any(address in network for network in NEVER):
        return False
    is_routed = isinstance(address, ipaddress.IPv4Address) or address in ROUTED
    return (address.is_global and is_routed) or (allow_private and (address.is_private or address.is_loopback))


async def post(
    url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool, resolve: Resolve = resolved
) -> Result:
    """Sends a body and says what became of it; never raises for what the receiver or the network does."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            addresses = await check_url(url, allow_private=allow_private, resolve=resolve)
            return await _exchange(_parts(url), addresses, headers, body)
    except Invalid as refused:
        return Result("unresolvable" if refused.faults[0].code == "url_unresolvable" else "address")
    except TimeoutError:
        return Result("timeout")
    except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
        return Result("unreachable")


async def _exchange(parts: SplitResult, addresses: Sequence[str], headers: Mapping[str, str], body: bytes) -> Result:
    reader, writer = await _connected(parts, addresses)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body)
        await writer.drain()
        result = await _answer(reader)
        with suppress(OSError, TimeoutError):  # the rest of the answer is read, up to a limit, and thrown away
            await asyncio.wait_for(reader.read(MOST_READ), REST_S)
        return result
    finally:
        writer.transport.abort()


async def _connected(parts: SplitResult, addresses: Sequence[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first address that takes one; the certificate has to be the host's."""
    tls, name = (_trust(), parts.hostname) if parts.scheme == "https" else (None, None)

    async def opened(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(address, _port(parts), limit=MOST_READ, ssl=tls, server_hostname=name)

    for address in addresses[:-1]:
        with suppress(OSError, TimeoutError):
            return await asyncio.wait_for(opened(address), TIMEOUT_S / 3)
    return await opened(addresses[-1])


@cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities; `SSL_CERT_FILE` names others, as everywhere."""
    return ssl.create_default_context()


async def _answer(reader: asyncio.StreamReader) -> Result:
    for _ in range(MOST_INTERIM):
        head = await reader.readuntil(b"\r\n\r\n")
        line = _STATUS.match(head)
        if line is None:
            raise ValueError("no HTTP")
        status = int(line[1])
        if status >= 200:
            wait = _RETRY_AFTER.search(head)
            return Result(_kind(status), int(wait[1]) if wait is not None and status in (429, 503) else 0)
    raise ValueError("only interim answers")


def _kind(status: int) -> str:
    if status in (410, 429, 503):
        return "gone" if status == 410 else "busy"
    return {2: "accepted", 3: "redirected", 4: "refused"}.get(status // 100, "failed")
