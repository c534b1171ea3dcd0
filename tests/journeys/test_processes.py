"""Processes that die, stop and start again: nothing that was accepted is lost."""

import os
import signal
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels_app.delivery.receivers import OK, receiver
from tests.journeys.sandbox import Sandbox
from tests.journeys.service import Installation, Service
from tests.processes import descendants
from tests.waiting import wait_until

pytestmark = pytest.mark.journey


def test_a_worker_killed_in_the_middle_of_a_send_loses_nothing(
    service: Service, sandbox: Sandbox
) -> None:
    user = service.new_user(("slack", "webhook"))
    sandbox.behave("webhook", "hang", count=1)
    content = {"content": f"Hello {user}"}
    [hanging] = service.api.send(
        user_id=user, channels=["webhook"], custom_content=content
    )
    sandbox.wait_for(user, "webhook")
    kill_worker(service)
    others = [
        service.api.send(user_id=user, channels=["slack"], custom_content=content)[0]
        for _ in range(10)
    ]

    wait_until(lambda: service.said().count("worker is ready") >= 2, "it is back", 60)
    for message_id in others:
        assert service.sent(message_id)["log"]["may_duplicate"] is False
    assert len(sandbox.arrived(user, "slack")) == len(others)

    page = service.sent(hanging)
    assert (page["log"]["attempts"], page["log"]["may_duplicate"]) == (2, True)
    assert page["timeline"][2]["outcome"] == "unknown"
    assert "without a word" in page["timeline"][2]["error"]
    assert len(sandbox.arrived(user, "webhook")) == 2


def kill_worker(service: Service) -> None:
    """Kill the worker and all that it runs, as the kernel does when memory is short."""
    family = descendants(service.process.pid).items()
    worker = next(pid for pid, text in family if "manage.py worker" in text)
    for process in (worker, *descendants(worker)):
        os.kill(process, signal.SIGKILL)


def test_a_stop_lets_sends_end_and_a_second_start_keeps_everything(
    installation: Installation,
) -> None:
    may_answer = threading.Event()

    def late(connection: socket.socket, _request: bytes) -> bool:
        may_answer.wait(30)
        connection.sendall(OK)
        return True

    with receiver(late) as outside:
        with installation.started() as service:
            user = user_with_webhook(service, outside.url)
            hanging, answered_late = send_both(service, user)
            planned, _ = send_both(service, user, send_at=tomorrow())
            outside.wait_for_requests(1)
            service.sandbox.wait_for(user, "slack")
            with service.stopping(os.killpg):
                may_answer.set()

        with installation.started() as service:
            log = service.api.message(answered_late)["log"]
            assert (log["status"], log["may_duplicate"]) == ("sent", False)
            assert service.sent(hanging)["log"]["may_duplicate"] is True
            assert service.api.message(planned)["log"]["status"] == "pending"
            path = f"/api/users/{user}/configs"
            assert service.api.expect(200, "GET", path)["meta"]["total"] == 2
        assert len(outside.requests) == 1


def user_with_webhook(service: Service, url: str) -> str:
    """Make a user whose Slack hangs and whose webhook is outside of it all."""
    service.sandbox.behave("slack", "hang")
    user = service.new_user(("slack",))
    form = {"user_id": user, "channel_type": "webhook"}
    hook = {"config_data": {"webhook_url": url}}
    service.api.expect(201, "POST", "/api/user-configs", form | hook)
    return user


def send_both(service: Service, user: str, **more: str) -> list[str]:
    """Send to Slack and to the webhook; return the message ids in this order."""
    content = {"content": f"Hello {user}"}
    channels = ["slack", "webhook"]
    return service.api.send(
        user_id=user, channels=channels, custom_content=content, **more
    )


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()
