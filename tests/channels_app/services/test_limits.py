from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from channels_app.models import RateLimit
from channels_app.services.limits import Limit, count_failure, forget_limits, take
from channels_app.services.refusals import RequestRefusedError

FIVE = Limit("test", 5)


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    forget_limits()
    yield
    forget_limits()


def is_let_in(limit: Limit, subject: str = "a", cost: int = 1) -> bool:
    try:
        take(limit, subject, cost)
    except RequestRefusedError:
        return False
    return True


def taken(limit: Limit, times: int, subject: str = "a") -> int:
    return sum(is_let_in(limit, subject) for _ in range(times))


@pytest.mark.django_db
def test_no_more_than_the_quota_is_let_in() -> None:
    assert taken(FIVE, 8) == 5


@pytest.mark.django_db
def test_a_refusal_says_how_long_to_wait() -> None:
    assert taken(FIVE, 5) == 5
    with pytest.raises(RequestRefusedError) as refused:
        take(FIVE, "a")
    assert refused.value.code == "RATE_LIMITED"
    assert refused.value.retry_after in range(1, 14)


@pytest.mark.django_db
def test_each_subject_and_each_limit_has_its_own_count() -> None:
    assert taken(FIVE, 6, "a") == taken(FIVE, 6, "b") == 5
    assert taken(Limit("other", 5), 6, "a") == 5


@pytest.mark.django_db
def test_a_large_quota_is_exact_though_it_is_taken_in_portions() -> None:
    assert taken(Limit("large", 350, 3600), 400) == 350


@pytest.mark.django_db
def test_zero_means_no_limit() -> None:
    assert take(Limit("none", 0), "a") is None
    assert not RateLimit.objects.exists()


@pytest.mark.django_db
def test_a_batch_costs_what_it_holds() -> None:
    assert is_let_in(FIVE, cost=4)
    assert not is_let_in(FIVE, cost=3)


@pytest.mark.django_db
def test_what_is_left_is_told() -> None:
    allowances = [take(FIVE, "a") for _ in range(3)]
    assert [allowance.remaining for allowance in allowances if allowance] == [4, 3, 2]


@pytest.mark.django_db
def test_what_was_taken_is_earned_back() -> None:
    assert taken(FIVE, 6) == 5
    RateLimit.objects.update(until=0)
    forget_limits()
    assert taken(FIVE, 6) == 5


@pytest.mark.django_db
def test_failures_are_counted_to_the_end_of_their_window() -> None:
    limit = Limit("bad", 3, 300)
    for _ in range(3):
        count_failure(limit, "a")
    for _ in range(2):
        with pytest.raises(RequestRefusedError) as refused:
            count_failure(limit, "a")
        assert refused.value.retry_after in range(200, 301)
    count_failure(limit, "b")


@pytest.mark.django_db
def test_a_new_window_begins_from_nothing() -> None:
    limit = Limit("bad", 1, 300)
    count_failure(limit, "a")
    RateLimit.objects.update(until=0)
    count_failure(limit, "a")
    assert RateLimit.objects.get().used == 1


@pytest.mark.django_db(transaction=True)
def test_many_threads_together_get_no_more_than_the_quota() -> None:
    def one(number: int) -> bool:
        try:
            return is_let_in(FIVE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 5
