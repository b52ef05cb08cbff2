"""The caller's address behind proxies, and what counts as one network."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from domain.address import client_address, network_from, network_of
from ops.settings import read

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: anybody can write the header
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.0.1", "198.51.100.1"),  # 1.1.1.1 is the caller's own word
        ("10.0.0.1", "198.51.100.1, nonsense, 10.2.0.1", "10.2.0.1"),
        ("10.0.0.1", "10.3.0.1, 10.2.0.1", "10.3.0.1"),
        ("fd00::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_last_hop_that_is_no_trusted_proxy_calls(peer: str, forwarded_for: str, expected: str) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_a_network_is_an_ipv4_address_or_a_64_of_ipv6(address: str, expected: str) -> None:
    assert network_of(address) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" 10.0.0.5", "10.0.0.5/32"),
        ("10.0.0.5/8", "10.0.0.0/8"),
        ("fd00::/8", "fd00::/8"),
        ("::ffff:172.18.0.1", "172.18.0.1/32"),  # as a server on both protocols names its peer
        ("::ffff:172.18.0.0/112", "172.18.0.0/16"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_of_the_protocol_that_callers_have(written: str, expected: str) -> None:
    assert str(network_from(written)) == expected


def test_a_proxy_may_be_named_as_ipv4_inside_ipv6() -> None:
    trusted = read({"PANHUO_TRUSTED_PROXIES": "::ffff:172.18.0.1"}).trusted_proxies
    assert client_address("::ffff:172.18.0.1", "198.51.100.1", trusted) == "198.51.100.1"
