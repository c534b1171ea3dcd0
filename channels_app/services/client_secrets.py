"""Making API clients and their secrets; a secret is told once, when it is made."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from channels_app.models import DEFAULT_KEY_ID, ApiClient, Secret
from channels_app.selectors.clients import forget_signers

SECRET_BYTES = 32


class SecretIsASettingError(Exception):
    """The default client's secret is API_SECRET_KEY and cannot be made here."""


@dataclass(frozen=True)
class NewSecret:
    """A client with the secret that was just made for it."""

    client: ApiClient
    secret: str = field(repr=False)


def create_client(
    *,
    name: str,
    scopes: Sequence[str],
    is_active: bool = True,
    sends_per_minute: int | None = None,
) -> NewSecret:
    """Store a new client under a fresh key id with a fresh secret."""
    secret = _new_secret()
    client = ApiClient(
        name=name,
        scopes=list(scopes),
        is_active=is_active,
        sends_per_minute=sends_per_minute,
    )
    client.secret = Secret(secret)
    client.save()
    return NewSecret(client, secret)


def renew_secret(*, client: ApiClient) -> NewSecret:
    """Give a client another secret; what is signed with the old one is refused.

    Raises SecretIsASettingError for the default client.
    """
    if client.key_id == DEFAULT_KEY_ID:
        raise SecretIsASettingError
    secret = _new_secret()
    client.secret = Secret(secret)
    client.save(update_fields=["secret"])
    forget_signers()
    return NewSecret(client, secret)


def change_client(
    *,
    client: ApiClient,
    name: str,
    scopes: Sequence[str],
    is_active: bool,
    sends_per_minute: int | None,
) -> ApiClient:
    """Change what a client is called and may do; its secret stays."""
    client.name = name
    client.scopes = list(scopes)
    client.is_active = is_active
    client.sends_per_minute = sends_per_minute
    client.save(update_fields=["name", "scopes", "is_active", "sends_per_minute"])
    forget_signers()
    return client


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)
