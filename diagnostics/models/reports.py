"""Health reports: what all checks saw at one time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HealthReport(models.Model):
    """One examination. `worst` is the gravest severity found, empty for none.

    `body` is a list of what each check saw, without texts: ids, evidence, figures and
    facts only, so that a report is read in any language. `told` holds the keys of
    the findings that people were notified of.
    """

    started_at = models.DateTimeField(_("made"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    asked_by = models.CharField(_("asked by"), max_length=150, blank=True, default="")
    total = models.PositiveSmallIntegerField(_("checks"))
    took_ms = models.PositiveIntegerField(_("took, in ms"), default=0)
    worst = models.CharField(_("state"), max_length=10, blank=True, default="")
    critical = models.PositiveSmallIntegerField(_("critical"), default=0)
    warnings = models.PositiveSmallIntegerField(_("warnings"), default=0)
    infos = models.PositiveSmallIntegerField(_("notes"), default=0)
    body = models.JSONField(default=list)
    told = models.JSONField(default=list)

    class Meta:
        db_table = "health_reports"
        verbose_name = _("health report")
        verbose_name_plural = _("health reports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
