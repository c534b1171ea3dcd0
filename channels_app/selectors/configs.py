"""Channel configs as their client may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from channels_app.models import ApiClient, CannotDecryptError, UserConfig
from channels_app.selectors.masking import UNREADABLE, mask
from channels_app.selectors.visibility import visible_configs
from channels_app.senders.registry import SENDERS


def configs_of(
    client: ApiClient, *, user_id: str | None = None, channel_type: str | None = None
) -> QuerySet[UserConfig]:
    """Return the client's configs in the order of user, channel and age."""
    configs = visible_configs(client)
    if user_id is not None:
        configs = configs.filter(user_id=user_id)
    if channel_type is not None:
        configs = configs.filter(channel_type=channel_type)
    return configs.order_by("user_id", "channel_type", "id")


def configs_of_users(
    *, client_id: int, user_ids: Collection[str]
) -> dict[str, Mapping[str, UserConfig]]:
    """Return the configs of several users with one client in one statement."""
    configs = UserConfig.objects.filter(client_id=client_id, user_id__in=user_ids)
    found: dict[str, dict[str, UserConfig]] = {}
    for config in configs.order_by("channel_type"):
        found.setdefault(config.user_id, {})[config.channel_type] = config
    return dict(found)


def config_of(
    client: ApiClient, *, user_id: str, channel_type: str
) -> UserConfig | None:
    """Return one config; to an admin who has none itself, another client's."""
    found = list(configs_of(client, user_id=user_id, channel_type=channel_type))
    own = [config for config in found if config.client_id == client.pk]
    return next(iter(own or found), None)


def client_names() -> list[tuple[int, str]]:
    """Return the id and the name of each API client, by name."""
    return list(ApiClient.objects.order_by("name").values_list("pk", "name"))


def configs_of_anyone(
    *, user_id: str, channel_type: str, client_id: int | None = None
) -> list[UserConfig]:
    """Return a user's configs for a channel: of each client that has this user."""
    found = UserConfig.objects.filter(user_id=user_id, channel_type=channel_type)
    if client_id is not None:
        found = found.filter(client_id=client_id)
    return list(found.order_by("pk"))


def secret_fields(channel_type: str) -> frozenset[str]:
    """Return the names of a kind's secret fields; empty for an unknown kind."""
    sender = SENDERS.get(channel_type)
    return sender.form.secret_fields if sender else frozenset()


def stored_secrets(config: UserConfig) -> Mapping[str, Any] | None:
    """Return the secrets, or None when their key is lost."""
    try:
        return config.secret_data.reveal() if config.secret_data else {}
    except CannotDecryptError:
        return None


def masked_data(config: UserConfig) -> dict[str, Any]:
    """Return the config with every secret masked, and marked if it is unreadable."""
    secrets = stored_secrets(config)
    if secrets is None:
        hidden = dict.fromkeys(sorted(secret_fields(config.channel_type)), UNREADABLE)
    else:
        hidden = {name: mask(name, value) for name, value in secrets.items()}
    return {**config.public_data, **hidden}
