"""Backups that were made here: where they lie, what they hold, whether they restore."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupState(models.TextChoices):
    """How far a backup got."""

    MAKING = "making", _("being made")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class Backup(models.Model):
    """One backup. `seen_at` moves while it is made; `is_scheduled` ones are thinned out.

    `verified_at` is when it was last restored into a scratch database, `is_good` what
    came of that; None means never tried.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    folder = models.CharField(_("folder"), max_length=1000)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=BackupState.choices,
        default=BackupState.MAKING,
    )
    is_scheduled = models.BooleanField(_("by schedule"), default=False)
    is_encrypted = models.BooleanField(_("encrypted"), default=False)
    made_by = models.CharField(_("made by"), max_length=150)
    version = models.CharField(_("product version"), max_length=20)
    logs_days = models.PositiveIntegerField(_("days of the log"))
    counts = models.JSONField(_("rows"), default=dict)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last sign of life"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    verified_at = models.DateTimeField(_("last verified"), null=True)
    is_good = models.BooleanField(_("restores"), null=True)
    verification = models.CharField(
        _("what the verification found"), max_length=1000, blank=True, default=""
    )

    class Meta:
        """Fixed table name: operators' SQL reads it."""

        db_table = "backups"
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
