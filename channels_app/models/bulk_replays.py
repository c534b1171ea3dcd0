"""Who sent failed deliveries again, which, and how far that got."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkReplay(models.Model):
    """One bulk replay; it is finished, or was ended in its midst at `last_id`."""

    by = models.CharField(_("by"), max_length=150)
    wanted = models.JSONField(_("which"), default=dict)
    matched = models.PositiveIntegerField(_("matched"))
    planned = models.PositiveIntegerField(_("planned"))
    queued = models.PositiveIntegerField(_("queued"), default=0)
    last_id = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        db_table = "bulk_replays"
        verbose_name = _("bulk replay")
        verbose_name_plural = _("bulk replays")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.by}"
