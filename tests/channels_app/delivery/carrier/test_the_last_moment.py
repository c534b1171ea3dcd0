from __future__ import annotations

import socket
from typing import cast

import pytest

from channels_app.delivery.carrier import (
    Carrier,
)
from channels_app.senders.contract import OutgoingRequest
from tests.channels_app.delivery.carrier.carrying import (
    assert_failed,
    collect,
    post,
)
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    receiver,
)


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
