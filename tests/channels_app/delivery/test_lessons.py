"""What a set of outcomes teaches: successes speak for a destination, too."""

from dataclasses import replace

import pytest

from channels_app.delivery.claims import Claim
from channels_app.delivery.lessons import Lesson, learn
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.recording import Result
from channels_app.models import Breaker, Outcome, Status, UserConfig
from tests.channels_app.delivery.deliveries import claim, stored, webhook_config

pytestmark = pytest.mark.django_db


@pytest.fixture
def config() -> UserConfig:
    return webhook_config("https://receiver.example/")


def a_claim(config: UserConfig) -> Claim:
    stored(config)
    (claimed,) = claim(limit=1, worker="w")
    return claimed


def lessons(claimed: Claim, *, succeeded: int, failed: int) -> list[Lesson]:
    """Return one set: the failures come last, as when they took the longest."""
    good = Result(claimed.id, 1, Outcome.OK, Status.SENT, latency_ms=3)
    bad = replace(good, outcome=Outcome.FAILED, status=Status.RETRYING, http_status=500)
    results = [good] * succeeded + [bad] * failed
    return [Lesson(Verdict(result), claimed) for result in results]


def is_open(config: UserConfig) -> bool:
    return Breaker.objects.filter(pk=config.pk, open_until__isnull=False).exists()


@pytest.mark.parametrize(
    ("succeeded", "failed", "opens"),
    [(0, 4, False), (0, 5, True), (120, 8, False), (12, 12, True)],
)
def test_a_breaker_opens_by_what_the_whole_set_says(
    config: UserConfig, succeeded: int, failed: int, opens: bool
) -> None:
    found = lessons(a_claim(config), succeeded=succeeded, failed=failed)
    learn(found, known_failing=())
    assert is_open(config) is opens


def test_few_failures_among_many_successes_never_open_a_breaker(
    config: UserConfig,
) -> None:
    claimed = a_claim(config)
    failing: set[int] = set()
    for _ in range(20):
        failing = learn(lessons(claimed, succeeded=16, failed=1), failing)
    assert not is_open(config)


def test_successes_alone_write_nothing(config: UserConfig) -> None:
    found = lessons(a_claim(config), succeeded=8, failed=0)
    assert learn(found, known_failing=()) == set()
    assert not Breaker.objects.exists()
