"""How the pump runs: many at once, paused, draining, when a step fails."""

import contextlib
import socket

import pytest
from django.db import IntegrityError, connection

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.models import NotificationLog
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.pump.pumping import reply, run
from tests.channels_app.delivery.receivers import Behaviour, hanging, receiver

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hundred_go_out_with_few_in_flight(carrier: Carrier) -> None:
    with receiver(reply("204 No Content")) as there:
        config = webhook_config(there.url)
        for _ in range(100):
            stored(config)
        run(carrier, limit=16)
    assert NotificationLog.objects.filter(status="sent").count() == 100
    assert len(there.requests) == 100


def test_when_sending_is_off_everything_waits(carrier: Carrier) -> None:
    with receiver(reply("200 OK")) as there:
        log = stored(webhook_config(there.url))
        set_switch(name="sending", is_enabled=False, changed_by="test")
        run(carrier)
        log.refresh_from_db()
        assert log.status == "pending"
        set_switch(name="sending", is_enabled=True, changed_by="test")
        run(carrier)
    log.refresh_from_db()
    assert log.status == "sent"


def test_a_draining_pump_lands_what_flies_and_takes_nothing_new(
    carrier: Carrier,
) -> None:
    with receiver(reply("200 OK")) as there:
        log = stored(webhook_config(there.url))
        options = PumpOptions("w", linger=0.0, is_draining=lambda: True)
        assert Pump(carrier, options).run().claimed == 0
    log.refresh_from_db()
    assert log.status == "pending"


def test_a_slow_receiver_does_not_hold_up_the_others(carrier: Carrier) -> None:
    order: list[str] = []

    def note(name: str) -> Behaviour:
        def behave(connection: socket.socket, _request: bytes) -> bool:
            order.append(name)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            return True

        return behave

    with receiver(hanging) as slow, receiver(note("fast")) as fast:
        stuck = stored(webhook_config(slow.url))
        quick = [stored(webhook_config(fast.url, user_id=f"f{n}")) for n in range(20)]
        run(carrier)
    stuck.refresh_from_db()
    assert NotificationLog.objects.filter(status="sent").count() == len(quick)
    assert len(order) == len(quick)
    assert stuck.status == "retrying"


def test_a_lost_connection_is_replaced_and_the_outcome_written(
    carrier: Carrier,
) -> None:
    broken: list[bool] = []

    def break_connection() -> None:
        if not broken and connection.connection is not None:
            broken.append(True)
            connection.connection.close()

    with receiver(hanging_for_a_moment) as there:
        log = stored(webhook_config(there.url))
        options = PumpOptions("w", linger=0.0, heartbeat=break_connection)
        report = Pump(carrier, options).run()
    log.refresh_from_db()
    assert broken
    assert (report.recorded, log.status) == (1, "sent")


def hanging_for_a_moment(conversation: socket.socket, _request: bytes) -> bool:
    """Answer after the pump's first heartbeat."""
    conversation.settimeout(1.5)
    with contextlib.suppress(TimeoutError):
        conversation.recv(1)
    conversation.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    return True


def test_a_database_step_that_fails_is_named_and_tried_again(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [IntegrityError("a key is there already")]
    beats: list[str] = []

    def beat() -> None:
        if failures:
            raise failures.pop()
        beats.append("beat")

    options = PumpOptions("w", linger=2.5, max_in_flight=64, heartbeat=beat)
    Pump(carrier, options).run()
    assert beats
    assert "step of the pump failed (IntegrityError); it is tried again" in caplog.text
