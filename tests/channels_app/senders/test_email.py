from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import override_settings

from channels_app.senders.contract import (
    ContentType,
    FailureClass,
    NotSentError,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    SendError,
    UnknownOutcomeError,
)
from channels_app.senders.email import EmailForm, EmailSender
from tests.channels_app.senders.examples import NOW, message
from tests.channels_app.senders.mail_server import (
    HANG_UP,
    free_port,
    mail_server,
    running,
)

CONFIG = {"to": ["zoe@example.com", "Bob <bob@example.com>"]}
REQUIRED = {"to"}
SENDER = EmailSender()


def text_of(mail: EmailMessage) -> str:
    text: str = mail.get_content()
    return text.replace("\r\n", "\n")


def send(config: dict[str, object] | None = None, **fields: Any) -> Receipt:
    return SENDER.send(config or dict(CONFIG), message(**fields), seconds=5.0)


def refused(config: dict[str, object] | None = None, **fields: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        send(config, **fields)
    assert caught.value.code in SENDER.errors
    return caught.value


def test_a_text_arrives_whole_with_its_headers() -> None:
    config: dict[str, object] = {
        "to": "Zoë <zoe@example.com>, bob@example.com",
        "cc": "carl@example.com",
        "bcc": ["dora@example.com"],
        "from": "Alarm <alarm@example.org>",
        "reply_to": "desk@example.com",
    }
    with mail_server() as box:
        receipt = send(config, content="Größe: 张三\n.\n..end", subject="Zoë 张三")
    (mail,), (recipients,) = box.mails, box.recipients
    assert "queued as 4711" in receipt.detail
    assert recipients == [f"{n}@example.com" for n in ("zoe", "bob", "carl", "dora")]
    assert mail["Subject"] == "Zoë 张三"
    assert mail["From"] == "Alarm <alarm@example.org>"
    assert mail["Reply-To"] == "desk@example.com"
    assert mail["Bcc"] is None
    assert mail["To"] == "Zoë <zoe@example.com>, bob@example.com"
    assert mail.get_content_type() == "text/plain"
    assert "Größe: 张三\n.\n..end" in text_of(mail)


def test_html_comes_with_its_text() -> None:
    markup = "<style>p{}</style><p>Hello&nbsp;<b>Zoë</b></p><p>Bye</p>"
    with mail_server() as box:
        send(content=markup, content_type=ContentType.HTML)
    (mail,) = box.mails
    text, html = list(mail.walk())[1:]
    assert mail.get_content_type() == "multipart/alternative"
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text_of(text).split() == ["Hello", "Zoë", "Bye"]
    assert "<b>Zoë</b>" in text_of(html)


def test_the_cells_of_a_table_stay_apart_in_its_text() -> None:
    row = "<tr><th>Service</th><td>db-1</td></tr>"
    with mail_server() as box:
        send(content=f"<table>{row * 2}</table>", content_type=ContentType.HTML)
    text = next(part for part in list(box.mails[0].walk())[1:])
    assert isinstance(text, EmailMessage)
    assert text_of(text).splitlines() == ["Service  db-1"] * 2


def test_markdown_is_sent_as_it_is() -> None:
    with mail_server() as box:
        send(content="*Hi*", content_type=ContentType.MARKDOWN)
    assert text_of(box.mails[0]).strip() == "*Hi*"


def test_a_retry_has_the_same_message_id_and_date() -> None:
    with mail_server() as box:
        send()
        send(sent_at=NOW + timedelta(hours=3))
    one, other = box.mails
    assert one["Message-ID"] == other["Message-ID"] == "<0194-m1@example.com>"
    assert one["Date"] == other["Date"]


@pytest.mark.parametrize("subject", ["a\nBcc: x@example.com", "a\rb", "a\r\nb"])
def test_a_line_break_in_the_subject_is_refused(subject: str) -> None:
    with mail_server() as box:
        assert refused(subject=subject).code == "email_subject_broken"
    assert not box.mails


def test_a_break_at_the_subjects_end_is_no_line_break() -> None:
    with mail_server() as box:
        send(subject="Alert\n")
    assert box.mails[0]["Subject"] == "Alert"


@pytest.mark.parametrize(
    ("answers", "kind", "code"),
    [
        ({"MAIL": "421 busy"}, RetryableSendError, "email_limited"),
        ({"MAIL": "451 4.3.0 later"}, RetryableSendError, "email_try_later"),
        ({"MAIL": "530 5.7.0 log in"}, PermanentSendError, "email_login_refused"),
        ({"MAIL": "550 5.7.1 not yours"}, PermanentSendError, "email_sender_refused"),
        ({"MAIL": "502 what"}, PermanentSendError, "email_protocol"),
        ({"DATA": "421 closing"}, RetryableSendError, "email_limited"),
        ({"DATA": "452 4.3.1 full"}, RetryableSendError, "email_try_later"),
        ({"DATA": "550 5.7.1 spam"}, PermanentSendError, "email_content_refused"),
        ({"DATA": "554 no"}, PermanentSendError, "email_content_refused"),
        ({"DATA": "552 5.3.4 size"}, PermanentSendError, "email_too_large"),
        ({"DATA": HANG_UP}, UnknownOutcomeError, "email_answer_lost"),
    ],
)
def test_what_the_server_answers_decides(
    answers: dict[str, str], kind: type[SendError], code: str
) -> None:
    with running(answers):
        error = refused()
    assert (type(error), error.code) == (kind, code)
    row = SENDER.errors[code]
    assert (row.failure is FailureClass.RETRYABLE) is (kind is not PermanentSendError)


def test_only_a_limit_costs_no_try() -> None:
    free = {code for code, row in SENDER.errors.items() if not row.costs_try}
    assert free == {"email_limited"}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("550 5.1.1 nobody", PermanentSendError, "email_recipient_refused"),
        ("553 bad name", PermanentSendError, "email_recipient_refused"),
        ("450 4.2.0 greylisted", RetryableSendError, "email_try_later"),
        ("421 too much", RetryableSendError, "email_limited"),
    ],
)
def test_refused_recipients_are_named(
    answer: str, kind: type[SendError], code: str
) -> None:
    with running({"zoe@example.com": answer}) as box:
        error = refused({"to": "zoe@example.com"})
    assert (type(error), error.code) == (kind, code)
    assert "zoe@example.com" in error.detail
    assert not box.mails


