from __future__ import annotations

import errno
import gzip
import itertools
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from channels_app.delivery import names as names_module
from channels_app.delivery.addresses import Address, AddressPolicy, parse_networks
from channels_app.delivery.carrier import (
    CARRIAGE_ERRORS,
    CarriageOutcome,
    Carried,
    Carrier,
    CarrierFullError,
    CarrierStoppedError,
    WireOptions,
    carry,
)
from channels_app.delivery.names import MAX_LOOKUPS
from channels_app.senders.contract import OutgoingRequest
from tests.channels_app.delivery.certificates import issue
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    closed_port,
    endless,
    hanging,
    receiver,
    resetting,
)

LOOPBACK = AddressPolicy(parse_networks("127.0.0.0/8, ::1/128"))
PUBLIC_ONLY = AddressPolicy()
QUICK = WireOptions(connect_timeout=0.3, total_timeout=0.3)
SECRET = "8f2e-canary-secret"

NamesTable = dict[str, list[str]]
CarryOne = Callable[..., Carried]


def post(url: str, body: bytes = b"{}") -> OutgoingRequest:
    return OutgoingRequest("POST", url, (("Content-Type", "application/json"),), body)


def carry_alone(
    request: OutgoingRequest,
    policy: AddressPolicy = LOOPBACK,
    options: WireOptions | None = None,
) -> Carried:
    return carry(request, policy, options)


def carry_among_many(
    request: OutgoingRequest,
    policy: AddressPolicy = LOOPBACK,
    options: WireOptions | None = None,
) -> Carried:
    with Carrier(policy, options) as carrier:
        carrier.submit("ticket", request)
        return collect(carrier, 1)[0]


@pytest.fixture(params=[carry_alone, carry_among_many])
def carry_one(request: pytest.FixtureRequest) -> CarryOne:
    chosen: CarryOne = request.param
    return chosen


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(LOOPBACK) as running:
        yield running


def collect(carrier: Carrier, count: int) -> list[Carried]:
    found: list[Carried] = []
    while len(found) < count:
        batch = carrier.results(timeout=30)
        assert batch, f"{len(found)} of {count} results came"
        found += batch
    return found


def assert_failed(carried: Carried, code: str, outcome: str) -> None:
    assert carried.answer is None
    assert carried.failure is not None
    assert (carried.failure.code, carried.failure.outcome) == (code, outcome)
    assert carried.bytes_went_out == (outcome == CarriageOutcome.UNKNOWN)
    assert code in CARRIAGE_ERRORS


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (OK, 200, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone", 410, b"gone"),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", 429, b""),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", 500, b""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\x00",
            200,
            b"\xff\xfe\x00",
        ),
        (b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + OK, 200, b"ok"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, 200, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n",
            200,
            b"ok",
        ),
    ],
)
def test_an_answer_comes_back_as_it_was_sent(
    carry_one: CarryOne, raw: bytes, status: int, body: bytes
) -> None:
    with receiver(answering(raw)) as there:
        carried = carry_one(post(there.url))
    assert carried.failure is None
    assert carried.answer is not None
    assert (carried.answer.status, carried.answer.body) == (status, body)
    assert not {"x-early", "link", "x-trailer"} & set(carried.answer.headers)
    assert carried.answer.received_at.tzinfo is not None
    assert carried.bytes_went_out
    assert carried.remote_address == "127.0.0.1"


