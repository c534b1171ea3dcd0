from __future__ import annotations

import socket
import threading

import pytest

from channels_app.delivery.carrier import (
    Carrier,
    CarrierFullError,
)
from tests.channels_app.delivery.carrier.carrying import (
    LOOPBACK,
    collect,
    post,
)
from tests.channels_app.delivery.receivers import (
    OK,
    answering,
    hanging,
    receiver,
)


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
