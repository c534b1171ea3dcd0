"""The pump against real receivers: claim, send, record, over real sockets."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions, PumpReport
from channels_app.delivery.transfer import WireOptions
from channels_app.models import (
    Breaker,
    DeliveryAttempt,
    NotificationLog,
    UserConfig,
)
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import make_due, stored, webhook_config
from tests.channels_app.delivery.receivers import (
    Behaviour,
    answering,
    closed_port,
    hanging,
    receiver,
    resetting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def reply(status: str, body: str = "", *headers: str) -> Behaviour:
    head = "".join(f"{line}\r\n" for line in headers)
    length = len(body.encode())
    text = f"HTTP/1.1 {status}\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    return answering(text.encode())


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    policy = AddressPolicy(parse_networks("127.0.0.0/8"))
    with Carrier(policy, WireOptions(total_timeout=2.0), max_in_flight=64) as running:
        yield running


def run(carrier: Carrier, *, limit: int = 64) -> PumpReport:
    return Pump(carrier, PumpOptions("w", linger=0.0, max_in_flight=limit)).run()


def after(log: NotificationLog) -> tuple[NotificationLog, DeliveryAttempt]:
    log.refresh_from_db()
    return log, log.attempts.latest("number")


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


def test_a_hundred_go_out_with_few_in_flight(carrier: Carrier) -> None:
    with receiver(reply("204 No Content")) as there:
        config = webhook_config(there.url)
        for _ in range(100):
            stored(config)
        run(carrier, limit=16)
    assert NotificationLog.objects.filter(status="sent").count() == 100
    assert len(there.requests) == 100


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


def lose_the_key(config: UserConfig) -> None:
    text = "v1:00000000:" + "A" * 40
    UserConfig.objects.extra(where=[f"id = {config.pk}"])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE user_configs SET secret_data = %s WHERE id = %s", [text, config.pk]
        )


def switch_off(config: UserConfig) -> None:
    UserConfig.objects.filter(pk=config.pk).update(is_active=False)


def remove(config: UserConfig) -> None:
    UserConfig.objects.filter(pk=config.pk).delete()


def change_kind(config: UserConfig) -> None:
    NotificationLog.objects.update(channel_type="pigeon")


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lose_the_key, "config_unreadable"),
        (switch_off, "channel_disabled"),
        (remove, "config_missing"),
        (change_kind, "sender_unknown"),
    ],
)
def test_what_happened_to_the_config_after_acceptance_settles_the_delivery(
    carrier: Carrier, happens: object, code: str
) -> None:
    with receiver(reply("200 OK")) as there:
        config = webhook_config(there.url)
        other = webhook_config(there.url, user_id="u2")
        log, good = stored(config), None
        happens(config)  # type: ignore[operator]
        good = stored(other)
        run(carrier)
    log.refresh_from_db()
    good.refresh_from_db()
    assert (log.status, log.error_code) == ("failed", code)
    assert good.status == "sent"


def test_secrets_that_a_receiver_echoes_are_not_written_down(carrier: Carrier) -> None:
    with receiver(reply("400 No", "you said canary-secret")) as there:
        log = stored(webhook_config(there.url))
        run(carrier)
    log, attempt = after(log)
    assert "canary-secret" not in attempt.response_excerpt + attempt.error + log.error
    assert "you said" in attempt.response_excerpt


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
