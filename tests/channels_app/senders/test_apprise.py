from __future__ import annotations

import json
import socket
import sys
from typing import Any

import pytest
from django.test import override_settings

from channels_app.senders.apprise import AppriseForm, AppriseSender
from channels_app.senders.contract import (
    ContentType,
    NotSentError,
    PermanentSendError,
    RetryableSendError,
    SendError,
    UnknownOutcomeError,
)
from tests.channels_app.delivery.receivers import (
    Behaviour,
    answering,
    closed_port,
    hanging,
    receiver,
    resetting,
)
from tests.channels_app.senders.examples import message

pytest.importorskip("apprise", reason="Apprise is not installed: it is optional.")

CONFIG = {"url": "ntfy://canary-topic"}
REQUIRED = {"url"}
SENDER = AppriseSender()


def reply(status: str, body: str = "{}") -> Behaviour:
    return answering(
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


def send(port: int, **fields: Any) -> None:
    config = {"url": f"ntfy://127.0.0.1:{port}/canary-topic"}
    SENDER.send(config, message(**fields), seconds=1.0)


def refused(port: int) -> SendError:
    with pytest.raises(SendError) as caught:
        send(port)
    assert caught.value.code in SENDER.errors
    assert "canary-topic" not in str(caught.value)
    return caught.value


def test_a_message_arrives_whole() -> None:
    with receiver(reply("200 OK")) as there:
        send(there.port, content='{"who": "Zoë \\"Q\\" 张三"}', subject="Zoë\nalarm")
    body = json.loads(there.requests[0].partition(b"\r\n\r\n")[2])
    assert body["title"] == "Zoë alarm"
    assert body["message"] == '{"who": "Zoë \\"Q\\" 张三"}'
    assert body["topic"] == "canary-topic"


def test_another_service_with_markdown_arrives_too() -> None:
    with receiver(reply("200 OK")) as there:
        SENDER.send(
            {"url": f"gotify://127.0.0.1:{there.port}/AbcdefghijklmnX"},
            message("*hi*", ContentType.MARKDOWN),
            seconds=1.0,
        )
    assert there.requests[0].startswith(b"POST /message ")


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        (reply("401 No"), PermanentSendError, "apprise_refused"),
        (reply("404 Not Found"), PermanentSendError, "apprise_refused"),
        (reply("429 Slow"), RetryableSendError, "apprise_limited"),
        (reply("503 Busy"), RetryableSendError, "apprise_failed"),
        (hanging, UnknownOutcomeError, "apprise_no_answer"),
        (resetting, UnknownOutcomeError, "apprise_no_answer"),
    ],
)
def test_what_apprise_tells_decides(
    behaviour: Behaviour, kind: type[SendError], code: str
) -> None:
    with receiver(behaviour) as there:
        error = refused(there.port)
    assert (type(error), error.code) == (kind, code)


def test_without_a_connection_nothing_was_sent() -> None:
    with closed_port() as port:
        error = refused(port)
    assert (type(error), error.code) == (NotSentError, "apprise_unreachable")


def test_without_an_address_for_the_host_nothing_was_sent() -> None:
    with pytest.raises(NotSentError) as caught:
        SENDER.send({"url": "ntfy://nowhere.invalid/topic"}, message(), seconds=1.0)
    assert caught.value.code == "apprise_unreachable"


def test_an_unreachable_host_after_a_written_request_is_not_sure() -> None:
    with receiver(resetting) as there:
        send_on = f"ntfy://127.0.0.1:{there.port}/one/two"
        with pytest.raises(UnknownOutcomeError):
            SENDER.send({"url": send_on}, message(), seconds=1.0)


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/x",
        "dbus://",
        "syslog://",
        "jsons://127.0.0.1",
        "tgram://1:a/2",
    ],
)
def test_services_that_are_not_open_are_refused_twice(url: str) -> None:
    assert "url" in AppriseForm(data={"url": url}).errors
    with pytest.raises(PermanentSendError) as caught:
        SENDER.send({"url": url}, message(), seconds=1.0)
    assert caught.value.code == "apprise_service_closed"


def test_no_setting_opens_what_acts_on_this_machine() -> None:
    with override_settings(APPRISE_SERVICES=["dbus", "json", "ntfy"]):
        assert AppriseForm(data={"url": "ntfy://topic"}).is_valid()
        assert "url" in AppriseForm(data={"url": "dbus://"}).errors
        assert "url" in AppriseForm(data={"url": "json://127.0.0.1"}).errors


def test_an_address_that_apprise_cannot_read_is_named() -> None:
    with pytest.raises(PermanentSendError) as caught:
        SENDER.send({"url": "discord://short"}, message(), seconds=1.0)
    assert caught.value.code == "apprise_url_invalid"


def test_where_it_is_not_installed_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert "pip install" in str(AppriseForm(data=CONFIG).errors["url"])
    with pytest.raises(PermanentSendError) as caught:
        SENDER.check(CONFIG, message())
    assert caught.value.code == "apprise_not_installed"


def test_time_limits_in_the_address_do_not_count() -> None:
    def silent(connection: socket.socket, _request: bytes) -> bool:
        return True

    with receiver(silent) as there, pytest.raises(UnknownOutcomeError):
        SENDER.send(
            {"url": f"ntfy://127.0.0.1:{there.port}/topic?rto=600&cto=600"},
            message(),
            seconds=0.5,
        )
