"""The programs that may call the API."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

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


def own_limit(
    label: StrOrPromise, setting: str
) -> models.PositiveIntegerField[int | None, int | None]:
    """Return the column of a client's own limit; without one, the setting holds."""
    help_text = format_lazy(_("Empty: the setting {name}. 0: no limit."), name=setting)
    return models.PositiveIntegerField(
        label, null=True, blank=True, help_text=help_text
    )


class ApiClient(models.Model):
    """A caller of the signed API.

    A second, older secret is good beside the first while a program changes over. The
    default client has none here: its secret is `API_SECRET_KEY`. `allowed_users` are
    ids and beginnings of ids (`team-*`); an empty list means everybody.
    """

    key_id = models.CharField(
        _("key id"), max_length=64, unique=True, default=new_key_id
    )
    name = models.CharField(_("name"), max_length=100)
    secret = EncryptedField(_("secret"), null=True, blank=True, editable=False)
    secret_made_at = models.DateTimeField(null=True, editable=False)
    secret_used_at = models.DateTimeField(null=True, editable=False)
    old_secret = EncryptedField(_("old secret"), null=True, blank=True, editable=False)
    old_secret_made_at = models.DateTimeField(null=True, editable=False)
    old_secret_used_at = models.DateTimeField(null=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=all_scopes, blank=True)
    allowed_users = models.JSONField(_("allowed users"), default=list, blank=True)
    needs_signature_v2 = models.BooleanField(
        _("signature version 2 only"), default=False
    )
    is_active = models.BooleanField(_("active"), default=True)
    sends_per_minute = own_limit(_("sends a minute"), "LIMIT_SENDS_PER_MINUTE")
    management_per_minute = own_limit(
        _("requests a minute on configs and templates"), "LIMIT_MANAGEMENT_PER_MINUTE"
    )
    logs_per_minute = own_limit(_("requests a minute on logs"), "LIMIT_LOGS_PER_MINUTE")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        db_table = "api_clients"
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.key_id})"


class ClientDay(models.Model):
    """How many requests a client signed in one day (UTC), and how many were refused."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    requests = models.PositiveBigIntegerField(default=0)
    refusals = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "api_client_days"
        constraints = [
            models.UniqueConstraint(fields=["client", "day"], name="one_row_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.day}: {self.requests}"


class UsedSignature(models.Model):
    """A signature that was good once; it is refused until it would have expired."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "used_signatures"

    def __str__(self) -> str:
        return self.digest[:8]
