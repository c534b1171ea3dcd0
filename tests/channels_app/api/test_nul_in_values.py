"""A value of a template is text whatever it holds: NUL arrives as U+FFFD."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app.models import NotificationLog
from channels_app.senders.registry import SENDERS
from tests.channels_app.rows import default_client, make_config
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

BODY = b'{%s"variables":{"name":"a\\u0000b","more":[{"x":"\\u0000"}]}}'
SEND = BODY % b'"user_id":"u1","template_key":"greet",'
CLEAN = {"name": "a\ufffdb", "more": [{"x": "\ufffd"}]}


@pytest.fixture(autouse=True)
def _template(signed: Signed) -> None:
    make_config(default_client())
    contents = {
        kind: {"content_type": "text", "content_template": "Hello {{name}}"}
        for kind in SENDERS
    }
    body = {"name": "Greet", "variables": ["name"], "contents": contents}
    assert signed("PUT", "/api/templates/greet", body).status_code == 200


def stored() -> dict[str, Any]:
    log = NotificationLog.objects.get()
    return {"content": log.content, "variables": log.variables}


def test_it_is_sent(signed: Signed) -> None:
    assert signed("POST", "/api/notifications/send", body=SEND).status_code == 202
    assert stored() == {"content": "Hello a\ufffdb", "variables": CLEAN}


def test_it_is_sent_in_a_batch(signed: Signed) -> None:
    body = b'{"notifications":[%s]}' % SEND
    answer = signed("POST", "/api/notifications/send-batch", body=body)
    assert answer.json()["accepted"] == 1
    assert stored() == {"content": "Hello a\ufffdb", "variables": CLEAN}


def test_it_is_rendered_for_every_channel(signed: Signed) -> None:
    answer = signed("POST", "/api/templates/greet/render", body=BODY % b"")
    channels = answer.json()["data"]["channels"]
    assert set(channels) == set(SENDERS)
    assert {channel["content"] for channel in channels.values()} == {"Hello a\ufffdb"}
