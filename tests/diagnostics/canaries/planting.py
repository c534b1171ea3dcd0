"""Distinctive secrets, planted in every place where this product keeps secrets."""

import secrets
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from channels_app.models import Scope, UserConfig
from channels_app.senders.registry import SENDERS
from channels_app.services.bridges import open_bridge
from channels_app.services.client_secrets import add_secret, create_client
from channels_app.services.configs import save_config
from tests.channels_app.delivery.deliveries import default_client

# What the settings hold; each is replaced, but for those that sealed rows before.
SETTINGS = (
    "ADMIN_KEY",
    "BACKUP_PASSPHRASE",
    "BASIC_AUTH_PASSWORD",
    "EMAIL_HOST_PASSWORD",
    "METRICS_TOKEN",
)
KEPT_SETTINGS = ("API_SECRET_KEY", "ENCRYPT_KEY", "SECRET_KEY")


def canary(name: str) -> str:
    """Return a secret that turns up nowhere by chance, and says where it was planted."""
    return f"canary{name}{secrets.token_hex(8)}".replace("_", "").replace(".", "")


def config_data(kind: str, token: str) -> dict[str, Any]:
    """Return a config of a kind whose every secret field holds the token."""
    known: dict[str, dict[str, Any]] = {
        "lark": {
            "webhook_url": f"https://open.larksuite.com/open-apis/bot/v2/hook/{token}",
            "secret": f"{token}-sign",
        },
        "slack": {"webhook_url": f"https://hooks.slack.com/services/T0/B0/{token}"},
        "telegram": {"bot_token": f"123456:{token}", "chat_id": 42},
        "webhook": {
            "webhook_url": "https://receiver.example/hook",
            "headers": {"Authorization": f"Bearer {token}", "X-Key": f"{token}-key"},
            "secret": f"{token}-sign",
        },
        "apprise": {"url": f"gotify://gotify.example/{token}"},
        "email": {"to": "carol@example.com"},
    }
    return known[kind]


def plant(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Plant a secret in every place; return each by its place."""
    planted = {**_in_settings(settings), **_in_addresses(settings, monkeypatch)}
    planted |= _in_configs()
    return planted | _in_clients()


def _in_settings(settings: LazySettings) -> dict[str, str]:
    for name in SETTINGS:
        setattr(settings, name, canary(name))
    return {name: getattr(settings, name) for name in (*SETTINGS, *KEPT_SETTINGS)}


def _in_addresses(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Give the database and Redis a password; nobody answers at that Redis."""
    redis, database = canary("redis"), canary("database")
    settings.REDIS_URL = f"redis://:{redis}@127.0.0.1:9/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.REDIS_URL,
        }
    }
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", database)
    return {"REDIS_URL": redis, "DATABASE_URL": database}


def _in_configs() -> dict[str, str]:
    planted = {}
    for kind, sender in SENDERS.items():
        token = canary(kind)
        data = config_data(kind, token)
        assert sender.form.secret_fields <= set(data), kind
        save_config(
            client=default_client(), user_id="carol", channel_type=kind, data=data
        )
        if sender.form.secret_fields:
            planted[f"a config of {kind}"] = token
    config = UserConfig.objects.get(channel_type="webhook")
    return planted | {"a bridge": open_bridge(config=config)}


def _in_clients() -> dict[str, str]:
    first = create_client(name="shop", scopes=[Scope.SEND])
    second = add_secret(client=first.client)
    return {"an older secret": first.secret, "a newer secret": second.secret}
