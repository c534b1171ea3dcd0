"""Whatever a receiver answers or a row has become: it is settled, explained, in nobody's way."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.db.models import ProtectedError
from pytest_django import Settings

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.transfer import WireOptions
from channels_app.models import (
    SETTLED,
    NotificationLog,
    UserConfig,
)
from channels_app.senders.contract import Actor
from channels_app.services.explanations import explain
from templates_app.models import NotificationTemplate
from tests.channels_app.delivery.carrier.carrying import LOOPBACK
from tests.channels_app.delivery.deliveries import (
    stored,
    webhook_config,
)
from tests.channels_app.delivery.receivers import (
    OK,
    Behaviour,
    Receiver,
    answering,
    endless,
    receiver,
    resetting,
)

pytestmark = pytest.mark.django_db(transaction=True)

INSIDE = "Location: http://10.0.0.1/hook"
BOMB = gzip.compress(b"\0" * 20_000_000)
HEADERS = [f"X-{number}: {'x' * 90}" for number in range(20_000)]


def reply(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    head = "".join(f"{line}\r\n" for line in headers)
    text = f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return answering(text.encode() + body)


def garbage(connection: socket.socket, _request: bytes) -> bool:
    connection.sendall(b"\x00\xff not HTTP at all\r\n\r\n" * 50)
    return False


@pytest.fixture(autouse=True)
def no_second_try(settings: Settings) -> None:
    settings.RETRY_SCHEDULE = ()


@pytest.fixture
def impatient() -> Iterator[Carrier]:
    with Carrier(LOOPBACK, WireOptions(total_timeout=1.5), max_in_flight=8) as running:
        yield running


ANSWERS: list[tuple[str, Behaviour, str, str]] = [
    ("10 MB", reply("200 OK", b"x" * 10_000_000), "sent", ""),
    ("10 MB of a refusal", reply("400 No", b"x" * 10_000_000), "failed", "http_400"),
    ("endless chunks", endless, "failed", "response_timeout"),
    ("gzip bomb", reply("200 OK", BOMB, "Content-Encoding: gzip"), "sent", ""),
    (
        "gzip bomb of a refusal",
        reply("500 No", BOMB, "Content-Encoding: gzip"),
        "failed",
        "http_500",
    ),
    (
        "gzip that is none",
        reply("200 OK", b"abc", "Content-Encoding: gzip"),
        "sent",
        "",
    ),
    ("no UTF-8", reply("200 OK", b"\xff\xfe\x80\0"), "sent", ""),
    ("a refusal in no UTF-8", reply("400 No", b"\xff\xfe\x80\0"), "failed", "http_400"),
    ("1e9", reply("429 Slow down", b"", "Retry-After: 1e9"), "failed", "http_429"),
    (
        "decades",
        reply("429 Slow down", b"", "Retry-After: 1000000000"),
        "failed",
        "http_429",
    ),
    ("negative", reply("503 Away", b"", "Retry-After: -5"), "failed", "http_503"),
    ("HTML", reply("200 OK", b"<html>", "Content-Type: text/html"), "sent", ""),
    ("204", reply("204 No Content"), "sent", ""),
    ("301 inside", reply("301 Moved", b"", INSIDE), "failed", "http_3xx"),
    ("410", reply("410 Gone"), "failed", "http_410"),
    ("a reset", resetting, "failed", "connection_reset"),
    ("no HTTP", garbage, "failed", "response_unreadable"),
    (
        "2 MB of headers",
        reply("200 OK", b"", *HEADERS),
        "failed",
        "response_unreadable",
    ),
]


@pytest.mark.parametrize(
    ("behave", "status", "code"),
    [pytest.param(*case[1:], id=case[0]) for case in ANSWERS],
)
def test_whatever_a_receiver_answers_is_settled_and_explained(
    impatient: Carrier, behave: Behaviour, status: str, code: str
) -> None:
    with receiver(behave) as bad, receiver(answering(OK)) as good:
        log = stored(webhook_config(bad.url))
        others = [good_delivery(good, number) for number in range(3)]
        Pump(impatient, PumpOptions("w", linger=0.0)).run()
    assert end_of(log) == (status, code)
    must_be_explained(log)
    assert [end_of(other)[0] for other in others] == ["sent"] * 3
    assert len(log.attempts.get().response_excerpt) <= 2000


def test_waits_that_are_none_are_not_gone_by(carrier: Carrier) -> None:
    with receiver(reply("500 No")) as there:
        log = stored(webhook_config(there.url, retry_schedule=["soon", None]))
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    assert end_of(log) == ("failed", "http_500")


@pytest.mark.parametrize("behave", [endless, resetting, garbage])
def test_an_answer_that_never_comes_is_held_where_nothing_may_come_twice(
    impatient: Carrier, behave: Behaviour
) -> None:
    with receiver(behave) as bad:
        log = stored(webhook_config(bad.url), guarantee="at_most_once")
        Pump(impatient, PumpOptions("w", linger=0.0)).run()
    assert end_of(log)[0] == "unknown"
    must_be_explained(log)


def test_a_destination_that_is_gone_is_switched_off_with_the_reason(
    impatient: Carrier,
) -> None:
    with receiver(reply("410 Gone")) as there:
        config = webhook_config(there.url)
        stored(config)
        Pump(impatient, PumpOptions("w", linger=0.0)).run()
        after = stored(config)
        Pump(impatient, PumpOptions("w", linger=0.0)).run()
    config.refresh_from_db()
    assert not config.is_active
    assert config.disabled_reason.startswith("http_410")
    assert end_of(after) == ("failed", "channel_disabled")
    must_be_explained(after)


Change = Callable[[NotificationLog], None]


def delete_config(log: NotificationLog) -> None:
    UserConfig.objects.get(notificationlog=log).delete()


def switch_config_off(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(is_active=False)


def spoil_secrets(log: NotificationLog) -> None:
    write("UPDATE user_configs SET secret_data = 'no' WHERE id = %s", log.config_id)


def empty_config(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(public_data={})


def make_config_a_list(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(public_data=["no"])


def make_config_a_number(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(
        public_data={"webhook_url": 5, "method": ["POST"]}
    )


def make_schedule_nonsense(log: NotificationLog) -> None:
    UserConfig.objects.filter(notificationlog=log).update(retry_schedule={"a": "b"})


def delete_template(log: NotificationLog) -> None:
    NotificationTemplate.objects.filter(template_key=log.template_key).delete()


def switch_client_off(log: NotificationLog) -> None:
    client = log.client
    client.is_active = False
    client.save()


def delete_client(log: NotificationLog) -> None:
    with pytest.raises(ProtectedError):
        log.client.delete()


def change_kind(log: NotificationLog) -> None:
    NotificationLog.objects.filter(pk=log.pk).update(channel_type="pigeon")


def change_content_type(log: NotificationLog) -> None:
    NotificationLog.objects.filter(pk=log.pk).update(content_type="cuneiform")


def write(statement: str, *parameters: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))


CHANGES: list[tuple[Change, str, str]] = [
    (delete_config, "failed", "config_missing"),
    (switch_config_off, "failed", "channel_disabled"),
    (spoil_secrets, "failed", "config_unreadable"),
    (empty_config, "failed", "config_invalid"),
    (make_config_a_list, "failed", "config_invalid"),
    (make_config_a_number, "failed", "config_invalid"),
    (make_schedule_nonsense, "sent", ""),
    (delete_template, "sent", ""),
    (switch_client_off, "sent", ""),
    (delete_client, "sent", ""),
    (change_kind, "failed", "sender_unknown"),
    (change_content_type, "failed", "build_failed"),
]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [pytest.param(*case, id=case[0].__name__) for case in CHANGES],
)
def test_whatever_becomes_of_a_row_after_acceptance_it_is_settled_and_explained(
    carrier: Carrier, change: Change, status: str, code: str
) -> None:
    NotificationTemplate.objects.create(template_key="order", template_name="Order")
    with receiver(answering(OK)) as there:
        log = stored(webhook_config(there.url), template_key="order")
        others = [good_delivery(there, number) for number in range(3)]
        change(log)
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    assert end_of(log) == (status, code)
    must_be_explained(log)
    assert [end_of(other)[0] for other in others] == ["sent"] * 3


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(LOOPBACK, max_in_flight=64) as running:
        yield running


def good_delivery(there: Receiver, number: int) -> NotificationLog:
    config = webhook_config(there.url, user_id=f"good-{number}")
    return stored(config, destination=f"good-{number}")


def end_of(log: NotificationLog) -> tuple[str, str]:
    log.refresh_from_db()
    return log.status, log.error_code


def must_be_explained(log: NotificationLog) -> None:
    assert log.status in {*SETTLED, "unknown"}
    explanation = explain(log)
    if log.status == "sent":
        assert explanation is None
        return
    assert explanation is not None
    assert explanation.title
    assert explanation.cause
    assert explanation.evidence["status"] == log.status
    assert all(explanation.remedy)
    assert explanation.remedy
    assert explanation.who in set(Actor)
    assert explanation.verify
