"""No secret of a channel config comes back; its mask, sent back, keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import LazySettings

from channels_app.models import UserConfig
from channels_app.senders.registry import SENDERS
from tests.conftest import Signed

MARK = "s3cr3t"
LINK = f"https://hooks.example.com/{MARK}/path"
CONFIGS: Mapping[str, dict[str, Any]] = {
    "lark": {"webhook_url": LINK, "secret": f"{MARK}-of-lark"},
    "telegram": {"bot_token": f"123456:{MARK}-of-the-bot", "chat_id": "-100123"},
    "webhook": {
        "webhook_url": "https://receiver.example.com/in",
        "headers": {"Authorization": f"Bearer {MARK}", "X-Own": MARK},
        "secret": f"whsec_{MARK}",
    },
    "slack": {"webhook_url": f"https://hooks.slack.com/services/T0/B0/{MARK}"},
    "email": {"to": "someone@example.com"},
    "apprise": {"url": f"ntfys://ntfy.example.com/{MARK}"},
}

pytestmark = pytest.mark.django_db
every_kind = pytest.mark.parametrize("kind", sorted(SENDERS))


@pytest.fixture(autouse=True)
def _outside(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.example.com"


def stored(kind: str) -> dict[str, Any]:
    return dict(UserConfig.objects.get(channel_type=kind).config_data())


def save(signed: Signed, kind: str, data: object) -> Any:
    body = {"user_id": "u1", "channel_type": kind, "config_data": data}
    return signed("POST", "/api/user-configs", body)


def test_every_kind_is_looked_at() -> None:
    assert set(CONFIGS) == set(SENDERS)


@every_kind
def test_no_answer_shows_a_secret(signed: Signed, kind: str) -> None:
    whole = {"configs": [{"channel_type": kind, "config_data": CONFIGS[kind]}]}
    one = f"/api/users/u1/configs/{kind}"
    answers = [
        save(signed, kind, CONFIGS[kind]),
        save(signed, kind, CONFIGS[kind]),
        signed("GET", "/api/user-configs"),
        signed("GET", "/api/users/u1/configs"),
        signed("GET", one),
        signed("PUT", one, {"config_data": CONFIGS[kind]}),
        signed("PUT", "/api/users/u1/configs", whole),
        save(signed, kind, {**CONFIGS[kind], "nobody_knows": MARK}),
    ]
    for answer in answers:
        assert answer.status_code in {200, 201, 400}, answer.content
        assert MARK not in answer.content.decode()


@every_kind
def test_what_was_shown_can_be_sent_back_in_every_way(
    signed: Signed, kind: str
) -> None:
    save(signed, kind, CONFIGS[kind])
    before = stored(kind)
    one = f"/api/users/u1/configs/{kind}"
    shown = signed("GET", one).json()["data"]["config_data"]
    whole = {"configs": [{"channel_type": kind, "config_data": shown}]}
    for answer in (
        save(signed, kind, shown),
        signed("PUT", one, {"config_data": shown}),
        signed("PUT", "/api/users/u1/configs", whole),
    ):
        assert answer.status_code == 200, answer.content
        assert stored(kind) == before


def test_one_header_is_changed_beside_a_masked_one(signed: Signed) -> None:
    save(signed, "webhook", CONFIGS["webhook"])
    shown = signed("GET", "/api/users/u1/configs/webhook").json()["data"]
    data = shown["config_data"]
    data["headers"]["X-Own"] = "new"
    assert save(signed, "webhook", data).status_code == 200
    assert stored("webhook")["headers"] == {
        "Authorization": f"Bearer {MARK}",
        "X-Own": "new",
    }


def test_a_mask_of_nothing_is_no_secret(signed: Signed) -> None:
    data = {"bot_token": "123456:****", "chat_id": "1"}
    answer = save(signed, "telegram", data)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
    save(signed, "telegram", CONFIGS["telegram"])
    other = {**CONFIGS["telegram"], "bot_token": "654321:****"}
    assert save(signed, "telegram", other).status_code == 400
    assert stored("telegram")["bot_token"] == CONFIGS["telegram"]["bot_token"]
