"""What the admin says of an API client's secrets: since when, last used, never which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.models import DEFAULT_KEY_ID, ApiClient

NEW = "new"
OLD = "old"
ONLY = "only"


@dataclass(frozen=True)
class SecretRow:
    """One secret that is good, without the secret."""

    which: str
    name: StrOrPromise
    made_at: datetime | None
    used_at: datetime | None

    @property
    def may_be_retired(self) -> bool:
        return self.which != ONLY


def is_old(which: str) -> bool:
    """Say which of two secrets the address of a page means."""
    return which == OLD


def secret_rows(client: ApiClient) -> list[SecretRow]:
    """Return what there is to say of a client's secrets, the newest first."""
    made, used = client.secret_made_at, client.secret_used_at
    if client.key_id == DEFAULT_KEY_ID:
        return [SecretRow(ONLY, _("API_SECRET_KEY"), None, used)]
    if client.secret is None:
        return []
    if client.old_secret is None:
        return [SecretRow(ONLY, _("The secret"), made, used)]
    return [
        SecretRow(NEW, _("The new secret"), made, used),
        SecretRow(
            OLD,
            _("The old secret"),
            client.old_secret_made_at,
            client.old_secret_used_at,
        ),
    ]
