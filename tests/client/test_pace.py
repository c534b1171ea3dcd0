"""The client's own rate: a queue that waits, and waits longer when it is asked to."""

import threading

import pytest

from notifications_client import (
    Client,
    DeadlineExceededError,
    Options,
    RateLimitedError,
    pacing,
)
from notifications_client.pacing import Deadline, Pace
from tests.client import hostile as server
from tests.client.clients import HELLO, QUICK, SECRET
from tests.client.hostile import hostile, refusal


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def time(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(pacing, "time", made)
    return made


def test_without_a_rate_nobody_waits(time: Time) -> None:
    pace = Pace(None)
    for _ in range(1000):
        pace.wait()
    pace.hold(60)
    pace.wait()
    assert time.slept == []


def test_fifty_a_minute_are_spread_evenly(time: Time) -> None:
    pace = Pace(50)
    for _ in range(51):
        pace.wait()
    assert time.now - 1000 == pytest.approx(60)
    assert time.slept == pytest.approx([1.2] * 50)


def test_time_that_nobody_used_is_not_saved_up(time: Time) -> None:
    pace = Pace(60)
    time.now += 3600
    pace.wait()
    pace.wait()
    assert time.slept == pytest.approx([1])


def test_the_queue_stands_still_when_the_service_asks_for_it(time: Time) -> None:
    pace = Pace(60)
    pace.hold(30)
    pace.wait()
    assert time.slept == pytest.approx([30])


def test_nobody_can_stop_the_queue_for_ever(time: Time) -> None:
    pace = Pace(60)
    pace.hold(float("inf"))
    pace.wait()
    assert time.slept == pytest.approx([pacing.LONGEST_HOLD])


def test_a_deadline_gives_what_is_left(time: Time) -> None:
    deadline = Deadline(10)
    assert deadline.limit(4) == 4
    time.now += 8
    assert deadline.limit(4) == 2
    time.now += 2
    with pytest.raises(DeadlineExceededError, match="within 10 s"):
        deadline.limit(4)


def test_threads_queue_behind_each_other(time: Time) -> None:
    with hostile() as service:
        options = Options(retries=QUICK)
        caller = Client(service.url, SECRET, rate_per_minute=120, options=options)
        threads = [
            threading.Thread(target=caller.send, args=(HELLO,)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(service.seen) == 8
    assert sum(time.slept) == pytest.approx(3.5)


def test_a_refusal_for_speed_holds_the_queue_for_all(time: Time) -> None:
    limited = refusal(429, "RATE_LIMITED", Retry_After="300")
    with hostile(limited, server.answer()) as service:
        options = Options(retries=QUICK)
        caller = Client(service.url, SECRET, rate_per_minute=6000, options=options)
        with pytest.raises(RateLimitedError):
            caller.send(HELLO)
        caller.send(HELLO)
    assert sum(time.slept) == pytest.approx(300)
