"""One conversation with the mail server, and what its answers mean."""

from __future__ import annotations

import atexit
import contextlib
import os
import smtplib
import ssl
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from channels_app.senders.answers import one_line, refusal
from channels_app.senders.contract import (
    NotSentError,
    Receipt,
    SendError,
    UnknownOutcomeError,
)
from channels_app.senders.email_errors import EMAIL_ERRORS
from channels_app.senders.kept_servers import KeptServers
from channels_app.senders.redaction import redact

Reply = tuple[int, bytes]
LOGIN_CODES = frozenset({530, 534, 535, 538})
LEAST_WAIT = 0.1
NOOP_SECONDS = 2.0
# What a mail server that has ended the connection looks like.
ENDED_CODES = frozenset({"email_unreachable", "email_limited"})


@dataclass
class Progress:
    """How far a mail came. `is_patient`: nobody gets it while one must wait."""

    deadline: float
    is_patient: bool
    refused: dict[str, Reply] = field(default_factory=dict)
    is_content_out: bool = False
    reply: Reply = (0, b"")

    def seconds_left(self) -> float:
        return max(LEAST_WAIT, self.deadline - time.monotonic())


class _Conversation(smtplib.SMTP):
    progress: Progress

    def putcmd(self, cmd: str, args: str = "") -> None:
        if self.sock is not None:
            self.sock.settimeout(self.progress.seconds_left())
        super().putcmd(cmd, args)

    def rcpt(self, recip: str, options: Any = ()) -> Reply:
        reply = super().rcpt(recip, options)
        if reply[0] not in {250, 251}:
            self.progress.refused[recip] = reply
        return reply

    def data(self, msg: Any) -> Reply:
        """Send the content; from its first byte on the outcome may be unknown."""
        refused = self.progress.refused
        if self.progress.is_patient and any(is_passing(r) for r in refused.values()):
            self.rset()
            raise smtplib.SMTPRecipientsRefused(dict(refused))
        self.putcmd("data")
        reply = self.getreply()
        if reply[0] != 354:
            raise smtplib.SMTPDataError(*reply)
        self.progress.is_content_out = True
        if self.sock is not None:
            self.sock.settimeout(self.progress.seconds_left())
        self.send(_dotted(msg))
        self.progress.reply = self.getreply()
        return self.progress.reply


class _SecureConversation(_Conversation, smtplib.SMTP_SSL):
    pass


def _dotted(content: bytes) -> bytes:
    r"""Return the content as it goes out: lines that begin with a dot get another."""
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"\r\n".join(stuffed) + b"\r\n.\r\n"


