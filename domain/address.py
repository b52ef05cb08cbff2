"""Network addresses of callers: which one counts behind proxies, and which belong to one network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: One customer of a provider holds at least this much of IPv6.
IPV6_PREFIX = 64
#: `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1`, `[2001:db8::1]:5000`, as proxies write them.
_HOP = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+|(.+)")


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Who calls: the peer, or the last hop of X-Forwarded-For that no trusted proxy stands at.

    What stands further left may be made up by the caller. Empty: the server names no peer.
    """
    if not trusted:
        return peer
    address = _parsed(peer)
    for hop in reversed(forwarded_for.split(",")):
        before = _parsed(hop)
        if address is None or before is None or not any(address in network for network in trusted):
            break
        address = before
    return peer if address is None else str(address)


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, the /64 of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX), strict=False))
    return address if parsed is None else str(parsed)


def network_from(text: str) -> Network:
    """A network as somebody writes it; IPv4 inside IPv6 as IPv4, as callers are. Raises ValueError."""
    network = ip_network(text.strip(), strict=False)
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None or network.prefixlen < 96 else IPv4Network((mapped, network.prefixlen - 96))


def _parsed(text: str) -> Address | None:
    """An address as written by a server or a proxy, IPv4 inside IPv6 as IPv4; None where it is none."""
    hop = _HOP.fullmatch(text.strip())
    if hop is None:
        return None
    try:
        address = ip_address(next(part for part in hop.groups() if part))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
