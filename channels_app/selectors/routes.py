"""Where one user's notifications may go."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from channels_app.models import UserConfig


def configs_of_users(
    *, client_id: int, user_ids: Collection[str]
) -> dict[str, Mapping[str, UserConfig]]:
    """Return the configs of several users with one client in one statement."""
    configs = UserConfig.objects.filter(client_id=client_id, user_id__in=user_ids)
    found: dict[str, dict[str, UserConfig]] = {}
    for config in configs.order_by("channel_type"):
        found.setdefault(config.user_id, {})[config.channel_type] = config
    return dict(found)