def test_the_request_goes_out_to_the_letter(carry_one: CarryOne) -> None:
    body = (
        json.dumps({"who": 'Zoë "Q" \\ 张三'}, ensure_ascii=False).encode()
        + b"\x00\xff"
    )
    headers = (("X-Empty", ""), ("X-Name", "张三"), ("Content-Type", "text/plain"))
    with receiver(answering(OK)) as there:
        carry_one(OutgoingRequest("PUT", f"{there.url}/../a?b=%20", headers, body))
    head, _, sent = there.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"PUT /hook/../a?b=%20 HTTP/1.1"
    assert sent == body
    assert b"X-Empty:" in lines
    assert "X-Name: 张三".encode() in lines
    assert b"Accept-Encoding: identity" in lines
    assert b"User-Agent: notifications" in lines
    assert b"expect" not in head.lower()
    assert lines.count(b"Content-Type: text/plain") == 1


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GET", b""),
        ("GET", b"with a body"),
        ("HEAD", b""),
        ("DELETE", b""),
        ("DELETE", b"x"),
        ("PATCH", b"x"),
        ("POST", b""),
        ("OPTIONS", b""),
    ],
)
def test_every_method_works_one_after_another_on_one_handle(
    carrier: Carrier, method: str, body: bytes
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with receiver(answering(answer)) as there:
        for request in (post(there.url), OutgoingRequest(method, there.url, (), body)):
            carrier.submit(method, request)
            assert collect(carrier, 1)[0].answer is not None
    head, _, sent = there.requests[1].partition(b"\r\n\r\n")
    assert head.startswith(method.encode() + b" /hook ")
    assert sent == body
    assert b"content-type" not in head.lower()


def test_headers_are_joined_and_lower_case(carry_one: CarryOne) -> None:
    raw = b"HTTP/1.1 200 OK\r\nRetry-After:  7 \r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"
    with receiver(answering(raw)) as there:
        answer = carry_one(post(there.url)).answer
    assert answer is not None
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-a"] == "1, 2"


def test_a_redirect_is_not_followed(carry_one: CarryOne) -> None:
    with receiver(answering(OK)) as target:
        raw = (
            f"HTTP/1.1 301 Moved\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n"
        )
        with receiver(answering(raw.encode())) as there:
            carried = carry_one(post(there.url))
    assert carried.answer is not None
    assert carried.answer.status == 301
    assert target.connections == 0


@pytest.mark.parametrize("size", [65_536, 65_537, 10_000_000])
def test_a_long_answer_is_cut_and_still_counts(carry_one: CarryOne, size: int) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    with receiver(answering(raw)) as there:
        carried = carry_one(post(there.url))
    assert carried.failure is None
    assert carried.answer is not None
    assert carried.answer.status == 200
    assert carried.answer.body == b"x" * 65_536


def test_a_packed_answer_stays_packed(carry_one: CarryOne) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    raw = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb
    )
    with receiver(answering(raw)) as there:
        carried = carry_one(post(there.url))
    assert carried.answer is not None
    assert carried.answer.body == bomb[:65_536]


def test_of_many_headers_the_first_hundred_are_kept(carry_one: CarryOne) -> None:
    lines = b"".join(b"X-%d: 1\r\n" % number for number in range(500))
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + lines + b"\r\nok"
    with receiver(answering(raw)) as there:
        carried = carry_one(post(there.url))
    assert carried.answer is not None
    assert (carried.answer.status, len(carried.answer.headers)) == (200, 100)


@pytest.mark.parametrize(
    "lines",
    [
        b"".join(b"X-%d: 1\r\n" % number for number in range(100_000)),
        b"X-Long: " + b"x" * 1_000_000 + b"\r\n",
    ],
)
def test_a_flood_of_headers_is_unreadable(carry_one: CarryOne, lines: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n"
    with receiver(answering(raw)) as there:
        carried = carry_one(post(there.url))
    assert_failed(carried, "response_unreadable", "unknown")


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n" * 4,
        b"<html>no head</html>" * 10,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x00\x01\x02" * 40,
    ],
)
def test_what_is_not_http_is_unreadable(carry_one: CarryOne, raw: bytes) -> None:
    with receiver(answering(raw, stays_open=False)) as there:
        carried = carry_one(post(there.url))
    assert_failed(carried, "response_unreadable", "unknown")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_an_answer_that_breaks_off_leaves_the_outcome_unknown(
    carry_one: CarryOne, raw: bytes
) -> None:
    with receiver(answering(raw, stays_open=False)) as there:
        carried = carry_one(post(there.url))
    assert_failed(carried, "connection_reset", "unknown")


def test_a_reset_before_the_answer_leaves_the_outcome_unknown(
    carry_one: CarryOne,
) -> None:
    with receiver(resetting) as there:
        carried = carry_one(post(there.url))
    assert_failed(carried, "connection_reset", "unknown")
    assert len(there.requests) == 1


@pytest.mark.parametrize("behave", [hanging, endless])
def test_an_answer_that_does_not_end_leaves_the_outcome_unknown(
    carry_one: CarryOne, behave: Callable[[socket.socket, bytes], bool]
) -> None:
    with receiver(behave) as there:
        carried = carry_one(post(there.url), LOOPBACK, QUICK)
    assert_failed(carried, "response_timeout", "unknown")


def test_a_deadline_shortens_the_total_time(carrier: Carrier) -> None:
    with receiver(hanging) as there:
        carrier.submit(1, post(there.url), deadline_seconds=0.2)
        assert_failed(collect(carrier, 1)[0], "response_timeout", "unknown")


