"""Rendering over the API: what each channel would send, byte for byte."""

import json
from typing import Any

import pytest

from channels_app.models import NotificationLog
from channels_app.senders.registry import SENDERS
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

HELLO = {"content_template": "Hello {{name}}", "subject_template": "Hi"}
CARD = {"msg_type": "text", "content": {"text": "Hello {{name}}"}}
BODY: dict[str, Any] = {
    "name": "Welcome",
    "variables": ["name"],
    "contents": {
        "lark": {"content_type": "json", "content_template": CARD},
        "webhook": HELLO,
    },
}


def saved(signed: Signed, **changes: Any) -> None:
    answer = signed("PUT", "/api/templates/welcome", {**BODY, **changes})
    assert answer.status_code == 200, answer.content


def shown(signed: Signed, name: str = "Ada") -> dict[str, Any]:
    body = {"variables": {"name": name}}
    answer = signed("POST", "/api/templates/welcome/render", body).json()
    channels: dict[str, Any] = answer["data"]["channels"]
    return channels


def test_rendering_shows_each_channel_and_sends_nothing(signed: Signed) -> None:
    saved(signed)
    values = {"variables": {"name": 'Zoë "Q" \\ 张三'}}
    data = signed("POST", "/api/templates/welcome/render", values).json()["data"]
    assert set(data["channels"]) == {"lark", "webhook"}
    assert data["channels"]["webhook"]["content"] == 'Hello Zoë "Q" \\ 张三'
    assert data["channels"]["webhook"]["subject"] == "Hi"
    assert '\\"Q\\"' in data["channels"]["lark"]["content"]


def test_rendering_one_channel_warns_of_what_has_no_value(signed: Signed) -> None:
    saved(signed)
    answer = signed("POST", "/api/templates/welcome/render", {"channel": "webhook"})
    channels = answer.json()["data"]["channels"]
    assert list(channels) == ["webhook"]
    assert "{{name}}" in channels["webhook"]["content"]
    assert "name" in channels["webhook"]["warnings"][0]


def test_rendering_without_a_needed_value_says_so(signed: Signed) -> None:
    saved(signed, undefined="refuse")
    one = signed("POST", "/api/templates/welcome/render", {"channel": "webhook"})
    assert (one.status_code, one.json()["code"]) == (400, "TEMPLATE_RENDER_ERROR")
    every = signed("POST", "/api/templates/welcome/render", {}).json()["data"]
    assert every["channels"]["webhook"]["error"]["remedy"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"channel": "slack"}, "MISSING_CONTENT"),
        ({"channel": 5}, "MISSING_CONTENT"),
        ({"channel": "x" * 21}, "INVALID_PARAMETER"),
        ({"variables": [1]}, "INVALID_PARAMETER"),
        ({"variables": "x"}, "INVALID_PARAMETER"),
    ],
)
def test_a_bad_render_request_is_refused(
    signed: Signed, body: dict[str, Any], code: str
) -> None:
    saved(signed)
    answer = signed("POST", "/api/templates/welcome/render", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", ["none", "%00", "a%20b"])
def test_a_template_that_is_not_there_is_not_found(signed: Signed, path: str) -> None:
    answer = signed("POST", f"/api/templates/{path}/render")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_each_channel_shows_its_requests_byte_for_byte(signed: Signed) -> None:
    saved(signed, contents=dict.fromkeys(SENDERS, HELLO))
    channels = shown(signed, 'Zoë "Q" \\ 张三')
    assert set(channels) == set(SENDERS)
    for row in channels.values():
        [request] = row["requests"]
        assert request["body"]
        assert row["refusal"] is None
    [lark] = channels["lark"]["requests"]
    assert lark["method"] == "POST"
    assert lark["content_type"].startswith("application/json")
    text = json.loads(lark["body"])["content"]["text"]
    assert text == 'Hi\nHello Zoë "Q" \\ 张三'
    [mail] = channels["email"]["requests"]
    assert (mail["method"], mail["content_type"]) == (None, None)
    assert "Subject: Hi" in mail["body"]
    assert not NotificationLog.objects.exists()


def test_meters_tell_how_much_of_a_limit_is_used(signed: Signed) -> None:
    saved(signed)
    lark = shown(signed)["lark"]
    [meter] = lark["meters"]
    [request] = lark["requests"]
    assert meter["used"] == len(request["body"].encode())
    assert (meter["unit"], meter["limit"], meter["is_over"]) == ("bytes", 20480, False)


def test_what_a_sender_would_refuse_is_told_and_spoils_no_other(
    signed: Signed,
) -> None:
    saved(signed, contents={"lark": HELLO, "webhook": HELLO})
    channels = shown(signed, "x" * 30_000)
    lark = channels["lark"]
    assert lark["requests"] == []
    assert lark["refusal"]["code"] in SENDERS["lark"].errors
    assert lark["refusal"]["title"]
    assert lark["refusal"]["remedy"]
    assert channels["webhook"]["refusal"] is None
    assert channels["webhook"]["requests"]
