"""Receivers that answer badly: each delivery ends with its code, and the next one goes."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.destinations import destinations
from channels_app.delivery.flights import Flight, Landing, first_step
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.recalls import Recalls
from channels_app.delivery.transfer import WireOptions
from channels_app.senders.contract import Answer, Receipt
from channels_app.senders.webhook import WebhookSender
from tests.channels_app.delivery.deliveries import claim, stored, webhook_config
from tests.channels_app.delivery.receivers import (
    OK,
    Behaviour,
    answering,
    endless,
    receiver,
)

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST_WAIT = 24 * 3600 * 1.2
PRIVATE = "Location: http://10.0.0.1/hook"


def reply(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    head = "".join(f"{line}\r\n" for line in headers)
    text = f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return answering(text.encode() + body)


@pytest.mark.parametrize(
    ("behave", "status", "code"),
    [
        pytest.param(reply("200 OK", b"x" * 10_000_000), "sent", "", id="10 MB"),
        pytest.param(endless, "retrying", "response_timeout", id="endless chunks"),
        pytest.param(
            reply(
                "200 OK", gzip.compress(b"\0" * 20_000_000), "Content-Encoding: gzip"
            ),
            "sent",
            "",
            id="gzip bomb",
        ),
        pytest.param(reply("200 OK", b"\xff\xfe\x80\0"), "sent", "", id="no UTF-8"),
        pytest.param(
            reply("429 Slow down", b"", "Retry-After: 1e9"),
            "retrying",
            "http_429",
            id="Retry-After of decades, as a float",
        ),
        pytest.param(
            reply("429 Slow down", b"", "Retry-After: 1000000000"),
            "retrying",
            "http_429",
            id="Retry-After of decades",
        ),
        pytest.param(
            reply("503 Away", b"", "Retry-After: -5"),
            "retrying",
            "http_503",
            id="negative Retry-After",
        ),
        pytest.param(reply("200 OK", b"<html>"), "sent", "", id="HTML"),
        pytest.param(reply("204 No Content"), "sent", "", id="204"),
        pytest.param(
            reply("301 Moved", b"", PRIVATE), "failed", "http_3xx", id="301 inside"
        ),
        pytest.param(reply("410 Gone"), "failed", "http_410", id="410"),
    ],
)
def test_a_bad_answer_ends_with_its_code_and_stops_nobody(
    behave: Behaviour, status: str, code: str
) -> None:
    policy, options = AddressPolicy(parse_networks("127.0.0.0/8")), WireOptions()
    with (
        receiver(behave) as bad,
        receiver(answering(OK)) as good,
        Carrier(policy, WireOptions(total_timeout=2.0), max_in_flight=8) as carrier,
    ):
        log = stored(webhook_config(bad.url))
        other = stored(webhook_config(good.url, user_id="u2"), destination="e")
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    log.refresh_from_db()
    other.refresh_from_db()
    assert (log.status, log.error_code, other.status) == (status, code, "sent")
    attempt = log.attempts.get()
    assert len(attempt.response_excerpt) <= 2000
    wait = (log.next_attempt_at - log.created_at).total_seconds()
    assert wait <= LONGEST_WAIT + options.total_timeout


class Stumbling(WebhookSender):
    """A sender with a fault of its own."""

    def read(self, answer: Answer) -> Receipt:
        raise OverflowError(answer.status)


@pytest.mark.parametrize(
    ("guarantee", "status"),
    [("at_least_once", "retrying"), ("at_most_once", "unknown")],
)
def test_an_answer_that_a_sender_stumbles_over_is_of_unknown_outcome(
    carrier: Carrier, guarantee: str, status: str
) -> None:
    with receiver(answering(OK)) as there:
        log = stored(webhook_config(there.url), guarantee=guarantee)
        (taken,) = claim(limit=1, worker="w")
        configs = destinations([log.config_id])
        flight = first_step(taken, configs, 1e12, Recalls())
        assert isinstance(flight, Flight)
        replace(flight, sender=Stumbling()).take_off(carrier, 5.0)
        (carried,) = carrier.results(timeout=10)
    verdict = Landing.of(carried).next_step(RetryPolicy((60,)))
    assert isinstance(verdict, Verdict)
    result = verdict.result
    assert (result.status, result.error_code) == (status, "response_unreadable")
    assert result.http_status == 200
