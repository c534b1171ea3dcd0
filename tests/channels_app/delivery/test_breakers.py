"""When a config's breaker opens, probes and closes: the pure rule, and its rows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F

from channels_app.delivery.breakers import (
    BreakerState,
    after_sends,
    begin_probe,
    breaker_states,
    store_states,
)
from channels_app.models import Breaker
from tests.channels_app.delivery.deliveries import (
    claim,
    make_due,
    stored,
    webhook_config,
)

CLOSED = BreakerState(1)
PAUSED = BreakerState(1, 5, open_seconds=30, pause_left=12.0)
PROBED = BreakerState(1, 5, open_seconds=30, pause_left=-1.0, is_probing=True)


@pytest.mark.parametrize(
    ("state", "succeeded", "failed", "opens_for"),
    [
        (CLOSED, 0, 4, None),
        (CLOSED, 0, 5, 30),
        (replace(CLOSED, failures_in_a_row=4, failures=4, sends=4), 0, 1, 30),
        (replace(CLOSED, failures_in_a_row=4, failures=4, sends=4), 1, 0, None),
        # Half of twenty, though never five in a row.
        (replace(CLOSED, failures=9, sends=18), 1, 1, 30),
        (replace(CLOSED, failures=8, sends=18), 1, 1, None),
        # A probe that fails doubles the pause; what was under way does not.
        (PROBED, 0, 1, 60),
        (replace(PROBED, open_seconds=800), 0, 1, 900),
        (PAUSED, 0, 3, 30),
    ],
)
def test_the_rule(
    state: BreakerState, succeeded: int, failed: int, opens_for: float | None
) -> None:
    after = after_sends(state, succeeded=succeeded, failed=failed)
    assert after.is_open is (opens_for is not None)
    assert after.open_seconds == (opens_for or 0)


@pytest.mark.parametrize("state", [PAUSED, PROBED])
def test_any_success_closes_it(state: BreakerState) -> None:
    assert after_sends(state, succeeded=1, failed=0) == CLOSED


def let_pause_end() -> None:
    Breaker.objects.update(open_until=F("open_until") - 10_000)


@pytest.mark.django_db
def test_states_come_back_as_they_were_stored() -> None:
    config = webhook_config("https://receiver.example/")
    store_states([BreakerState(config.pk, 2, 2, 3)])
    assert breaker_states([config.pk]) == {config.pk: BreakerState(config.pk, 2, 2, 3)}
    store_states([BreakerState(config.pk)])
    assert breaker_states([config.pk]) == {}


@pytest.mark.django_db
def test_one_probe_goes_out_when_the_pause_is_over() -> None:
    config = webhook_config("https://receiver.example/")
    store_states([replace(PAUSED, config_id=config.pk)])
    assert not begin_probe(config.pk)
    let_pause_end()
    assert begin_probe(config.pk)
    assert not begin_probe(config.pk)
    assert breaker_states([config.pk])[config.pk].is_probing


@pytest.mark.django_db
def test_an_open_breaker_holds_its_config_s_deliveries_at_no_cost_of_tries() -> None:
    config = webhook_config("https://receiver.example/")
    other = stored(webhook_config("https://other.example/", user_id="u2"))
    logs = [stored(config) for _ in range(3)]
    store_states([replace(PAUSED, config_id=config.pk)])
    assert [one.id for one in claim(limit=10, worker="w")] == [other.pk]
    for log in logs:
        log.refresh_from_db()
        assert (log.status, log.attempt_no) == ("pending", 0)
        assert log.next_attempt_at - log.created_at > timedelta(seconds=10)


@pytest.mark.django_db
def test_after_the_pause_one_delivery_probes_and_the_others_wait() -> None:
    config = webhook_config("https://receiver.example/")
    logs = [stored(config) for _ in range(3)]
    store_states([replace(PAUSED, config_id=config.pk)])
    let_pause_end()
    assert len(claim(limit=10, worker="w")) == 1
    for log in logs:
        make_due(log)
    assert claim(limit=10, worker="w") == []


@pytest.mark.django_db
def test_a_deleted_config_takes_its_breaker_along() -> None:
    store_states([BreakerState(999_999, 2, 2, 2)])
    assert Breaker.objects.count() == 0
