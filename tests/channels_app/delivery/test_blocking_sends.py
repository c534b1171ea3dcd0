"""Blocking senders in the pump: e-mail and Apprise, over real sockets."""

from __future__ import annotations

import socket

import pytest
from django.test import override_settings

from channels_app.delivery.addresses import AddressPolicy, AddressRefusedError
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.guard import guarded
from channels_app.models import Breaker, NotificationLog, Secret
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.blocking_sends import after, email_config, run
from tests.channels_app.delivery.carrier.carrying import LOOPBACK
from tests.channels_app.delivery.deliveries import make_due, stored, webhook_config
from tests.channels_app.delivery.receivers import answering, receiver
from tests.channels_app.senders.mail_server import HANG_UP, mail_server, running

SHUT = AddressPolicy()


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_and_written_down(carrier: Carrier) -> None:
    with mail_server() as box:
        log = stored(email_config())
        report = run(carrier)
    log, attempt = after(log)
    assert (report.claimed, report.recorded) == (1, 1)
    assert (log.status, attempt.outcome, log.parts_sent) == ("sent", "ok", 1)
    assert "queued as 4711" in attempt.response_excerpt
    assert box.mails[0]["Message-ID"] == f"<{log.message_id}@example.com>"


@pytest.mark.django_db(transaction=True)
def test_many_mails_and_webhooks_go_out_together(carrier: Carrier) -> None:
    reply = answering(b"HTTP/1.1 204 No Content\r\n\r\n")
    with mail_server() as box, receiver(reply) as there:
        mails, hooks = email_config(), webhook_config(there.url, user_id="u2")
        for _ in range(40):
            stored(mails)
            stored(hooks)
        run(carrier)
    assert NotificationLog.objects.filter(status="sent").count() == 80
    assert len({mail["Message-ID"] for mail in box.mails}) == len(box.mails) == 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("answers", "status", "outcome", "code", "retries"),
    [
        ({"MAIL": "421 busy"}, "retrying", "failed", "email_limited", 0),
        ({"DATA": "451 later"}, "retrying", "failed", "email_try_later", 1),
        ({"DATA": "554 no"}, "failed", "rejected", "email_content_refused", 0),
        ({"DATA": HANG_UP}, "retrying", "unknown", "email_answer_lost", 1),
    ],
)
def test_what_the_mail_server_does_decides(
    carrier: Carrier,
    answers: dict[str, str],
    status: str,
    outcome: str,
    code: str,
    retries: int,
) -> None:
    with running(answers):
        log = stored(email_config())
        run(carrier)
    log, attempt = after(log)
    assert (log.status, attempt.outcome, log.error_code) == (status, outcome, code)
    assert log.retry_count == retries
    assert log.may_duplicate is (outcome == "unknown")


@pytest.mark.django_db(transaction=True)
def test_with_at_most_once_a_lost_answer_is_held(carrier: Carrier) -> None:
    with running({"DATA": HANG_UP}):
        log = stored(email_config(), guarantee="at_most_once")
        run(carrier)
    assert after(log)[0].status == "unknown"


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_server_costs_no_try_and_feeds_the_breaker(
    carrier: Carrier,
) -> None:
    log = stored(email_config())
    with override_settings(
        EMAIL_HOST="127.0.0.1", EMAIL_PORT=1, DEFAULT_FROM_EMAIL="a@example.com"
    ):
        run(carrier)
    log, attempt = after(log)
    assert (log.status, log.retry_count) == ("retrying", 0)
    assert (attempt.outcome, log.error_code) == ("not_sent", "email_unreachable")
    assert Breaker.objects.get().failures == 1
    make_due(log)
    with mail_server():
        run(carrier)
    assert after(log)[0].status == "sent"
    breaker = Breaker.objects.get()
    assert (breaker.failures_in_a_row, breaker.sends) == (0, 2)


@pytest.mark.django_db(transaction=True)
@override_settings(EMAIL_HOST="")
def test_without_a_mail_server_the_delivery_says_so(carrier: Carrier) -> None:
    log = stored(email_config())
    run(carrier)
    log, attempt = after(log)
    assert (log.status, log.error_code) == ("failed", "email_not_configured")
    assert attempt.latency_ms is None


@pytest.mark.django_db(transaction=True)
def test_while_e_mail_is_off_mails_wait(carrier: Carrier) -> None:
    with mail_server() as box:
        log = stored(email_config())
        set_switch(name="email", is_enabled=False, changed_by="test")
        run(carrier)
        assert not box.mails
        set_switch(name="email", is_enabled=True, changed_by="test")
        run(carrier)
    assert after(log)[0].status == "sent"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("policy", "status", "code"),
    [(LOOPBACK, "sent", ""), (SHUT, "failed", "address_refused")],
)
def test_apprise_keeps_to_the_address_policy(
    policy: AddressPolicy, status: str, code: str
) -> None:
    pytest.importorskip("apprise", reason="Apprise is not installed: it is optional.")
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with receiver(answering(answer)) as there, Carrier(policy) as carrier:
        config = webhook_config(
            "",
            channel_type="apprise",
            public_data={},
            secret_data=Secret({"url": f"ntfy://127.0.0.1:{there.port}/topic"}),
        )
        log = stored(config)
        run(carrier)
    log, attempt = after(log)
    assert (log.status, log.error_code) == (status, code)
    assert attempt.outcome == ("ok" if status == "sent" else "not_sent")
    assert len(there.requests) == (status == "sent")


def test_the_guard_holds_for_its_thread_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with pytest.raises(AddressRefusedError), guarded(SHUT):
            socket.create_connection(address)
        socket.create_connection(address).close()
        with guarded(LOOPBACK):
            socket.create_connection(address).close()
