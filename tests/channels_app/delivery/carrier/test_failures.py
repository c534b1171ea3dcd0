from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from channels_app.delivery.carrier import (
    Carrier,
)
from channels_app.senders.contract import OutgoingRequest
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    QUICK,
    SECRET,
    CarryOne,
    assert_failed,
    collect,
    post,
)
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    closed_port,
    endless,
    hanging,
    receiver,
    resetting,
)


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
