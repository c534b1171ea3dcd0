"""A mail server on the loopback that answers as it is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.test import override_settings

HANG_UP = "hang up"


@dataclass
class MailBox:
    """What arrived, and the answers to give: by step, or by recipient."""

    answers: Mapping[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    peers: set[object] = field(default_factory=set)
    # After so many mails a connection is ended: at once, or at the next MAIL.
    ends_after: int = 0
    ends_at: str = "at once"
    taken: dict[object, int] = field(default_factory=dict)

    def _has_enough(self, session: Session) -> bool:
        return 0 < self.ends_after <= self.taken.get(session.peer, 0)

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.peers.add(session.peer)
        if self._has_enough(session):
            assert server.transport is not None
            await server.push("421 enough on this connection")
            server.transport.close()
            return "421 enough"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        answer = self.answers.get("DATA", "250 2.0.0 queued as 4711")
        if answer == HANG_UP:
            assert server.transport is not None
            server.transport.close()
        self.taken[session.peer] = self.taken.get(session.peer, 0) + 1
        if self._has_enough(session) and self.ends_at == "at once":
            assert server.transport is not None
            await server.push(answer)
            server.transport.close()
        return answer

    def log_in(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        data: object,
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def mail_server(**answers: str) -> Iterator[MailBox]:
    """Run a mail server that the settings name; `answers` by step or address."""
    with running(answers) as box:
        yield box


@contextmanager
def running(answers: Mapping[str, str]) -> Iterator[MailBox]:
    box = MailBox(answers)
    port = free_port()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=box.log_in,
        auth_require_tls=False,
    )
    controller.start()
    try:
        with override_settings(
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            DEFAULT_FROM_EMAIL="Notices <notices@example.com>",
        ):
            yield box
    finally:
        controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
