"""No destination takes all places: few at first, more with success, few again after."""

import pytest

from channels_app.delivery.shares import FIRST_PLACES, SLOW_SECONDS, Shares


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fly(shares: Shares, count: int, destination: str = "d") -> None:
    for number in range(count):
        shares.book(destination)
        shares.take_off(number)


def test_a_new_destination_gets_a_few_places() -> None:
    shares = Shares(128)
    assert shares.free_places("d") == FIRST_PLACES
    fly(shares, FIRST_PLACES)
    assert shares.free_places("d") == 0
    assert shares.full() == ["d"]
    assert shares.free_places("other") == FIRST_PLACES


def test_each_success_doubles_its_places_up_to_its_share() -> None:
    shares = Shares(30)
    for expected in (16, 30, 30):
        fly(shares, 1)
        shares.land(0, "d", was_answered=True)
        assert shares.free_places("d") == expected


def test_a_send_without_an_answer_takes_them_back() -> None:
    shares = Shares(100)
    fly(shares, 2)
    shares.land(0, "d", was_answered=True)
    shares.land(1, "d", was_answered=False)
    assert shares.free_places("d") == FIRST_PLACES


def test_what_hangs_takes_no_place_of_the_pump(clock: Clock) -> None:
    shares = Shares(100, clock)
    fly(shares, 3)
    clock.now = SLOW_SECONDS - 0.1
    shares.book("e")
    shares.take_off(10)
    assert shares.young_count() == 4
    clock.now = SLOW_SECONDS
    assert shares.young_count() == 1
    shares.land(0, "d", was_answered=False)
    assert shares.young_count() == 1


def test_a_delivery_without_a_destination_is_held_up_by_nobody() -> None:
    shares = Shares(10)
    fly(shares, 9, "")
    assert shares.free_places("") == 10


def test_what_is_booked_takes_a_place_of_its_destination_only() -> None:
    shares = Shares(100)
    shares.book("d")
    assert shares.free_places("d") == FIRST_PLACES - 1
    assert shares.young_count() == 0
