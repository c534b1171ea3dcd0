"""Blocking senders in the pump: e-mail and Apprise, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connections
from django.test import override_settings

from channels_app.delivery.addresses import (
    AddressPolicy,
    AddressRefusedError,
    parse_networks,
)
from channels_app.delivery.carriage import CarriageOutcome, Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.destinations import Destination
from channels_app.delivery.errands import OVERRUN, THREADS_OF_A_KIND, Errand
from channels_app.delivery.flights import Flight, Landing
from channels_app.delivery.guard import guarded
from channels_app.delivery.late_inbox import late_ends, wait_for_one
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.pump import Pump, PumpOptions, PumpReport
from channels_app.delivery.recalls import Recalls
from channels_app.delivery.recording import record
from channels_app.models import (
    Breaker,
    DeliveryAttempt,
    NotificationLog,
    Secret,
    UserConfig,
)
from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    ContentType,
    Message,
    PermanentSendError,
    Receipt,
    RetryableSendError,
)
from channels_app.senders.email import EmailForm
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import (
    claim,
    make_due,
    stored,
    webhook_config,
)
from tests.channels_app.delivery.receivers import answering, receiver
from tests.channels_app.senders.examples import message
from tests.channels_app.senders.mail_server import HANG_UP, mail_server, running

OPEN = AddressPolicy(parse_networks("127.0.0.0/8"))
SHUT = AddressPolicy()


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(OPEN, max_in_flight=64) as running:
        yield running


def run(carrier: Carrier) -> PumpReport:
    return Pump(carrier, PumpOptions("w", linger=0.0, max_in_flight=64)).run()


def email_config(**fields: object) -> UserConfig:
    return webhook_config(
        "",
        channel_type="email",
        public_data={"to": ["zoe@example.com"]},
        secret_data=None,
        **fields,
    )


def after(log: NotificationLog) -> tuple[NotificationLog, DeliveryAttempt]:
    log.refresh_from_db()
    return log, log.attempts.latest("number")


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
    [(OPEN, "sent", ""), (SHUT, "failed", "address_refused")],
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


@dataclass
class Slow(BlockingSender):
    """Sends when it is let; counts how many do so at once."""

    go: threading.Event = field(default_factory=threading.Event)
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Event = field(default_factory=threading.Event)
    kind = "slow"
    label = "Slow"
    form = EmailForm
    content_types = frozenset({ContentType.TEXT})
    errors = {}
    goes_where_config_says = False

    def destination(self, config: ConfigData) -> str:
        return "slow"

    def check(self, config: ConfigData, message: Message) -> None:
        """Take everything."""

    def written(self, config: ConfigData, message: Message) -> bytes:
        return message.content.encode()

    def send(self, config: ConfigData, message: Message, *, seconds: float) -> Receipt:
        self.started.release()
        assert self.go.wait(20)
        self.ended.set()
        if message.subject == "busy":
            raise RetryableSendError("busy")
        if message.subject == "refused":
            raise PermanentSendError("refused")
        if message.subject == "broken":
            raise RuntimeError("secret-token")
        assert not [c for c in connections.all(initialized_only=True) if c.connection]
        return Receipt(detail=message.content)


def errand(
    sender: Slow, ticket: object, subject: str = "", *, may: bool = True
) -> Errand:
    return Errand(ticket, sender, {}, message(subject=subject), lambda: may)


def all_of(carrier: Carrier, count: int) -> list[Carried]:
    found: list[Carried] = []
    while len(found) < count:
        found += carrier.results(timeout=0.05)
    return found


def test_each_errand_comes_back_once_with_what_was_said(
    carrier: Carrier, caplog: pytest.LogCaptureFixture
) -> None:
    sender = Slow()
    sender.go.set()
    for subject in ("ok", "busy", "broken"):
        carrier.run(errand(sender, subject, subject), 5.0)
    carrier.run(errand(sender, "late", may=False), 5.0)
    found = {one.ticket: one for one in all_of(carrier, 4)}
    assert isinstance(found["ok"].said, Receipt)
    assert isinstance(found["busy"].said, RetryableSendError)
    failures = [found[name].failure for name in ("broken", "late")]
    assert [f and (f.code, f.outcome) for f in failures] == [
        ("send_broke", CarriageOutcome.UNKNOWN),
        ("withdrawn", CarriageOutcome.NOT_SENT),
    ]
    assert "secret-token" not in caplog.text
    assert carrier.in_flight == 0


def test_a_kind_has_so_many_threads_and_tells_when_they_are_taken(
    carrier: Carrier,
) -> None:
    sender = Slow()
    for number in range(THREADS_OF_A_KIND + 4):
        carrier.run(errand(sender, number), 20.0)
    for _ in range(THREADS_OF_A_KIND):
        assert sender.started.acquire(timeout=10)
    assert not sender.started.acquire(blocking=False)
    assert carrier.busy_kinds() == {"slow"}
    assert (carrier.free_threads("slow"), carrier.free_threads("email")) == (0, 16)
    sender.go.set()
    assert len(all_of(carrier, THREADS_OF_A_KIND + 4)) == THREADS_OF_A_KIND + 4


def overrun(carrier: Carrier, sender: Slow, ticket: object, subject: str) -> Carried:
    """Give up a send, then let it end; return what was answered for it."""
    carrier.run(errand(sender, ticket, subject), 0.1 - OVERRUN)
    (one,) = all_of(carrier, 1)
    sender.go.set()
    assert wait_for_one(10.0)
    return one


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
    sender.go.set()
    return one


def test_stopping_answers_for_those_that_wait_and_those_that_hang() -> None:
    carrier, sender = Carrier(OPEN), Slow()
    for number in range(THREADS_OF_A_KIND + 1):
        carrier.run(errand(sender, number), 20.0)
    for _ in range(THREADS_OF_A_KIND):
        assert sender.started.acquire(timeout=10)
    carrier.stop(grace=0.1)
    outcomes = [one.failure and one.failure.outcome for one in all_of(carrier, 17)]
    sender.go.set()
    assert outcomes.count(CarriageOutcome.UNKNOWN) == THREADS_OF_A_KIND
    assert outcomes.count(CarriageOutcome.NOT_SENT) == 1


def test_stopping_waits_for_those_that_end_in_time() -> None:
    carrier, sender = Carrier(OPEN), Slow()
    carrier.run(errand(sender, 1), 20.0)
    assert sender.started.acquire(timeout=10)
    threading.Timer(0.1, sender.go.set).start()
    carrier.stop(grace=10.0)
    (one,) = carrier.results(timeout=1.0)
    assert isinstance(one.said, Receipt)


def test_the_guard_holds_for_its_thread_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with pytest.raises(AddressRefusedError), guarded(SHUT):
            socket.create_connection(address)
        socket.create_connection(address).close()
        with guarded(OPEN):
            socket.create_connection(address).close()
