"""What must be true in the database, and of the lease, before the first byte goes out."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.destinations import destinations
from channels_app.delivery.flights import Flight
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.recalls import Recalls
from channels_app.models import DeliveryAttempt, NotificationLog, UserConfig
from channels_app.services.deliveries import cancel_delivery
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import (
    claim,
    make_due,
    stored,
    webhook_config,
)
from tests.channels_app.delivery.receivers import OK, answering, receiver

pytestmark = pytest.mark.django_db(transaction=True)


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


def cancel(log: NotificationLog) -> None:
    cancel_delivery(log=log)


def pause_config(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(is_paused=True)


def pause_kind(_log: NotificationLog) -> None:
    set_switch(name="webhook", is_enabled=False, changed_by="a test")


def pause_sending(_log: NotificationLog) -> None:
    set_switch(name="sending", is_enabled=False, changed_by="a test")


def disable_config(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(is_active=False)


def delete_config(log: NotificationLog) -> None:
    UserConfig.objects.get(notificationlog=log).delete()


def mend_config(log: NotificationLog) -> None:
    found = UserConfig.objects.filter(notificationlog=log)
    found.update(
        public_data={"webhook_url": "http://127.0.0.1:9/mended", "method": "POST"},
        version=F("version") + 1,
    )


Recall = Callable[[NotificationLog], None]
RECALLS: list[tuple[Recall, str]] = [
    (cancel, "cancelled"),
    (pause_config, "retrying"),
    (pause_kind, "retrying"),
    (pause_sending, "retrying"),
    (disable_config, "retrying"),
    (delete_config, "retrying"),
    (mend_config, "retrying"),
]


@pytest.mark.parametrize(("recall", "status"), RECALLS)
def test_what_is_called_back_after_the_claim_is_not_sent(
    carrier: Carrier, recall: Recall, status: str
) -> None:
    assert called_back(carrier, recall) == (status, 0)


@pytest.mark.parametrize(
    ("recall", "code"),
    [(disable_config, "channel_disabled"), (delete_config, "config_missing")],
)
def test_what_its_config_called_back_settles_with_the_code_of_that(
    carrier: Carrier, recall: Recall, code: str
) -> None:
    called_back(carrier, recall)
    (last,) = NotificationLog.objects.filter(status="retrying")
    make_due(last)
    Pump(carrier, PumpOptions("w", linger=0.0)).run()
    last.refresh_from_db()
    assert (last.status, last.error_code) == ("failed", code)


def called_back(carrier: Carrier, recall: Recall) -> tuple[str, int]:
    """Call the fifth delivery back while four take all places; return what it became."""
    go_on, beats = threading.Event(), itertools.count()

    def hold(conversation: socket.socket, _request: bytes) -> bool:
        go_on.wait(20)
        conversation.sendall(OK)
        return True

    with receiver(hold) as there:
        for number in range(4):
            stored(webhook_config(there.url, user_id=f"u{number}"))
        last = stored(webhook_config(there.url, user_id="last"))

        def beat() -> None:
            # The second beat comes after the pump has looked at what is called back.
            if next(beats) == 0:
                last.refresh_from_db()
                assert last.status == "sending"
                recall(last)
            else:
                go_on.set()

        options = PumpOptions(
            "w", linger=0.0, max_in_flight=4, largest_share=2.0, heartbeat=beat
        )
        Pump(carrier, options).run()
    assert len(there.requests) == 4
    last.refresh_from_db()
    attempt = last.attempts.get()
    assert (attempt.outcome, attempt.error_code) == ("not_sent", "withdrawn")
    return last.status, last.retry_count


def test_what_expires_after_the_claim_is_not_sent(carrier: Carrier) -> None:
    with receiver(answering(OK)) as there:
        log = stored(
            webhook_config(there.url), expires_at=datetime.now(UTC) + timedelta(hours=1)
        )
        (claimed,) = claim(limit=1, worker="w")
        destination = destinations([log.config_id])[claimed.config_id or 0]
        over = replace(claimed, expires_at=claimed.claimed_at)
        flight = Flight.prepare(
            over, destination, time.monotonic() + over.time_left, Recalls()
        )
        assert isinstance(flight, Flight)
        flight.take_off(carrier, 5.0)
        (carried,) = carrier.results(timeout=10)
    assert there.requests == []
    assert carried.failure is not None
    assert carried.failure.code == "withdrawn"
