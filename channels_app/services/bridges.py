"""Bridges: addresses at which any program that knows a token may post to a config."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from channels_app.models import UserConfig
from channels_app.selectors.bridges import bridges_of
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.shared_keys import count_wrong_key


def open_bridge(*, config: UserConfig) -> str:
    """Make a new token and return it; it is not kept, and an older one opens no more."""
    token = secrets.token_urlsafe(32)
    _store(config, _hash(token))
    return token


def close_bridge(*, config: UserConfig) -> None:
    """Let no token open a config's bridge."""
    _store(config, "")


def config_behind(
    *, user_id: str, channel_type: str, token: str, remote: str
) -> UserConfig:
    """Return the config whose bridge a token opens.

    Raises RequestRefusedError: NOT_FOUND where no bridge is open, INVALID_CREDENTIALS
    for another token, RATE_LIMITED for too many of them from one address.
    """
    bridges = bridges_of(user_id=user_id, channel_type=channel_type)
    if not bridges:
        raise RequestRefusedError("NOT_FOUND")
    given = _hash(token)
    alike = [hmac.compare_digest(given, one.bridge_token_hash) for one in bridges]
    if not any(alike):
        count_wrong_key("bridge", remote=remote)
        raise RequestRefusedError("INVALID_CREDENTIALS")
    return bridges[alike.index(True)]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _store(config: UserConfig, token_hash: str) -> None:
    UserConfig.objects.filter(pk=config.pk).update(bridge_token_hash=token_hash)
    config.bridge_token_hash = token_hash
