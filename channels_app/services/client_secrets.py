"""Making API clients and their secrets; a secret is told once, when it is made."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models.functions import Now

from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    CannotDecryptError,
    Secret,
)
from channels_app.selectors.clients import forget_signers

SECRET_BYTES = 32
_NEW_COLUMNS = ("secret", "secret_made_at", "secret_used_at")
_OLD_COLUMNS = ("old_secret", "old_secret_made_at", "old_secret_used_at")


class SecretIsASettingError(Exception):
    """The default client's secret is API_SECRET_KEY and cannot be made here."""


class TwoSecretsError(Exception):
    """A client has two secrets already: one must be retired before a third is made."""


class OnlySecretError(Exception):
    """A client's only secret is not retired: a client without one is switched off."""


@dataclass(frozen=True)
class NewSecret:
    """A client with the secret that was just made for it."""

    client: ApiClient
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Terms:
    """What a client may do, but for its scopes; None as a limit: the setting holds."""

    allowed_users: Sequence[str] = ()
    needs_signature_v2: bool = False
    is_active: bool = True
    sends_per_minute: int | None = None
    management_per_minute: int | None = None
    logs_per_minute: int | None = None


def create_client(
    *, name: str, scopes: Sequence[str], terms: Terms | None = None
) -> NewSecret:
    """Store a new client under a fresh key id with a fresh secret."""
    secret = _new_secret()
    client = ApiClient()
    _set_terms(client, name, scopes, terms or Terms())
    client.secret = Secret(secret)
    client.save()
    ApiClient.objects.filter(pk=client.pk).update(secret_made_at=Now())
    return NewSecret(client, secret)


def change_client(
    *, client: ApiClient, name: str, scopes: Sequence[str], terms: Terms
) -> ApiClient:
    """Change what a client is called and may do; its secrets stay."""
    _set_terms(client, name, scopes, terms)
    client.save(update_fields=["name", "scopes", *asdict(terms)])
    forget_signers()
    return client


def add_secret(*, client: ApiClient) -> NewSecret:
    """Give a client a second secret; the present one is good until it is retired.

    Raises SecretIsASettingError for the default client, TwoSecretsError for one that
    has two.
    """
    secret = _new_secret()
    with transaction.atomic():
        locked = _locked(client)
        if locked.old_secret is not None:
            raise TwoSecretsError
        _become_old(locked)
        locked.secret = Secret(secret)
        locked.save(update_fields=["secret", *_OLD_COLUMNS])
        _forget_times(locked)
    forget_signers()
    return NewSecret(locked, secret)


def retire_secret(*, client: ApiClient, is_old: bool) -> ApiClient:
    """End one of a client's two secrets; what it signed is refused from now on.

    Raises SecretIsASettingError for the default client, OnlySecretError for one that
    has not two.
    """
    with transaction.atomic():
        locked = _locked(client)
        if locked.old_secret is None:
            raise OnlySecretError
        if not is_old:
            _become_new(locked)
        for name in _OLD_COLUMNS:
            setattr(locked, name, None)
        locked.save(update_fields=[*_NEW_COLUMNS, *_OLD_COLUMNS])
    forget_signers()
    return locked


def _locked(client: ApiClient) -> ApiClient:
    if client.key_id == DEFAULT_KEY_ID:
        raise SecretIsASettingError
    return ApiClient.objects.select_for_update().get(pk=client.pk)


def _become_old(client: ApiClient) -> None:
    """Keep the present secret beside the next one; one that does not open is lost."""
    try:
        client.old_secret = _moved(client.secret)
    except CannotDecryptError:
        client.old_secret = None
    client.old_secret_made_at = client.secret_made_at
    client.old_secret_used_at = client.secret_used_at


def _become_new(client: ApiClient) -> None:
    client.secret = _moved(client.old_secret)
    client.secret_made_at = client.old_secret_made_at
    client.secret_used_at = client.old_secret_used_at


def _moved(secret: Secret | None) -> Secret | None:
    """Return a secret for another column: a ciphertext is bound to its own."""
    return Secret(secret.reveal()) if secret else None


def _forget_times(client: ApiClient) -> None:
    made = {"secret_made_at": Now(), "secret_used_at": None}
    ApiClient.objects.filter(pk=client.pk).update(**made)


def _set_terms(
    client: ApiClient, name: str, scopes: Sequence[str], terms: Terms
) -> None:
    client.name = name
    client.scopes = list(scopes)
    for column, value in asdict(terms).items():
        setattr(client, column, list(value) if column == "allowed_users" else value)


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)
