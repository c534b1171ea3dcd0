"""Which addresses a request may go to, and which networks open more of them."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from channels_app.delivery.addresses import (
    AddressPolicy,
    AddressRefusedError,
    NameNotFoundError,
    NetworksError,
    parse_networks,
)

PUBLIC_ONLY = AddressPolicy()


CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3ffe::1",
    "3fff::1",
    "3fff:fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd12:3456::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_outside_the_public_internet_is_closed(address: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        PUBLIC_ONLY.check_address(address)
    assert caught.value.code == "address_refused"
    assert "OUTBOUND_ALLOWED_NETWORKS" in str(caught.value.remedy)


@pytest.mark.parametrize("address", CLOSED)
def test_a_url_with_a_closed_address_is_refused_before_any_connect(
    address: str,
) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefusedError) as caught:
        PUBLIC_ONLY.check_url(f"http://{host}/")
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.17",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700::1",
        "2a00::1",
    ],
)
def test_a_public_address_is_open(address: str) -> None:
    PUBLIC_ONLY.check_address(address)


@pytest.mark.parametrize(
    ("networks", "address"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("127.0.0.1/32, ::1/128", "::1"),
        ("fd12:3456::/32", "fd12:3456::1"),
        ("169.254.169.254/32", "169.254.169.254"),
        ("169.254.0.0/16", "169.254.1.1"),
        ("64:ff9b::/96", "64:ff9b::808:808"),
        ("64:ff9b::/96 10.0.0.0/8", "64:ff9b::a01:203"),
    ],
)
def test_an_allowed_network_opens_its_addresses(networks: str, address: str) -> None:
    AddressPolicy(parse_networks(networks)).check_address(address)


@pytest.mark.parametrize(
    ("networks", "address"),
    [
        ("10.0.0.0/8", "192.168.0.1"),
        ("0.0.0.0/0", "::1"),
        ("0.0.0.0/0", "169.254.169.254"),
        ("169.254.0.0/16", "169.254.169.254"),
        ("100.64.0.0/10", "100.100.100.200"),
        ("fd00::/8", "fd00:ec2::254"),
        ("10.0.0.0/8", "64:ff9b::a01:203"),
        ("10.0.0.0/8", "2002:a01:203::1"),
        ("64:ff9b::/96", "64:ff9b::7f00:1"),
        ("64:ff9b::/96", "64:ff9b::a9fe:a9fe"),
        ("2002::/16", "2002:7f00:1::"),
        ("2001::/32", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
        ("::/0", "::ffff:127.0.0.1"),
    ],
)
def test_an_allowed_network_opens_nothing_else(networks: str, address: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressPolicy(parse_networks(networks)).check_address(address)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), (" , ", 0), ("10.0.0.0/8", 1), ("10.0.0.0/8,fd00::/8\n127.0.0.1", 3)],
)
def test_networks_are_read_from_the_setting(text: str, count: int) -> None:
    assert len(parse_networks(text)) == count


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10.0.0.1/8", "10.0.0.0/8"),
        ("10.0.0.0/33", "10.0.0.0/8"),
        ("private", "10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "IPv4 network"),
    ],
)
def test_a_wrong_network_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(NetworksError, match=hint):
        parse_networks(text)


def test_every_resolved_address_must_be_open() -> None:
    target = PUBLIC_ONLY.check_url("http://localhost:8080/")
    with pytest.raises(AddressRefusedError):
        PUBLIC_ONLY.check_resolved(target)


def test_a_name_in_an_allowed_network_resolves() -> None:
    policy = AddressPolicy(parse_networks("127.0.0.0/8, ::1/128"))
    target = policy.check_url("http://localhost:8080/")
    assert ip_address("127.0.0.1") in policy.check_resolved(target)


def test_one_closed_address_among_open_ones_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 443))
        for host in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    target = PUBLIC_ONLY.check_url("https://two.example/")
    with pytest.raises(AddressRefusedError):
        PUBLIC_ONLY.check_resolved(target)


def test_a_name_without_an_address_is_not_found() -> None:
    target = PUBLIC_ONLY.check_url("https://nowhere.invalid/")
    with pytest.raises(NameNotFoundError):
        PUBLIC_ONLY.check_resolved(target)