class MailServer(EmailBackend):
    """Django's SMTP settings and login, in a conversation that keeps its progress."""

    def __init__(self, progress: Progress, **options: Any) -> None:
        super().__init__(timeout=progress.seconds_left(), **options)
        self.progress = progress

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return what makes the connection."""
        base = _SecureConversation if self.use_ssl else _Conversation
        return type("Conversation", (base,), {"progress": self.progress})

    @property
    def key(self) -> Hashable:
        """Return what must be the same for a connection to serve another mail."""
        login = (self.username, self.password, self.use_tls, self.use_ssl)
        return (os.getpid(), self.host, self.port, *login)

    def follow(self, progress: Progress) -> None:
        """Let the open conversation keep the progress of another mail."""
        self.progress = progress
        if isinstance(self.connection, _Conversation):
            self.connection.progress = progress

    def answers(self) -> bool:
        """Return whether the connection still stands."""
        self.follow(Progress(time.monotonic() + NOOP_SECONDS, is_patient=False))
        try:
            return self.connection is not None and self.connection.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def hang_up(self) -> None:
        """End the connection, within little of the time of the mail it served last."""
        soon = time.monotonic() + NOOP_SECONDS
        self.follow(Progress(min(self.progress.deadline, soon), is_patient=False))
        # A connection whose login failed is still open.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.close()


_KEPT: KeptServers[MailServer] = KeptServers()
atexit.register(_KEPT.end_all)


def deliver(mail: EmailMessage, progress: Progress) -> Receipt:
    """Hand the mail to the mail server; raise what its answer means.

    A mail server may end a connection after so many mails: what was not taken on a
    kept one goes out on a new one.
    """
    kept = _kept_server(progress)
    if kept is not None:
        try:
            return _deliver_on(kept, mail, progress)
        except SendError as error:
            if progress.is_content_out or error.code not in ENDED_CODES:
                raise
            progress.refused.clear()
    return _deliver_on(MailServer(progress), mail, progress)


def _kept_server(progress: Progress) -> MailServer | None:
    key = MailServer(progress).key
    while (server := _KEPT.take(key)) is not None:
        if server.answers():
            server.follow(progress)
            return server
        server.hang_up()
    return None


def _deliver_on(server: MailServer, mail: EmailMessage, progress: Progress) -> Receipt:
    is_whole = False
    try:
        server.open()
        server.send_messages([mail])
        is_whole = True
    except (OSError, smtplib.SMTPException) as error:
        if not progress.is_content_out or progress.reply[0] >= 300:
            raise meaning_of(error) from error
        # What follows the answer to the final dot changes nothing any more.
        if progress.reply[0] < 200:
            raise UnknownOutcomeError("email_answer_lost", _said(error)) from error
    finally:
        if is_whole:
            _KEPT.keep(server.key, server)
        else:
            server.hang_up()
    return Receipt(detail=_account(progress))


def _account(progress: Progress) -> str:
    refused = "; ".join(f"{name}: {_quoted(r)}" for name, r in progress.refused.items())
    taken = _quoted(progress.reply)
    return f"{taken}. Refused: {refused}" if refused else taken


def meaning_of(error: OSError | smtplib.SMTPException) -> SendError:
    """Return what an error before the content, or the server's refusal, means."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _recipients_refused(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return refusal(EMAIL_ERRORS, "email_protocol", _said(error))
    if isinstance(error, ssl.SSLError):
        return NotSentError("email_tls_failed", _said(error))
    return NotSentError("email_unreachable", _said(error))


def _refusal(error: smtplib.SMTPResponseException) -> SendError:
    reply = (error.smtp_code, _bytes(error.smtp_error))
    if error.smtp_code == -1:
        return NotSentError("email_unreachable", _quoted(reply))
    return refusal(EMAIL_ERRORS, _code(error, reply), _quoted(reply))


def _code(error: smtplib.SMTPResponseException, reply: Reply) -> str:
    number = reply[0]
    if number in LOGIN_CODES or (
        isinstance(error, smtplib.SMTPAuthenticationError) and number >= 500
    ):
        return "email_login_refused"
    if number < 500:
        return "email_limited" if number == 421 else "email_try_later"
    if number < 505:
        return "email_protocol"
    if number == 552 or b"5.3.4" in reply[1]:
        return "email_too_large"
    is_sender = isinstance(error, smtplib.SMTPSenderRefused)
    return "email_sender_refused" if is_sender else "email_content_refused"


def _recipients_refused(recipients: Mapping[str, Reply]) -> SendError:
    said = "; ".join(f"{name}: {_quoted(r)}" for name, r in recipients.items())
    numbers = {number for number, _text in recipients.values()}
    if 421 in numbers:
        return refusal(EMAIL_ERRORS, "email_limited", said)
    if any(is_passing(reply) for reply in recipients.values()):
        return refusal(EMAIL_ERRORS, "email_try_later", said)
    if numbers & LOGIN_CODES:
        return refusal(EMAIL_ERRORS, "email_login_refused", said)
    is_protocol = all(500 <= number < 505 for number in numbers)
    code = "email_protocol" if is_protocol else "email_recipient_refused"
    return refusal(EMAIL_ERRORS, code, said)


def is_passing(reply: Reply) -> bool:
    return 400 <= reply[0] < 500


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


def _quoted(reply: Reply) -> str:
    text = one_line(_bytes(reply[1]).decode("utf-8", "replace"))[:300]
    return redact(f"{reply[0]} {text}".strip())


def _said(error: Exception) -> str:
    return redact(one_line(f"{type(error).__name__}: {error}"))[:300]
