"""What the service mends by itself, once, and says so."""

import pytest

from tests.journeys.calls import Api
from tests.journeys.sandbox import Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey


def test_broken_markup_is_sent_once_more_as_plain_text(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user(("telegram",))
    content = {
        "content_type": "markdown",
        # The older Markdown takes the full stop; this config's MarkdownV2 does not.
        "content_template": "Report for {{_user_id}}: {{detail}}.",
    }
    form = {"name": "Report", "variables": ["detail"]}
    path = f"/api/templates?key=report_{user}"
    api.expect(200, "POST", path, {**form, "contents": {"telegram": content}})
    detail = "5 - 3 = 2 (_sure_)"
    [message_id] = api.send(
        user_id=user, template_key=f"report_{user}", variables={"detail": detail}
    )
    page = service.sent(message_id)
    assert page["log"]["attempts"] == 2
    assert page["log"]["is_corrected"] is True
    assert page["log"]["send_plain"] is True
    assert page["timeline"][2]["error_code"] == "markup_invalid"
    refused, accepted = sandbox.arrived(user, "telegram")
    assert "can't parse entities" in refused["reason"]
    assert accepted["accepted"]
    assert accepted["seen"]["text"] == f"Report for {user}: {detail}."
    [block] = accepted["seen"]["blocks"]
    assert [run["styles"] for run in block["runs"]] == [[]]


def test_a_migrated_chat_is_found_at_its_new_address(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user(("telegram",), chat_id=-1)
    [message_id] = api.send(user_id=user, custom_content={"content": f"Hello {user}"})
    page = service.sent(message_id)
    assert page["timeline"][2]["error_code"] == "chat_migrated"
    assert page["log"]["is_corrected"] is True
    assert page["log"]["send_plain"] is False
    config = api.expect(200, "GET", f"/api/users/{user}/configs/telegram")["data"]
    assert str(config["config_data"]["chat_id"]) == "-1001"

    [second] = api.send(user_id=user, custom_content={"content": f"Again {user}"})
    assert service.sent(second)["log"]["attempts"] == 1
    chats = [
        note["value"]
        for message in sandbox.arrived(user, "telegram")
        for note in message["seen"]["notes"]
        if note["name"] == "chat"
    ]
    assert chats == ["-1", "-1001", "-1001"]
