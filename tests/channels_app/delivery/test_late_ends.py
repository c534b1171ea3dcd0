"""Sends that overran and were given up: how they ended is written down late."""

from __future__ import annotations

import threading

import pytest

from channels_app.delivery.carriage import CarriageOutcome, Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.destinations import Destination
from channels_app.delivery.errands import OVERRUN
from channels_app.delivery.flights import Flight, Landing
from channels_app.delivery.late_inbox import MOST, late_ends, leave
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recalls import Recalls
from channels_app.delivery.recording import record
from channels_app.senders.contract import Receipt
from tests.channels_app.delivery.blocking_sends import (
    Slow,
    after,
    all_of,
    email_config,
    errand,
    run,
)
from tests.channels_app.delivery.deliveries import claim, stored
from tests.channels_app.senders.examples import message


def overrun(carrier: Carrier, sender: Slow, ticket: object, subject: str) -> Carried:
    """Give up a send, then let it end; return what was answered for it."""
    carrier.run(errand(sender, ticket, subject), 0.1 - OVERRUN)
    (one,) = all_of(carrier, 1)
    let_end(sender)
    return one


def let_end(sender: Slow) -> None:
    """Let a send end, and wait until its thread has told how."""
    threads = [one for one in threading.enumerate() if one.name == "send-slow"]
    sender.go.set()
    for thread in threads:
        thread.join(10.0)


@pytest.mark.parametrize(
    ("subject", "words"), [("ok", "slow, sent"), ("refused", "slow, refused")]
)
def test_the_log_says_how_a_late_send_ended(
    carrier: Carrier, caplog: pytest.LogCaptureFixture, subject: str, words: str
) -> None:
    overrun(carrier, Slow(), "t", subject)
    assert f"ended late: {words}." in caplog.text
    late_ends()


def test_what_nobody_takes_is_kept_up_to_a_number_and_then_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late_ends()
    for number in range(MOST):
        leave(Carried(number, None, None, said=Receipt()))
    assert not caplog.text
    leave(Carried(MOST, None, None, said=Receipt()))
    assert "the oldest is dropped" in caplog.text
    assert [end.ticket for end in late_ends()] == list(range(1, MOST + 1))


def test_an_overrun_send_is_answered_for_once_and_its_late_end_kept(
    carrier: Carrier,
) -> None:
    late_ends()
    one = overrun(carrier, Slow(), "t", "ok")
    assert one.failure is not None
    assert (one.failure.code, one.failure.outcome) == (
        "response_timeout",
        CarriageOutcome.UNKNOWN,
    )
    assert carrier.results(timeout=0.2) == []
    (end,) = late_ends()
    assert isinstance(end.said, Receipt)
    assert late_ends() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_late_first", [False, True])
@pytest.mark.parametrize(
    ("guarantee", "subject", "status", "outcome", "code"),
    [
        ("at_least_once", "ok", "sent", "ok", ""),
        ("at_most_once", "ok", "sent", "ok", ""),
        ("at_most_once", "refused", "failed", "rejected", "refused"),
        ("at_most_once", "broken", "unknown", "unknown", "response_timeout"),
    ],
)
def test_the_late_truth_about_a_send_is_written_by_the_next_pump(
    carrier: Carrier,
    *,
    guarantee: str,
    subject: str,
    status: str,
    outcome: str,
    code: str,
    is_late_first: bool,
) -> None:
    log, sender = stored(email_config(), guarantee=guarantee), Slow()
    flight = flight_of(sender)
    given_up = overrun_flight(carrier, sender, flight, subject)
    verdict = Landing.of(given_up).next_step(RetryPolicy((60,)))
    assert isinstance(verdict, Verdict)
    if is_late_first:
        run(carrier)
    record([verdict.result])
    run(carrier)
    log, attempt = after(log)
    assert (log.status, attempt.outcome, log.error_code) == (status, outcome, code)
    assert (log.settled_at is not None) is (status != "unknown")


@pytest.mark.django_db(transaction=True)
def test_a_late_refusal_of_what_waits_to_retry_is_noted_on_the_attempt(
    carrier: Carrier,
) -> None:
    log, sender = stored(email_config()), Slow()
    given_up = overrun_flight(carrier, sender, flight_of(sender), "refused")
    verdict = Landing.of(given_up).next_step(RetryPolicy((60,)))
    assert isinstance(verdict, Verdict)
    record([verdict.result])
    run(carrier)
    log, attempt = after(log)
    assert (log.status, log.may_duplicate) == ("retrying", True)
    assert (attempt.outcome, attempt.error_code) == ("rejected", "refused")


def flight_of(sender: Slow) -> Flight:
    (taken,) = claim(limit=1, worker="w")
    config = Destination(taken.config_id or 0, {})
    return Flight(taken, sender, config, message(), (), 0, 1e12, Recalls())


def overrun_flight(
    carrier: Carrier, sender: Slow, flight: Flight, subject: str
) -> Carried:
    late_ends()
    if subject != "broken":
        return overrun(carrier, sender, flight, subject)
    # A sender that breaks says nothing new: nothing is left to be written.
    carrier.run(errand(sender, flight, subject), 0.1 - OVERRUN)
    (one,) = all_of(carrier, 1)
    let_end(sender)
    return one