def test_a_closed_port_means_not_sent(carry_one: CarryOne) -> None:
    with closed_port() as port:
        carried = carry_one(post(f"http://127.0.0.1:{port}/{SECRET}"))
    assert_failed(carried, "connection_refused", "not_sent")
    assert SECRET not in repr(carried)


def test_an_unknown_name_means_not_sent(carry_one: CarryOne) -> None:
    carried = carry_one(post(f"http://nowhere.invalid/{SECRET}?token={SECRET}"))
    assert_failed(carried, "dns_failed", "not_sent")
    assert SECRET not in repr(carried)


def test_a_receiver_that_accepts_nobody_means_not_sent(carry_one: CarryOne) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _number in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        carried = carry_one(post(url), LOOPBACK, QUICK)
        for one in waiting:
            one.close()
    assert_failed(carried, "connect_timeout", "not_sent")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "x", ""])
def test_a_bad_url_is_permanent_and_not_sent(carry_one: CarryOne, url: str) -> None:
    carried = carry_one(post(url))
    assert_failed(carried, "invalid_url", "not_sent")
    assert carried.failure is not None
    assert not carried.failure.retryable


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", (("X-A", "1\r\nX-B: 2"),)),
        ("POST", (("X-A", "1\nX-B: 2"),)),
        ("POST", (("X-A", "a\x00b"),)),
        ("POST", (("X-A", "\ud800"),)),
        ("POST", (("X A", "1"),)),
        ("POST", (("X-A:", "1"),)),
        ("POST", (("", "1"),)),
        ("POST", (("Host", "internal"),)),
        ("POST", (("Content-Length", "5"),)),
        ("POST", (("transfer-encoding", "chunked"),)),
        ("POST", (("Expect", "100-continue"),)),
        ("POST", (("Accept-Encoding", "gzip"),)),
        ("POST", (("Connection", "Upgrade"),)),
        ("GET / HTTP/1.1\r\nX:", ()),
        ("", ()),
    ],
)
def test_a_head_that_http_forbids_is_permanent_and_not_sent(
    carry_one: CarryOne, method: str, headers: tuple[tuple[str, str], ...]
) -> None:
    with receiver(answering(OK)) as there:
        carried = carry_one(OutgoingRequest(method, there.url, headers, b"x"))
    assert_failed(carried, "invalid_request", "not_sent")
    assert there.connections == 0


def test_the_environment_names_no_proxy(
    carry_one: CarryOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answering(OK)) as proxy, receiver(answering(OK)) as there:
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        carry_one(post(there.url))
    assert (proxy.connections, len(there.requests)) == (0, 1)


def test_cookies_are_not_kept(carrier: Carrier) -> None:
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    with receiver(answering(raw)) as there:
        for _turn in range(2):
            carrier.submit(1, post(there.url))
            collect(carrier, 1)
    assert b"cookie" not in there.requests[1].lower()


