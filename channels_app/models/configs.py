"""Where a user can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.clients import ApiClient
from channels_app.models.encrypted import EncryptedField


class Guarantee(models.TextChoices):
    """What to do when nobody can know whether a message arrived."""

    AT_LEAST_ONCE = "at_least_once", _("send again (it may arrive twice)")
    AT_MOST_ONCE = "at_most_once", _("hold for a person (it may not arrive)")


class Notice(models.TextChoices):
    """What people are still to be told about a config."""

    NONE = "", _("nothing")
    DISABLED = "disabled", _("that it was switched off")
    MENDED = "mended", _("that it works again")


class UserConfig(models.Model):
    """One destination of one user: the public part in clear, the secrets sealed."""

    client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="configs",
        verbose_name=_("API client"),
    )
    user_id = models.CharField(_("user"), max_length=100)
    channel_type = models.CharField(_("channel"), max_length=20)
    public_data = models.JSONField(_("config"), default=dict, blank=True)
    secret_data = EncryptedField(_("secrets"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    disabled_reason = models.CharField(
        _("why it is off"), max_length=500, blank=True, default=""
    )
    guarantee = models.CharField(
        _("when the outcome is unknown"),
        max_length=20,
        choices=Guarantee.choices,
        default=Guarantee.AT_LEAST_ONCE,
    )
    is_paused = models.BooleanField(
        _("paused"),
        default=False,
        help_text=_("Its deliveries wait until it is resumed; nothing is lost."),
    )
    sends_per_minute = models.PositiveIntegerField(
        _("sends a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Empty: what the provider documents."),
    )
    retry_schedule = models.JSONField(
        _("waits between tries"),
        null=True,
        blank=True,
        help_text=_("In seconds, such as [10, 60, 600]. Empty: RETRY_SCHEDULE."),
    )
    disabled_at = models.DateTimeField(_("off since"), null=True, editable=False)
    notice_due = models.CharField(
        max_length=10,
        choices=Notice.choices,
        default=Notice.NONE,
        db_default=Notice.NONE,
        editable=False,
    )
    probed_at = models.DateTimeField(_("last probed"), null=True, editable=False)
    probe_answer = models.CharField(
        _("answer to the last probe"),
        max_length=500,
        default="",
        db_default="",
        editable=False,
    )
    next_probe_at = models.DateTimeField(_("next probe"), null=True, editable=False)
    # SHA-256 of what a program names that posts to the config's bridge; empty: closed.
    bridge_token_hash = models.CharField(
        max_length=64, default="", db_default="", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "user_configs"
        verbose_name = _("channel config")
        verbose_name_plural = _("channel configs")
        ordering = ["user_id", "channel_type"]
        indexes = [
            # The ticker: whom to tell of what happened to a config, and what to probe.
            models.Index(
                fields=["id"],
                name="configs_to_tell_of",
                condition=~models.Q(notice_due=""),
            ),
            models.Index(
                fields=["next_probe_at"],
                name="configs_to_probe",
                condition=models.Q(next_probe_at__isnull=False),
            ),
            # A post to a bridge names user and channel, and no API client.
            models.Index(
                fields=["user_id", "channel_type"],
                name="configs_with_a_bridge",
                condition=~models.Q(bridge_token_hash=""),
            ),
            # The overview names the configs that are paused.
            models.Index(
                fields=["id"],
                name="configs_paused",
                condition=models.Q(is_paused=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user_id", "channel_type"],
                name="one_config_per_user_and_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(guarantee__in=Guarantee.values),
                name="user_config_guarantee_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.channel_type}"

    def config_data(self) -> Mapping[str, Any]:
        """Return public and secret parts together, for a sender's eyes only.

        Raises CannotDecryptError when the key of the secrets is lost.
        """
        secrets = self.secret_data.reveal() if self.secret_data else {}
        return {**self.public_data, **secrets}
