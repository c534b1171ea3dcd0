"""The pages of channel configs, and what a person fills in on them."""

from typing import Any

from django.urls import reverse

from channels_app.models import UserConfig
from channels_app.services.configs import save_config
from tests.channels_app.rows import default_client

CANARY = "canary-5a7d1"
LIST = "/admin/channels_app/userconfig/"
SECRETS: dict[str, dict[str, Any]] = {
    "telegram": {"bot_token": f"123456789:AAH{CANARY}-abcdefghij", "chat_id": "-1001"},
    "lark": {
        "webhook_url": f"https://open.feishu.cn/open-apis/bot/v2/hook/{CANARY}",
        "secret": f"{CANARY}-signing",
    },
    "slack": {"webhook_url": f"https://hooks.slack.com/services/T0/B0/{CANARY}"},
    "webhook": {
        "webhook_url": "https://receiver.example.com/in",
        "headers": {"Authorization": f"Bearer {CANARY}"},
        "secret": f"{CANARY}-signing",
    },
    "email": {"to": "zoe@example.com"},
    "apprise": {"url": f"ntfy://{CANARY}"},
}


def stored(kind: str, user_id: str = "u1") -> UserConfig:
    return save_config(
        client=default_client(), user_id=user_id, channel_type=kind, data=SECRETS[kind]
    ).config


def add_page(kind: str) -> str:
    return f"{LIST}add/?channel_type={kind}"


def change_page(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_change", args=[config.pk])


def filled_in(kind: str, **changes: str) -> dict[str, str]:
    """Return what a person posts for a kind; headers are written as lines."""
    data = {name: as_written(value) for name, value in SECRETS[kind].items()}
    return {
        "client": str(default_client().pk),
        "user_id": "u1",
        "is_active": "on",
        "guarantee": "at_least_once",
        **{f"config_{name}": value for name, value in data.items()},
        **changes,
    }


def as_written(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    return str(value)


def on_every_form(**changes: str) -> dict[str, str]:
    return {"is_active": "on", "guarantee": "at_least_once", **changes}