# Addresses


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


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NamesTable:
    """A name server of the test's own: what stands in the table is what it says."""
    table: NamesTable = {}

    def getaddrinfo(host: str, *_rest: object, **_more: object) -> list[object]:
        if host not in table:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 0)) for a in table[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


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


# TLS


def test_a_receiver_with_a_known_certificate_is_reached(
    carry_one: CarryOne, tmp_path: Path
) -> None:
    known = issue(tmp_path)
    with receiver(answering(OK), tls=known.server) as there:
        carried = carry_one(
            post(there.url), LOOPBACK, WireOptions(ca_file=known.ca_file)
        )
    assert carried.answer is not None
    assert carried.timing.tls > 0


def _unknown_authority(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    return issue(folder).server, WireOptions()


def _other_host(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    other = issue(folder, address="127.0.0.9")
    return other.server, WireOptions(ca_file=other.ca_file)


def _expired(folder: Path) -> tuple[ssl.SSLContext, WireOptions]:
    expired = issue(folder, days=-1)
    return expired.server, WireOptions(ca_file=expired.ca_file)


@pytest.mark.parametrize("flaw", [_unknown_authority, _other_host, _expired])
def test_a_wrong_certificate_means_not_sent(
    carry_one: CarryOne,
    tmp_path: Path,
    flaw: Callable[[Path], tuple[ssl.SSLContext, WireOptions]],
) -> None:
    server, options = flaw(tmp_path)
    with receiver(answering(OK), tls=server) as there:
        carried = carry_one(post(f"{there.url}/{SECRET}"), LOOPBACK, options)
    assert_failed(carried, "tls_failed", "not_sent")
    assert there.requests == []
    assert SECRET not in repr(carried)


def test_a_receiver_without_tls_means_not_sent(carry_one: CarryOne) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def serve() -> None:
            connection, _peer = plain.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        carried = carry_one(post(f"https://127.0.0.1:{plain.getsockname()[1]}/"))
    assert_failed(carried, "tls_failed", "not_sent")


# The last moment before the bytes


def test_a_withdrawn_request_is_not_sent(carrier: Carrier) -> None:
    with receiver(answering(OK)) as there:
        carrier.submit(1, post(there.url), before_bytes=lambda: False)
        carried = collect(carrier, 1)[0]
        assert_failed(carried, "withdrawn", "not_sent")
        carrier.submit(2, post(there.url), before_bytes=lambda: True)
        assert collect(carrier, 1)[0].answer is not None
    assert len(there.requests) == 1


def test_the_last_check_is_asked_once_and_after_the_connect(carrier: Carrier) -> None:
    seen: list[int] = []
    with receiver(answering(OK)) as there:

        def check() -> bool:
            seen.append(len(there.requests))
            return True

        carrier.submit(1, post(there.url), before_bytes=check)
        collect(carrier, 1)
    assert seen == [0]


def test_a_last_check_that_fails_means_not_sent(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> bool:
        raise ValueError("the check is broken")

    with receiver(answering(OK)) as there:
        carrier.submit(1, post(there.url), before_bytes=broken)
        assert_failed(collect(carrier, 1)[0], "withdrawn", "not_sent")
        carrier.submit(2, post(there.url))
        assert collect(carrier, 1)[0].answer is not None
    assert "the check is broken" in caplog.text


def test_a_kept_connection_that_breaks_does_not_send_twice(carrier: Carrier) -> None:
    answers = iter([True, False])

    def once(connection: socket.socket, _request: bytes) -> bool:
        if next(answers):
            connection.sendall(OK)
            return True
        return False

    with receiver(once) as there:
        carrier.submit(1, post(there.url))
        assert collect(carrier, 1)[0].answer is not None
        carrier.submit(2, post(there.url))
        carried = collect(carrier, 1)[0]
    assert_failed(carried, "connection_reset", "unknown")
    assert len(there.requests) == 2


def test_a_kept_connection_that_was_closed_while_idle_is_replaced(
    carrier: Carrier,
) -> None:
    with receiver(answering(OK, stays_open=False)) as there:
        for turn in range(5):
            carrier.submit(turn, post(there.url))
            assert collect(carrier, 1)[0].answer is not None
            there.wait_until_closed(turn + 1)
    assert len(there.requests) == 5


def test_the_last_check_is_asked_once_when_a_connection_is_replaced(
    carrier: Carrier,
) -> None:
    asked: list[int] = []

    def check() -> bool:
        asked.append(1)
        return True

    with receiver(answering(OK, stays_open=False)) as there:
        for turn in range(2):
            carrier.submit(turn, post(there.url), before_bytes=check)
            assert collect(carrier, 1)[0].answer is not None
            there.wait_until_closed(turn + 1)
    assert len(asked) == 2


def test_a_broken_request_takes_down_nobody_else(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    with receiver(answering(OK)) as there:
        broken = OutgoingRequest("POST", there.url, (), cast("bytes", 5))
        carrier.submit("broken", broken)
        assert_failed(collect(carrier, 1)[0], "invalid_request", "not_sent")
        carrier.submit("whole", post(there.url))
        assert collect(carrier, 1)[0].answer is not None
    assert "could not be prepared" in caplog.text


# Many at once


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_secure_connections_are_kept_and_replaced(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    known = issue(tmp_path)
    known.server.maximum_version = version
    is_last = itertools.cycle([False, False, True])

    def every_third_ends(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(OK)
        return not next(is_last)

    with (
        receiver(every_third_ends, tls=known.server) as there,
        Carrier(LOOPBACK, WireOptions(ca_file=known.ca_file)) as carrier,
    ):
        for turn in range(9):
            carrier.submit(turn, post(there.url))
            assert collect(carrier, 1)[0].answer is not None
            there.wait_until_closed((turn + 1) // 3)
    assert len(there.requests) == 9
    assert there.connections == 3


def test_connections_are_kept_and_used_again(carrier: Carrier) -> None:
    with receiver(answering(OK)) as there:
        for turn in range(50):
            carrier.submit(turn, post(there.url))
            assert collect(carrier, 1)[0].answer is not None
    assert len(there.requests) == 50
    assert there.connections == 1


def test_two_hundred_are_under_way_at_once(carrier: Carrier) -> None:
    all_here = threading.Barrier(200)

    def together(connection: socket.socket, _request: bytes) -> bool:
        all_here.wait(timeout=30)
        connection.sendall(OK)
        return True

    with receiver(together) as there:
        for number in range(200):
            carrier.submit(number, post(there.url, b"%d" % number))
        results = collect(carrier, 200)
    assert {carried.ticket for carried in results} == set(range(200))
    assert all(carried.answer is not None for carried in results)
    assert carrier.in_flight == 0


def test_many_threads_share_one_carrier() -> None:
    with receiver(answering(OK)) as there, Carrier(LOOPBACK) as carrier:

        def submit_some(start: int) -> None:
            for number in range(start, start + 50):
                carrier.submit(number, post(there.url))

        threads = [
            threading.Thread(target=submit_some, args=(start,))
            for start in range(0, 400, 50)
        ]
        for thread in threads:
            thread.start()
        results = collect(carrier, 400)
        for thread in threads:
            thread.join()
    assert {carried.ticket for carried in results} == set(range(400))
    assert all(carried.answer is not None for carried in results)


def test_a_full_carrier_takes_no_more_until_one_is_done() -> None:
    go = threading.Event()

    def on_command(connection: socket.socket, _request: bytes) -> bool:
        go.wait(timeout=30)
        connection.sendall(OK)
        return True

    with (
        receiver(on_command) as there,
        Carrier(LOOPBACK, max_in_flight=2) as carrier,
    ):
        carrier.submit(1, post(there.url))
        carrier.submit(2, post(there.url))
        with pytest.raises(CarrierFullError):
            carrier.submit(3, post(there.url))
        go.set()
        collect(carrier, 2)
        carrier.submit(3, post(there.url))
        assert collect(carrier, 1)[0].ticket == 3


def test_one_slow_receiver_holds_up_nobody_else(carrier: Carrier) -> None:
    with receiver(hanging) as slow, receiver(answering(OK)) as quick:
        for number in range(100):
            carrier.submit("slow", post(slow.url))
            carrier.submit(number, post(quick.url))
        results = collect(carrier, 100)
        assert {carried.ticket for carried in results} == set(range(100))


def test_no_result_is_an_empty_list(carrier: Carrier) -> None:
    assert carrier.results(timeout=0.01) == []


# Stopping


def test_stopping_lets_those_under_way_finish() -> None:
    go = threading.Event()

    def on_command(connection: socket.socket, _request: bytes) -> bool:
        go.wait(timeout=30)
        connection.sendall(OK)
        return True

    with receiver(on_command) as there:
        carrier = Carrier(LOOPBACK)
        carrier.submit(1, post(there.url))
        there.wait_for_requests(1)
        stopping = threading.Thread(target=carrier.stop, args=(30,))
        stopping.start()
        go.set()
        stopping.join()
        assert collect(carrier, 1)[0].answer is not None


def test_stopping_at_once_returns_every_ticket() -> None:
    with receiver(hanging) as there:
        carrier = Carrier(LOOPBACK)
        for number in range(20):
            carrier.submit(number, post(there.url))
        there.wait_for_requests(20)
        carrier.stop()
        results = collect(carrier, 20)
    for carried in results:
        assert_failed(carried, "carrier_stopped", "unknown")
    assert {carried.ticket for carried in results} == set(range(20))
    assert carrier.in_flight == 0


def test_a_stopped_carrier_takes_no_more_and_can_be_stopped_again() -> None:
    carrier = Carrier(LOOPBACK)
    carrier.stop()
    carrier.stop()
    with pytest.raises(CarrierStoppedError):
        carrier.submit(1, post("http://127.0.0.1/"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_carrier_that_breaks_down_returns_every_ticket() -> None:
    def ends_the_thread() -> bool:
        raise SystemExit

    with receiver(hanging) as there:
        carrier = Carrier(LOOPBACK)
        carrier.submit("under way", post(there.url))
        there.wait_for_requests(1)
        carrier.submit("breaks", post(there.url), before_bytes=ends_the_thread)
        results = {carried.ticket: carried for carried in collect(carrier, 2)}
    assert_failed(results["under way"], "carrier_stopped", "unknown")
    assert_failed(results["breaks"], "carrier_stopped", "not_sent")
    assert not carrier.is_running
    with pytest.raises(CarrierStoppedError):
        carrier.submit(3, post(there.url))
    carrier.stop()
    carrier._thread.join()


# The error table


def test_every_row_of_the_table_is_complete() -> None:
    for code, row in CARRIAGE_ERRORS.items():
        assert row.code == code
        assert row.title
        assert row.cause
        assert row.remedy
