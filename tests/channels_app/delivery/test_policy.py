"""When a failed try is followed by another."""

import pytest

from channels_app.delivery.policy import Failure, RetryPolicy, wait_before_retry

POLICY = RetryPolicy(waits=(10, 30, 120, 600, 3600, 10800))
DAY = 24 * 3600


def failure(
    spent: int = 0,
    attempt: int = 1,
    *,
    age: float = 0,
    costs: bool = True,
    asked: float | None = None,
    dice: float = 0.5,
) -> Failure:
    return Failure(spent, attempt, age, costs, asked, dice)


@pytest.mark.parametrize(
    ("case", "wait"),
    [
        (failure(0), 10),
        (failure(1), 30),
        (failure(5), 10800),
        (failure(6), None),
        (failure(0, dice=0.0), 8),
        (failure(0, dice=1.0), 12),
        (failure(0, age=DAY), None),
        (failure(0, age=DAY - 1), 10),
        # What costs no retry follows the schedule by tries, and never runs out of it.
        (failure(0, 1, costs=False), 10),
        (failure(0, 4, costs=False), 600),
        (failure(0, 99, costs=False), 10800),
        (failure(6, 99, costs=False), 10800),
        (failure(0, 99, costs=False, age=DAY), None),
        # The provider's own wait is a floor under any jitter, up to a day.
        (failure(0, asked=5, dice=0.0), 5),
        (failure(0, asked=60, dice=1.0), 72),
        (failure(0, asked=1e9, dice=0.0), DAY),
    ],
)
def test_the_wait_follows_the_schedule(case: Failure, wait: float | None) -> None:
    assert wait_before_retry(POLICY, case) == pytest.approx(wait)


def test_without_a_schedule_the_first_failure_is_the_last() -> None:
    assert wait_before_retry(RetryPolicy(waits=()), failure(0)) is None


def test_without_a_schedule_even_a_free_failure_is_the_last() -> None:
    assert wait_before_retry(RetryPolicy(waits=()), failure(0, costs=False)) is None