def test_one_dead_address_keeps_the_mail_from_nobody_else() -> None:
    with running({"zoe@example.com": "550 5.1.1 nobody"}) as box:
        receipt = send()
    assert box.recipients == [["bob@example.com"]]
    assert "zoe@example.com: 550 5.1.1 nobody" in receipt.detail


def test_all_wait_a_while_for_one_who_is_put_off() -> None:
    with running({"zoe@example.com": "450 greylisted"}) as box:
        assert refused().code == "email_try_later"
        assert not box.mails
        send(sent_at=NOW + timedelta(minutes=11))
    assert box.recipients == [["bob@example.com"]]


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_the_login_is_used(password: str) -> None:
    with (
        mail_server() as box,
        override_settings(EMAIL_HOST_USER="us", EMAIL_HOST_PASSWORD=password),
    ):
        if password == "right":
            send()
        else:
            error = refused()
            assert error.code == "email_login_refused"
            assert isinstance(error, PermanentSendError)
    assert set(box.logins) == {"us"}
    assert len(box.mails) == (password == "right")


def test_a_server_without_encryption_is_not_trusted_with_it() -> None:
    with mail_server() as box, override_settings(EMAIL_USE_TLS=True):
        assert refused().code == "email_protocol"
    assert not box.mails


def test_a_port_that_speaks_no_tls_is_named() -> None:
    with mail_server(), override_settings(EMAIL_USE_SSL=True):
        error = refused()
    assert (type(error), error.code) == (NotSentError, "email_tls_failed")


def test_nobody_there_means_nothing_was_sent() -> None:
    with override_settings(
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=free_port(),
        DEFAULT_FROM_EMAIL="a@example.com",
    ):
        error = refused()
    assert (type(error), error.code) == (NotSentError, "email_unreachable")


@contextmanager
def a_server_that_goes_silent(after: bytes) -> Iterator[None]:
    """Answer what SMTP wants up to the command that begins with `after`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _peer = listener.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 hello\r\n")
                silent = is_content = False
                for line in lines:
                    silent = silent or line.lower().startswith(after)
                    is_content = is_content or line.lower().startswith(b"data")
                    if not silent and not is_content:
                        connection.sendall(b"250 fine\r\n")
                    elif not silent and line.lower().startswith(b"data"):
                        connection.sendall(b"354 go\r\n")

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        with override_settings(
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=listener.getsockname()[1],
            DEFAULT_FROM_EMAIL="a@example.com",
        ):
            yield
        thread.join(5)


@pytest.mark.parametrize(
    ("after", "kind", "code"),
    [
        (b"ehlo", NotSentError, "email_unreachable"),
        (b"rcpt", NotSentError, "email_unreachable"),
        (b".", UnknownOutcomeError, "email_answer_lost"),
    ],
)
def test_silence_is_read_by_how_far_the_mail_came(
    after: bytes, kind: type[SendError], code: str
) -> None:
    with a_server_that_goes_silent(after), pytest.raises(SendError) as caught:
        SENDER.send(CONFIG, message(), seconds=0.5)
    assert (type(caught.value), caught.value.code) == (kind, code)


@pytest.mark.parametrize("host", ["", "127.0.0.1"])
def test_without_a_server_or_a_sender_nothing_is_tried(host: str) -> None:
    with override_settings(EMAIL_HOST=host, DEFAULT_FROM_EMAIL=""):
        error = refused()
    missing = "DEFAULT_FROM_EMAIL" if host else "EMAIL_HOST"
    assert (error.code, error.detail) == ("email_not_configured", missing)


@pytest.mark.parametrize(
    "to", ["zoe", "a@example.com\r\nBcc: b@example.com", [1], ["a@b"] * 51, {"a": 1}]
)
def test_what_is_no_address_is_refused(to: object) -> None:
    assert "to" in EmailForm(data={"to": to}).errors


@pytest.mark.parametrize(
    "to", ["zoe@example.com", ["Zoë <zoe@example.com>", "b@example.com"]]
)
def test_addresses_keep_their_shape(to: object) -> None:
    form = EmailForm(data={"to": to})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["to"] == to
