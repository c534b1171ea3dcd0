"""Where one user's notifications may go."""

from __future__ import annotations

from collections.abc import Mapping

from channels_app.models import UserConfig


def configs_of_user(*, client_id: int, user_id: str) -> Mapping[str, UserConfig]:
    """Return a user's configs with one client by channel kind, the inactive included."""
    configs = UserConfig.objects.filter(client_id=client_id, user_id=user_id)
    return {config.channel_type: config for config in configs.order_by("channel_type")}
