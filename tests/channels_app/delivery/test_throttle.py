"""Destination limits: slots that never overlap, and waits that providers asked for."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from channels_app.delivery.destinations import Destination
from channels_app.delivery.taking import rate_of
from channels_app.delivery.throttle import Rate, Wish, held, hold, reserve, waits

RATE = Rate(interval=0.6, burst=4)


@pytest.mark.parametrize(
    ("owed", "count", "expected"),
    [
        # A destination that rested: the burst goes now, the rest in steps.
        (6 * 0.6, 6, [0, 0, 0, 0, 0.6, 1.2]),
        # One that is a minute behind: everything waits, in steps.
        (60 + 2 * 0.6, 2, [60 - 1.8, 60 - 1.2]),
        (0.6, 1, [0]),
    ],
)
def test_the_burst_goes_now_and_the_rest_in_steps(
    owed: float, count: int, expected: list[float]
) -> None:
    assert waits(owed, Wish("d", RATE, count)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ("lark", None, Rate(0.6, 4)),
        ("telegram", None, Rate(1 / 30, 15)),
        ("slack", None, Rate(1.0, 1)),
        ("webhook", None, None),
        ("webhook", 120, Rate(0.5, 1)),
        ("lark", 6, Rate(10.0, 1)),
        ("pigeon", None, None),
    ],
)
def test_the_rate_is_the_config_s_or_the_provider_s(
    kind: str, own: int | None, expected: Rate | None
) -> None:
    config = Destination(1, {}, sends_per_minute=own)
    assert rate_of(kind, config) == expected


@pytest.mark.django_db
def test_a_second_reservation_comes_behind_the_first() -> None:
    first = reserve([Wish("d", Rate(10.0), 3)])["d"]
    second = reserve([Wish("d", Rate(10.0), 2), Wish("e", Rate(10.0), 1)])
    assert first == pytest.approx([0, 10, 20], abs=0.5)
    assert second["d"] == pytest.approx([30, 40], abs=0.5)
    assert second["e"] == pytest.approx([0], abs=0.5)


@pytest.mark.django_db
def test_a_hold_reaches_destinations_with_and_without_a_rate() -> None:
    hold("free", 60, None)
    hold("rated", 60, RATE)
    assert held(["free", "other"]) == {"free": pytest.approx(60, abs=1)}
    assert reserve([Wish("rated", RATE, 1)])["rated"] == pytest.approx([60], abs=1)


@pytest.mark.django_db
def test_a_shorter_hold_does_not_shorten_a_longer_one() -> None:
    hold("d", 60, None)
    hold("d", 5, None)
    assert held(["d"])["d"] == pytest.approx(60, abs=1)


@pytest.mark.django_db(transaction=True)
def test_slots_of_many_pumps_never_overlap() -> None:
    found: list[float] = []
    start = Barrier(4)

    def ask() -> None:
        start.wait()
        for _ in range(5):
            found.extend(reserve([Wish("d", Rate(100.0), 2)])["d"])
        connections.close_all()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    steps = sorted(round(wait / 100) for wait in found)
    assert steps == list(range(40))
