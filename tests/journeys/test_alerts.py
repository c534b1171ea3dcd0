"""Programs that do not sign, on a running service: Grafana, and a bridge."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.journeys.calls import Answer, Api, request
from tests.journeys.sandbox import Sandbox
from tests.journeys.service import Installation, Service

pytestmark = pytest.mark.journey

PAYLOADS = Path(__file__).parents[1] / "payloads" / "grafana"
LOGIN = base64.b64encode(b"grafana:for the journeys").decode()
OPEN_BRIDGE = """
from channels_app.models import UserConfig
from channels_app.services.bridges import open_bridge
print(open_bridge(config=UserConfig.objects.get(user_id={user!r})))
"""


def posted(api: Api, user: str, name: str) -> Any:
    """Post a body of Grafana's for a user; return the answer's data."""
    # The folder of the rule is the mark by which the test finds its own messages.
    text = (PAYLOADS / name).read_text().replace("Machines", user)
    body = json.loads(text) | {"receiver": user}
    headers = {
        "Authorization": f"Basic {LOGIN}",
        "Content-Type": "application/json",
        "X-Notification-Channels": "lark,webhook",
    }
    raw = json.dumps(body).encode()
    answer = request(api.port, "POST", "/api/webhooks/grafana", raw, headers)
    assert answer.status == 200, answer.body
    return answer.json()["data"]


def test_alerts_of_grafana_arrive_firing_and_resolved(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user(("lark", "webhook"))
    for count, (name, mark) in enumerate(
        (("firing.json", "FIRING:2"), ("resolved.json", "RESOLVED:1")), start=1
    ):
        data = posted(api, user, name)
        assert posted(api, user, name)["message_ids"] == data["message_ids"]
        assert len(data["message_ids"]) == 2
        for message_id in data["message_ids"]:
            assert mark in service.sent(message_id)["log"]["subject"]
        for kind in ("lark", "webhook"):
            messages = sandbox.wait_for(user, kind, count)
            assert len(messages) == count
            assert all(message["accepted"] for message in messages)
            assert any(mark in message["body"] for message in messages)


def test_a_bridge_takes_what_curl_sends_and_no_log_has_its_token(
    installation: Installation,
) -> None:
    installation.environment["GUNICORN_CMD_ARGS"] = "--access-logfile -"
    with installation.started() as service:
        user = service.new_user(("webhook",))
        said = installation.manage("shell", "-c", OPEN_BRIDGE.format(user=user))
        token = said.split()[-1]
        answer = bridge(service.api, user, token, b"The backup failed.")
        assert answer.status == 202, answer.body
        [result] = answer.json()["results"]
        assert service.sent(result["message_id"])["log"]["content"]
        assert service.sandbox.arrived("The backup failed.")
        wrong = bridge(service.api, user, f"{token}x", b"hello")
        assert (wrong.status, wrong.json()["code"]) == (401, "INVALID_CREDENTIALS")
        service.stop()
    assert "token=**** HTTP/1.1" in service.said()
    assert token not in service.said()


def bridge(api: Api, user: str, token: str, body: bytes) -> Answer:
    path = f"/web_hook/bridge/{quote(user)}/webhook?token={token}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return request(api.port, "POST", path, body, form)


@pytest.mark.parametrize("charset", ["base64", "undefined"])
def test_a_charset_that_is_none_is_no_error_of_ours(api: Api, charset: str) -> None:
    kind = {"Content-Type": f"application/json; charset={charset}"}
    answer = request(api.port, "POST", "/api/notifications/send?a=1", b"{}", kind)
    assert (answer.status, answer.json()["code"]) == (401, "MISSING_AUTH_HEADERS")
