from __future__ import annotations

import errno
import socket
import threading
from dataclasses import dataclass, field

import pytest

from channels_app.delivery import names as names_module
from channels_app.delivery.addresses import Address, AddressPolicy, parse_networks
from channels_app.delivery.carrier import (
    Carrier,
    WireOptions,
)
from channels_app.delivery.names import MAX_LOOKUPS
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    PUBLIC_ONLY,
    CarryOne,
    NamesTable,
    assert_failed,
    collect,
    post,
)
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    receiver,
)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://LOCALHOST.:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://0.0.0.0:{port}/",
        "http://0:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://①②⑦.⓪.⓪.①:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::127.0.0.1]:{port}/",
        "http://[64:ff9b::7f00:1]:{port}/",
        "http://[::]:{port}/",
        "http://example.com@127.0.0.1:{port}/",
    ],
)
def test_a_canary_on_the_loopback_is_never_connected_to(
    carry_one: CarryOne, url: str
) -> None:
    with receiver(answering(OK)) as canary:
        carried = carry_one(post(url.format(port=canary.port)), PUBLIC_ONLY)
    assert carried.failure is not None
    assert carried.failure.code in ("address_refused", "invalid_url")
    assert carried.failure.outcome == "not_sent"
    assert not carried.failure.retryable
    assert canary.connections == 0


def test_a_name_that_moves_into_the_private_network_is_refused(
    carry_one: CarryOne, names: NamesTable
) -> None:
    with receiver(answering(OK)) as canary:
        url = f"http://rebinding.example:{canary.port}/"
        names["rebinding.example"] = ["8.8.8.8"]
        PUBLIC_ONLY.check_resolved(PUBLIC_ONLY.check_url(url))
        names["rebinding.example"] = ["127.0.0.1"]
        carried = carry_one(post(url), PUBLIC_ONLY)
    assert_failed(carried, "address_refused", "not_sent")
    assert canary.connections == 0


def test_one_closed_address_among_open_ones_refuses_the_name(
    carry_one: CarryOne, names: NamesTable
) -> None:
    only_two = AddressPolicy(parse_networks("127.0.0.2"))
    with receiver(answering(OK)) as canary:
        names["two.example"] = ["127.0.0.2", "127.0.0.1"]
        carried = carry_one(post(f"http://two.example:{canary.port}/"), only_two)
    assert_failed(carried, "address_refused", "not_sent")
    assert canary.connections == 0


@dataclass(frozen=True)
class Changing(AddressPolicy):
    """Opens everything when a name is looked up, and less when it is connected to."""

    open_checks: list[str] = field(default_factory=list)

    def check_address(self, address: Address | str) -> None:
        if not isinstance(address, str):
            self.open_checks.append(str(address))
            return
        super().check_address(address)


def test_the_address_that_is_connected_to_is_checked_itself(
    carry_one: CarryOne, names: NamesTable
) -> None:
    policy = Changing(parse_networks("127.0.0.2"))
    with receiver(answering(OK)) as canary:
        names["two.example"] = ["127.0.0.2", "127.0.0.1"]
        carried = carry_one(post(f"http://two.example:{canary.port}/"), policy)
    assert policy.open_checks == ["127.0.0.2", "127.0.0.1"]
    assert_failed(carried, "address_refused", "not_sent")
    assert canary.connections == 0


def test_a_name_goes_out_as_host_and_to_its_address(
    carry_one: CarryOne, names: NamesTable
) -> None:
    names["hooks.example"] = ["127.0.0.1"]
    with receiver(answering(OK)) as there:
        carried = carry_one(post(f"http://Hooks.example.:{there.port}/"))
    assert carried.answer is not None
    assert f"Host: hooks.example:{there.port}".encode() in there.requests[0]


@pytest.mark.parametrize(("remembered", "lookups"), [(60.0, 1), (0.0, 3)])
def test_a_name_is_looked_up_once_while_it_is_remembered(
    carrier: Carrier,
    monkeypatch: pytest.MonkeyPatch,
    remembered: float,
    lookups: int,
) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, *_rest: object, **_more: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(names_module, "FOUND_SECONDS", remembered)
    with receiver(answering(OK)) as there:
        for turn in range(3):
            carrier.submit(turn, post(f"http://hooks.example:{there.port}/"))
            assert collect(carrier, 1)[0].answer is not None
    assert len(asked) == lookups


def test_a_machine_without_a_free_socket_means_not_sent(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_socket(*_arguments: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    with receiver(answering(OK)) as there:
        with monkeypatch.context() as patched:
            patched.setattr(socket, "socket", no_socket)
            carrier.submit(1, post(there.url))
            carried = collect(carrier, 1)[0]
        assert_failed(carried, "connection_failed", "not_sent")
        carrier.submit(2, post(there.url))
        assert collect(carrier, 1)[0].answer is not None


def test_an_ipv6_receiver_is_reached(carry_one: CarryOne) -> None:
    with receiver(answering(OK), host="::1") as there:
        carried = carry_one(post(there.url))
    assert carried.answer is not None
    assert carried.remote_address == "::1"


def test_a_name_server_that_hangs_holds_up_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()
    asked: list[str] = []

    def getaddrinfo(host: str, *_rest: object, **_more: object) -> list[object]:
        asked.append(host)
        if host.startswith("dead"):
            released.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with (
        receiver(answering(OK)) as there,
        Carrier(LOOPBACK, WireOptions(connect_timeout=1.0)) as carrier,
    ):
        for number in range(200):
            carrier.submit("dead", post(f"http://dead{number % 100}.example/"))
        carrier.submit("alive", post(f"http://alive.example:{there.port}/"))
        results = collect(carrier, 201)
    released.set()
    assert results[0].ticket == "alive"
    assert results[0].answer is not None
    for carried in results[1:]:
        assert_failed(carried, "dns_failed", "not_sent")
    assert len(asked) == 101


def test_more_hanging_lookups_than_allowed_fail_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()

    def getaddrinfo(host: str, *_rest: object, **_more: object) -> list[object]:
        released.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with Carrier(LOOPBACK) as carrier:
        for number in range(MAX_LOOKUPS + 1):
            carrier.submit(number, post(f"http://dead{number}.example/"))
        first = collect(carrier, 1)[0]
        released.set()
    assert first.ticket == MAX_LOOKUPS
    assert_failed(first, "dns_failed", "not_sent")
