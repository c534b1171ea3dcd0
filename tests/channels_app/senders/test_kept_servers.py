"""Mails share a connection while it is fresh, against a real mail server."""

from __future__ import annotations

import time

import pytest

from channels_app.senders.contract import ConfigData, SendError
from channels_app.senders.email import EmailSender
from channels_app.senders.kept_servers import KeptServers
from channels_app.senders.smtp import NOOP_SECONDS, MailServer, Progress
from tests.channels_app.senders.examples import message
from tests.channels_app.senders.mail_server import HANG_UP, MailBox, mail_server

TO: ConfigData = {"to": ["zoe@example.com"]}


def send(content: str) -> None:
    EmailSender().send(TO, message(content=content), seconds=5.0)


def texts(box: MailBox) -> list[str]:
    return [mail.get_content().strip() for mail in box.mails]


def test_many_mails_take_one_connection() -> None:
    with mail_server() as box:
        for number in range(5):
            send(f"mail {number}")
    assert texts(box) == [f"mail {number}" for number in range(5)]
    assert len(box.peers) == 1


@pytest.mark.parametrize("step", ["at once", "MAIL"])
def test_a_connection_that_the_server_ends_loses_and_doubles_nothing(step: str) -> None:
    with mail_server() as box:
        box.ends_after = 1
        box.ends_at = step
        for number in range(4):
            send(f"mail {number}")
    assert texts(box) == [f"mail {number}" for number in range(4)]
    assert len(box.peers) == 4


@pytest.mark.parametrize("answer", [HANG_UP, "554 no", "451 later"])
def test_a_connection_on_which_a_mail_failed_is_not_used_again(answer: str) -> None:
    with mail_server() as box:
        send("one")
        box.answers = {"DATA": answer}
        with pytest.raises(SendError):
            send("two")
        box.answers = {}
        send("three")
    assert texts(box) == ["one", "two", "three"]
    assert len(box.peers) == 2


@pytest.mark.parametrize(
    ("mails_seconds", "most"), [(3600.0, NOOP_SECONDS), (0.0, 0.0)]
)
def test_ending_a_connection_waits_neither_long_nor_beyond_its_mail(
    mails_seconds: float, most: float
) -> None:
    with mail_server():
        begun = time.monotonic()
        server = MailServer(Progress(begun + mails_seconds, is_patient=False))
        server.open()
        server.hang_up()
        assert server.connection is None
        ended = time.monotonic()
        assert server.progress.deadline <= ended + most


class Line:
    """A connection that knows whether it was ended."""

    is_ended = False

    def hang_up(self) -> None:
        self.is_ended = True


def test_a_kept_connection_is_in_one_hand_and_for_its_key_only() -> None:
    kept, line = KeptServers[Line](), Line()
    kept.keep("a", line)
    assert kept.take("b") is None
    assert kept.take("a") is line
    assert kept.take("a") is None


def test_what_is_kept_too_long_is_ended() -> None:
    kept, line = KeptServers[Line](idle_seconds=-1.0), Line()
    kept.keep("a", line)
    assert kept.take("a") is None
    assert line.is_ended
