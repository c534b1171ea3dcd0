"""The programs that may call the API."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.encrypted import EncryptedField

DEFAULT_KEY_ID = "default"


def new_key_id() -> str:
    """Return a fresh public name for a client's key."""
    return f"k_{secrets.token_hex(8)}"


class Scope(models.TextChoices):
    """What a client may do."""

    SEND = "send", _("send notifications")
    CONFIGS = "configs", _("read and write channel configs")
    TEMPLATES = "templates", _("read and write templates")
    LOGS = "logs", _("read and delete logs")
    OPS = "ops", _("operate the queue")
    ADMIN = "admin", _("everything, of every client")


def all_scopes() -> list[str]:
    """Return every scope but admin."""
    return [scope for scope in Scope.values if scope != Scope.ADMIN]


class ApiClient(models.Model):
    """A caller of the signed API.

    The default client has no secret here: its secret is `API_SECRET_KEY`.
    """

    key_id = models.CharField(
        _("key id"), max_length=64, unique=True, default=new_key_id
    )
    name = models.CharField(_("name"), max_length=100)
    secret = EncryptedField(_("secret"), null=True, blank=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=all_scopes, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    sends_per_minute = models.PositiveIntegerField(
        _("sends a minute"),
        null=True,
        blank=True,
        help_text=_("Empty: the setting LIMIT_SENDS_PER_MINUTE. 0: no limit."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        db_table = "api_clients"
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"


class UsedSignature(models.Model):
    """A signature that was good once; it is refused until it would have expired."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "used_signatures"

    def __str__(self) -> str:
        return self.digest[:8]
