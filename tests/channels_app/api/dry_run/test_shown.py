"""dry_run shows what would be sent, to the byte and without a secret."""

import json
from typing import Any

import pytest
from django.conf import LazySettings

from channels_app.models import Secret
from templates_app.services import save_template
from tests.channels_app.api.dry_run.rehearsals import rehearse
from tests.channels_app.rows import BOT_TOKEN, LARK_URL, default_client, make_config

pytestmark = pytest.mark.django_db


def test_what_would_be_sent_is_shown_to_the_byte() -> None:
    make_config(default_client())
    body = rehearse(idempotency_key="k1", dedupe_key="d1")
    assert (body["success"], body["dry_run"], body["would_accept"]) == (True,) * 3
    assert body["refusal"] is None
    [result] = body["results"]
    assert (result["channelType"], result["status"]) == ("lark", "would_send")
    assert (result["content"], result["content_type"]) == ("hello", "text")
    [request] = result["requests"]
    assert request["method"] == "POST"
    assert json.loads(request["body"])["content"] == {"text": "hello"}


def test_the_queue_is_told() -> None:
    make_config(default_client())
    queue = rehearse()["queue"]
    assert (queue["workers_alive"], queue["is_worked"]) == (0, False)
    assert queue["oldest_due_seconds"] is None
    assert sum(queue["depth"].values()) == 0


@pytest.mark.parametrize(
    ("kind", "public", "secrets"),
    [
        ("lark", {"msg_type": "text"}, {"webhook_url": LARK_URL, "secret": "s3cr3t"}),
        ("telegram", {"chat_id": 42}, {"bot_token": BOT_TOKEN}),
        (
            "webhook",
            {"webhook_url": "https://a.example/hook"},
            {"headers": {"Authorization": "s3cr3t"}, "secret": "whsec_czNjcjN0"},
        ),
        ("slack", {}, {"webhook_url": "https://hooks.slack.com/services/T/B/s3cr3t"}),
        ("email", {"to": "a@example.com", "from": "b@example.com"}, {}),
    ],
)
def test_no_secret_is_shown_on_any_channel(
    kind: str,
    public: dict[str, Any],
    secrets: dict[str, Any],
    settings: LazySettings,
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    make_config(
        default_client(),
        channel_type=kind,
        public_data=public,
        secret_data=Secret(secrets) if secrets else None,
    )
    body = rehearse()
    assert body["results"][0]["status"] == "would_send", body
    assert len(body["results"][0]["requests"]) == 1
    shown = json.dumps(body)
    for hidden in ("s3cr3t", "czNjcjN0", BOT_TOKEN.partition(":")[2], "f00-ba4"):
        assert hidden not in shown


def test_a_template_is_rendered_and_its_gaps_are_named() -> None:
    make_config(default_client())
    make_config(default_client(), channel_type="slack")
    content = {"content_type": "text", "content_template": "Hi {{name}} {{gap}}"}
    save_template(key="greet", name="Greet", contents={"lark": content}, author="a")
    form: dict[str, Any] = {
        "custom_content": None,
        "template_key": "greet",
        "variables": {"name": "Zoë"},
    }
    lark, slack = rehearse(channels=["lark", "slack"], **form)["results"]
    assert lark["content"] == "Hi Zoë {{gap}}"
    assert lark["missing_variables"] == ["gap"]
    assert slack["code"] == "template_content_missing"
