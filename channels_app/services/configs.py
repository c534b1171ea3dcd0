"""Storing where users can be reached: validated, secrets sealed, masks undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from channels_app.models import ApiClient, Guarantee, Notice, Secret, UserConfig
from channels_app.selectors.visibility import visible_configs
from channels_app.services.config_checks import (
    CheckedConfig,
    ConfigInput,
    InvalidConfigError,
    check_all,
    check_config,
    check_user_id,
    invalid_config,
    require_distinct_channels,
    require_known_channels,
)


@dataclass(frozen=True)
class SavedConfig:
    """A stored config, whether it is new, and what its owner should know."""

    config: UserConfig
    created: bool
    warnings: tuple[str, ...] = ()


def save_config(
    *,
    client: ApiClient,
    user_id: str,
    channel_type: str,
    data: Mapping[str, Any],
    is_active: bool | None = None,
    guarantee: str | None = None,
) -> SavedConfig:
    """Create or replace one config. A masked value keeps the secret that is stored.

    Raises RequestRefusedError with INVALID_CHANNEL_TYPE, or INVALID_PARAMETER and
    the messages of each field in its details.
    """
    check_user_id(user_id)
    wanted = ConfigInput(channel_type, data, is_active, guarantee)
    require_known_channels([wanted])
    try:
        checked = check_config(wanted, _stored(client, user_id).get(channel_type))
    except InvalidConfigError as error:
        raise invalid_config(error.problems) from error
    with transaction.atomic():
        return _write(client, user_id, checked)


def replace_configs(
    *, client: ApiClient, user_id: str, configs: Sequence[ConfigInput]
) -> list[SavedConfig]:
    """Make these the only configs of the user with this client, all or none.

    Everything is validated before the transaction. Raises RequestRefusedError with
    INVALID_CHANNEL_TYPE, or INVALID_PARAMETER with keys like `configs[0].chat_id`.
    """
    check_user_id(user_id)
    require_known_channels(configs)
    require_distinct_channels(configs)
    checked = check_all(configs, _stored(client, user_id))
    with transaction.atomic():
        saved = _replace(client, user_id, checked)
    return [saved[config.channel_type] for config in configs]


def delete_config(*, config: UserConfig) -> None:
    """Delete one config; deliveries that wait for it fail with `config_missing`."""
    config.delete()


def delete_configs(
    *, client: ApiClient, user_id: str, channel_type: str | None = None
) -> int:
    """Delete a user's configs (of one channel) that the client sees; return how many."""
    found = visible_configs(client).filter(user_id=user_id)
    if channel_type is not None:
        found = found.filter(channel_type=channel_type)
    with transaction.atomic():
        return found.delete()[1].get(UserConfig._meta.label, 0)


def _own(client: ApiClient, user_id: str) -> QuerySet[UserConfig]:
    return UserConfig.objects.filter(client=client, user_id=user_id)


def _stored(client: ApiClient, user_id: str) -> dict[str, UserConfig]:
    return {config.channel_type: config for config in _own(client, user_id)}


def _replace(
    client: ApiClient, user_id: str, checked: Sequence[CheckedConfig]
) -> dict[str, SavedConfig]:
    """Write the set; a client's replacers go one by one, as two would deadlock."""
    ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)
    by_channel = {config.wanted.channel_type: config for config in checked}
    _own(client, user_id).exclude(channel_type__in=by_channel).delete()
    return {
        channel_type: _write(client, user_id, config)
        for channel_type, config in by_channel.items()
    }


def _write(client: ApiClient, user_id: str, checked: CheckedConfig) -> SavedConfig:
    wanted = checked.wanted
    fields: dict[str, Any] = {
        "public_data": checked.public,
        "secret_data": Secret(checked.secret) if checked.secret else None,
    }
    if wanted.is_active is not None:
        fields["is_active"] = wanted.is_active
    if wanted.guarantee is not None:
        fields["guarantee"] = Guarantee(wanted.guarantee)
    config, created = UserConfig.objects.select_for_update().get_or_create(
        client=client,
        user_id=user_id,
        channel_type=wanted.channel_type,
        defaults=fields,
    )
    if not created:
        for name, value in fields.items():
            setattr(config, name, value)
        _clear_reason(config, wanted)
        config.version += 1
        config.save()
    return SavedConfig(config, created, checked.warnings)


def _clear_reason(config: UserConfig, wanted: ConfigInput) -> None:
    """Switch a config that the product had switched off on again: it was mended.

    Whoever switches it off in so many words ends its probes.
    """
    if wanted.is_active is None and config.disabled_reason:
        config.is_active = True
    if config.is_active or wanted.is_active is False:
        _forget_disabling(config)


def _forget_disabling(config: UserConfig) -> None:
    """Drop what the product noted when it switched a config off: a person decided."""
    config.disabled_reason = ""
    config.disabled_at = None
    config.next_probe_at = None
    config.notice_due = Notice.NONE
