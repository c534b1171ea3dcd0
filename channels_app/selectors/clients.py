"""The API clients that may sign, read at most once a second by each process."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings

from channels_app.models import DEFAULT_KEY_ID, ApiClient, CannotDecryptError, Secret

_FRESH_SECONDS = 1.0
_MOST_KNOWN = 1000
_MOST_OTHERS = 200


@dataclass(frozen=True)
class Signer:
    """An active API client with the secrets that its requests are signed with.

    The old one, if there is one, is good too, until it is retired.
    """

    client: ApiClient
    secret: str = field(repr=False)
    old_secret: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return those that are good, the newest first."""
        return tuple(secret for secret in (self.secret, self.old_secret) if secret)


_known: dict[str, tuple[float, Signer | None]] = {}


def forget_signers() -> None:
    """Drop what this process remembers of API clients."""
    _known.clear()


def signer_with(*, key_id: str) -> Signer | None:
    """Return the active client with this key id, at most a second old.

    Raises CannotDecryptError when the key of its secret is lost.
    """
    now = time.monotonic()
    kept = _known.get(key_id)
    if kept and kept[0] > now:
        return kept[1]
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    signer = _read_signer(key_id)
    _known[key_id] = (now + _FRESH_SECONDS, signer)
    return signer


def active_clients() -> list[tuple[str, str]]:
    """Return the key id and the name of each active API client, by name."""
    active = ApiClient.objects.filter(is_active=True).order_by("name", "pk")
    return list(active.values_list("key_id", "name"))


def other_secrets(*, key_id: str) -> list[str]:
    """Return the secrets of other active clients; lost ones are left out."""
    others = ApiClient.objects.filter(is_active=True).exclude(key_id=key_id)
    found: list[str] = []
    for client in others.order_by("pk")[:_MOST_OTHERS]:
        with suppress(CannotDecryptError):
            if signer := _signer_of(client):
                found.extend(signer.secrets)
    return found


def _read_signer(key_id: str) -> Signer | None:
    client = ApiClient.objects.filter(key_id=key_id, is_active=True).first()
    return _signer_of(client) if client else None


def _signer_of(client: ApiClient) -> Signer | None:
    if client.key_id == DEFAULT_KEY_ID:
        return Signer(client, settings.API_SECRET_KEY)
    signer = Signer(client, _revealed(client.secret), _revealed_if_known(client))
    return signer if signer.secrets else None


def _revealed(secret: Secret | None) -> str:
    return str(secret.reveal()) if secret else ""


def _revealed_if_known(client: ApiClient) -> str:
    """Return the old secret; one whose key is lost does not stop the new one."""
    try:
        return _revealed(client.old_secret)
    except CannotDecryptError:
        return ""
