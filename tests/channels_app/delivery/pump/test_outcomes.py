"""What the receiver does decides what is written down, over real sockets."""

import json

import pytest

from channels_app.delivery.carrier import Carrier
from channels_app.models import Breaker
from tests.channels_app.delivery.deliveries import make_due, stored, webhook_config
from tests.channels_app.delivery.pump.pumping import after, reply, run
from tests.channels_app.delivery.receivers import (
    Behaviour,
    closed_port,
    hanging,
    receiver,
    resetting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_due_delivery_is_sent_and_written_down(carrier: Carrier) -> None:
    with receiver(reply("200 OK", "fine")) as there:
        log = stored(webhook_config(there.url))
        report = run(carrier)
    log, attempt = after(log)
    assert (report.claimed, report.recorded) == (1, 1)
    assert (log.status, attempt.outcome, attempt.http_status) == ("sent", "ok", 200)
    body = json.loads(there.requests[0].partition(b"\r\n\r\n")[2])
    assert body["content"] == "It works."
    assert body["metadata"]["message_id"] == log.message_id


@pytest.mark.parametrize(
    ("behaviour", "status", "outcome", "code"),
    [
        (reply("500 Oops"), "retrying", "failed", "http_500"),
        (reply("400 No"), "failed", "rejected", "http_400"),
        (reply("302 Found", "", "Location: /x"), "failed", "rejected", "http_3xx"),
        (resetting, "retrying", "unknown", "connection_reset"),
        (hanging, "retrying", "unknown", "response_timeout"),
    ],
)
def test_what_the_receiver_does_decides(
    carrier: Carrier, behaviour: Behaviour, status: str, outcome: str, code: str
) -> None:
    with receiver(behaviour) as there:
        log = stored(webhook_config(there.url))
        run(carrier)
    log, attempt = after(log)
    assert (log.status, attempt.outcome, log.error_code) == (status, outcome, code)
    assert log.may_duplicate is (outcome == "unknown")


def test_with_at_most_once_an_unknown_outcome_is_held(carrier: Carrier) -> None:
    with receiver(resetting) as there:
        log = stored(webhook_config(there.url), guarantee="at_most_once")
        run(carrier)
    log, attempt = after(log)
    assert (log.status, attempt.outcome) == ("unknown", "unknown")


def test_what_never_left_costs_no_retry(carrier: Carrier) -> None:
    with closed_port() as port:
        log = stored(webhook_config(f"http://127.0.0.1:{port}/"))
        run(carrier)
    log, attempt = after(log)
    assert (log.status, log.retry_count) == ("retrying", 0)
    assert (attempt.outcome, log.error_code) == ("not_sent", "connection_refused")
    assert not log.may_duplicate


def test_a_wait_that_was_asked_for_is_kept_and_costs_no_retry(carrier: Carrier) -> None:
    with receiver(reply("429 Slow", "", "Retry-After: 7200")) as there:
        log = stored(webhook_config(there.url))
        run(carrier)
    log, attempt = after(log)
    assert (log.status, log.retry_count) == ("retrying", 0)
    assert attempt.retry_after_seconds == 7200
    assert (log.next_attempt_at - log.created_at).total_seconds() >= 7200


def test_the_schedule_ends(carrier: Carrier) -> None:
    with receiver(reply("500 Oops")) as there:
        log = stored(webhook_config(there.url))
        for _ in range(7):
            make_due(log)
            Breaker.objects.all().delete()
            run(carrier)
    log.refresh_from_db()
    assert (log.status, log.retry_count, log.attempt_no) == ("failed", 7, 7)
    assert log.settled_at is not None


def test_gone_switches_the_config_off_with_its_reason(carrier: Carrier) -> None:
    with receiver(reply("410 Gone")) as there:
        config = webhook_config(there.url)
        stored(config)
        run(carrier)
    config.refresh_from_db()
    assert not config.is_active
    assert config.disabled_reason.startswith("http_410")


def test_a_private_address_is_refused_before_any_byte(carrier: Carrier) -> None:
    log = stored(webhook_config("http://10.0.0.1/"))
    run(carrier)
    log, attempt = after(log)
    assert (log.status, log.error_code) == ("failed", "address_refused")
    assert attempt.outcome == "not_sent"


def test_secrets_that_a_receiver_echoes_are_not_written_down(carrier: Carrier) -> None:
    with receiver(reply("400 No", "you said canary-secret")) as there:
        log = stored(webhook_config(there.url))
        run(carrier)
    log, attempt = after(log)
    assert "canary-secret" not in attempt.response_excerpt + attempt.error + log.error
    assert "you said" in attempt.response_excerpt
