from __future__ import annotations

import gzip
import json

import pytest

from channels_app.delivery.carrier import (
    Carrier,
)
from channels_app.senders.contract import OutgoingRequest
from tests.channels_app.delivery.carrier.carrying import (
    CarryOne,
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
