from __future__ import annotations

import socket
import threading

import pytest

from channels_app.delivery.carrier import (
    CARRIAGE_ERRORS,
    Carrier,
    CarrierStoppedError,
)
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    assert_failed,
    collect,
    post,
)
from tests.channels_app.delivery.receivers import (
    OK,
    hanging,
    receiver,
)


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


def test_every_row_of_the_table_is_complete() -> None:
    for code, row in CARRIAGE_ERRORS.items():
        assert row.code == code
        assert row.title
        assert row.cause
        assert row.remedy
