"""What must be true in the database, and of the lease, before the first byte goes out."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.models import DeliveryAttempt
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.receivers import OK, answering, receiver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    policy = AddressPolicy(parse_networks("127.0.0.0/8"))
    with Carrier(policy, max_in_flight=8) as running:
        yield running


def test_the_attempt_is_committed_before_the_receiver_sees_a_byte(
    carrier: Carrier,
) -> None:
    seen: list[str] = []

    def look(conversation: socket.socket, _request: bytes) -> bool:
        seen.extend(DeliveryAttempt.objects.values_list("outcome", flat=True))
        connection.close()
        conversation.sendall(OK)
        return True

    with receiver(look) as there:
        stored(webhook_config(there.url))
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    assert seen == ["sending"]


def test_a_lease_that_does_not_cover_the_send_lets_nothing_out(
    carrier: Carrier, settings: Settings
) -> None:
    settings.LEASE_SECONDS = settings.SEND_DEADLINE_SECONDS
    with receiver(answering(OK)) as there:
        log = stored(webhook_config(there.url))
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    assert there.requests == []
    attempt = log.attempts.get()
    assert (attempt.outcome, attempt.error_code) == ("not_sent", "withdrawn")
    log.refresh_from_db()
    assert (log.status, log.retry_count) == ("retrying", 0)
