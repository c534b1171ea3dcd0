"""Which channel configs have an open bridge."""

from __future__ import annotations

from channels_app.models import UserConfig

# As words, not parameters: only so does SQLite use the index of what has a bridge.
_WITH_BRIDGE = """
    SELECT * FROM user_configs WHERE user_id = %s AND channel_type = %s
    AND NOT (bridge_token_hash = '')"""


def bridges_of(*, user_id: str, channel_type: str) -> list[UserConfig]:
    """Return a user's configs of one kind that have a bridge, one for each client."""
    found = UserConfig.objects.raw(_WITH_BRIDGE, [user_id, channel_type])
    return [config for config in found if config.client.is_active]
