"""Where one user's notifications may go."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from channels_app.models import UserConfig

# Every accepted request asks this; making the statement costs more than running it, and
# a column that nobody reads costs too.
_OF_USER = """
    SELECT id, client_id, user_id, channel_type, public_data, secret_data, is_active,
        guarantee
    FROM user_configs WHERE client_id = %s AND user_id = %s"""


def configs_of_user(*, client_id: int, user_id: str) -> Mapping[str, UserConfig]:
    """Return a user's configs with one client by channel kind, the inactive included."""
    configs = UserConfig.objects.raw(_OF_USER, [client_id, user_id])
    found = {config.channel_type: config for config in configs}
    return {kind: found[kind] for kind in sorted(found)}


def configs_of_users(
    *, client_id: int, user_ids: Collection[str]
) -> dict[str, Mapping[str, UserConfig]]:
    """Return the configs of several users with one client in one statement."""
    configs = UserConfig.objects.filter(client_id=client_id, user_id__in=user_ids)
    found: dict[str, dict[str, UserConfig]] = {}
    for config in configs.order_by("channel_type"):
        found.setdefault(config.user_id, {})[config.channel_type] = config
    return dict(found)
