"""The threads of blocking senders: one answer for each errand, and an end in time."""

from __future__ import annotations

import threading

import pytest

from channels_app.delivery.carriage import CarriageOutcome
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.errands import THREADS_OF_A_KIND
from channels_app.senders.contract import Receipt, RetryableSendError
from tests.channels_app.delivery.blocking_sends import Slow, all_of, errand
from tests.channels_app.delivery.carrier.carrying import LOOPBACK


def test_each_errand_comes_back_once_with_what_was_said(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    sender = Slow()
    sender.go.set()
    for subject in ("ok", "busy", "broken"):
        carrier.run(errand(sender, subject, subject), 5.0)
    carrier.run(errand(sender, "late", may=False), 5.0)
    found = {one.ticket: one for one in all_of(carrier, 4)}
    assert isinstance(found["ok"].said, Receipt)
    assert isinstance(found["busy"].said, RetryableSendError)
    failures = [found[name].failure for name in ("broken", "late")]
    assert [f and (f.code, f.outcome) for f in failures] == [
        ("send_broke", CarriageOutcome.UNKNOWN),
        ("withdrawn", CarriageOutcome.NOT_SENT),
    ]
    assert "secret-token" not in caplog.text
    assert carrier.in_flight == 0


def test_a_kind_has_so_many_threads_and_tells_when_they_are_taken(
    carrier: Carrier,
) -> None:
    sender = Slow()
    for number in range(THREADS_OF_A_KIND + 4):
        carrier.run(errand(sender, number), 20.0)
    for _ in range(THREADS_OF_A_KIND):
        assert sender.started.acquire(timeout=10)
    assert not sender.started.acquire(blocking=False)
    assert carrier.busy_kinds() == {"slow"}
    assert (carrier.free_threads("slow"), carrier.free_threads("email")) == (0, 16)
    sender.go.set()
    assert len(all_of(carrier, THREADS_OF_A_KIND + 4)) == THREADS_OF_A_KIND + 4


def test_stopping_answers_for_those_that_wait_and_those_that_hang() -> None:
    carrier, sender = Carrier(LOOPBACK), Slow()
    for number in range(THREADS_OF_A_KIND + 1):
        carrier.run(errand(sender, number), 20.0)
    for _ in range(THREADS_OF_A_KIND):
        assert sender.started.acquire(timeout=10)
    carrier.stop(grace=0.1)
    outcomes = [one.failure and one.failure.outcome for one in all_of(carrier, 17)]
    sender.go.set()
    assert outcomes.count(CarriageOutcome.UNKNOWN) == THREADS_OF_A_KIND
    assert outcomes.count(CarriageOutcome.NOT_SENT) == 1


def test_stopping_waits_for_those_that_end_in_time() -> None:
    carrier, sender = Carrier(LOOPBACK), Slow()
    carrier.run(errand(sender, 1), 20.0)
    assert sender.started.acquire(timeout=10)
    threading.Timer(0.1, sender.go.set).start()
    carrier.stop(grace=10.0)
    (one,) = carrier.results(timeout=1.0)
    assert isinstance(one.said, Receipt)
