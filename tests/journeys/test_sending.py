"""A notification from the API to four providers, and what the log tells of it."""

import json
from html import unescape

import pytest

from tests.journeys.calls import Api
from tests.journeys.sandbox import KINDS, Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

WHO = 'Zoë "Q" \\ 张三'
# `_user_id` is the mark by which the test finds its own messages.
CONTENTS = {
    "lark": {"content_type": "text", "content_template": "To {{who}} ({{_user_id}})"},
    "slack": {"content_type": "text", "content_template": "To {{who}} ({{_user_id}})"},
    "telegram": {
        "content_type": "markdown",
        "content_template": "*To* {{who}} \\({{_user_id}}\\)",
    },
    "webhook": {
        "content_type": "json",
        "content_template": {
            "who": "{{who}}",
            "all": "{{everything}}",
            "line": "To {{who}} ({{_user_id}})",
        },
    },
}


def text_at(kind: str, message: dict[str, str]) -> str:
    """Return the words that a provider was given, out of its own kind of body."""
    body = json.loads(message["body"])
    return str(body["content"]["text"] if kind == "lark" else body["text"])


def test_a_template_reaches_all_four_providers_intact(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user()
    form = {"name": "Greeting", "variables": ["who", "everything"]}
    path = f"/api/templates?key=greeting_{user}"
    assert api.expect(200, "POST", path, {**form, "contents": CONTENTS})["success"]

    everything = {"n": 1.5, "list": [None, True, WHO]}
    ids = api.send(
        user_id=user,
        channels=list(KINDS),
        template_key=f"greeting_{user}",
        variables={"who": WHO, "everything": everything},
    )

    line = f"To {WHO} ({user})"
    for kind in ("lark", "slack"):
        [message] = sandbox.wait_for(user, kind)
        assert (message["accepted"], text_at(kind, message)) == (True, line)
    [message] = sandbox.wait_for(user, "telegram")
    assert (message["accepted"], message["seen"]["text"]) == (True, line)
    assert message["seen"]["blocks"][0]["runs"][0] == {
        "text": "To",
        "styles": ["bold"],
        "href": "",
    }
    [message] = sandbox.wait_for(user, "webhook")
    assert json.loads(message["body"]) == {
        "who": WHO,
        "all": everything,
        "line": line,
    }
    notes = {note["name"]: note["value"] for note in message["seen"]["notes"]}
    assert (notes["json"], notes["signature"]) == ("valid", "valid")
    for message_id in ids:
        service.sent(message_id)


def test_own_content_reaches_all_four_providers_intact(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user()
    text = f"{WHO} <b>&amp; *not bold* _{user}_ [x](y)"
    ids = api.send(user_id=user, custom_content={"subject": WHO, "content": text})
    assert len(ids) == len(KINDS)

    [lark] = sandbox.wait_for(user, "lark")
    assert text_at("lark", lark) == f"{WHO}\n{text}"
    [telegram] = sandbox.wait_for(user, "telegram")
    assert telegram["seen"]["text"] == f"{WHO}\n\n{text}"
    [slack] = sandbox.wait_for(user, "slack")
    # Slack's own escapes are all that may stand between; its marks stay marks.
    assert unescape(text_at("slack", slack)).endswith(f"\n{text}")
    [webhook] = sandbox.wait_for(user, "webhook")
    body = json.loads(webhook["body"])
    assert (body["subject"], body["content"]) == (WHO, text)
    assert body["metadata"]["message_id"] in ids
    for message_id in ids:
        service.sent(message_id)


def test_the_log_tells_of_a_sent_message_with_its_tries(
    service: Service, api: Api
) -> None:
    user = service.new_user(("slack",))
    [message_id] = api.send(user_id=user, custom_content={"content": "Hello"})
    page = service.sent(message_id)
    assert [event["event"] for event in page["timeline"]] == [
        "accepted",
        "attempt_started",
        "attempt_ended",
        "sent",
    ]
    assert page["timeline"][2]["http_status"] == 200
    assert page["explanation"] is None
    assert (page["log"]["attempts"], page["log"]["retry_count"]) == (1, 0)

    path = f"/api/notification-logs?user_id={user}&status=sent"
    logs = api.expect(200, "GET", path)["data"]
    assert (logs["total"], logs["logs"][0]["message_id"]) == (1, message_id)
    assert logs["logs"][0]["sent_at"] is not None


@pytest.mark.parametrize("parse_mode", ["none", "MarkdownV2", "HTML"])
def test_a_long_telegram_text_arrives_in_parts_that_are_the_text(
    service: Service, api: Api, sandbox: Sandbox, parse_mode: str
) -> None:
    user = service.new_user(("telegram",), parse_mode=parse_mode)
    words = " ".join(f"{number}.{user}-<张三>" for number in range(1000))
    text = words[:9_999] + "."
    [message_id] = api.send(user_id=user, custom_content={"content": text})
    service.sent(message_id)
    parts = sandbox.arrived(user, "telegram")
    assert len(parts) == 3
    assert all(part["accepted"] for part in parts)
    if parse_mode == "none":
        assert "".join(text_at("telegram", part) for part in parts) == text
    # Telegram takes white space off the ends, so the blank of a cut is not shown.
    assert " ".join(part["seen"]["text"] for part in parts) == text
