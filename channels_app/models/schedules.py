"""When the product's own work is due, and what became of each run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Schedule(models.Model):
    """How often one scheduled task runs; what it does stands in the code.

    A slot is a whole number of intervals after 1970 plus the offset, so every cluster
    computes the same ones.
    """

    name = models.CharField(_("name"), max_length=64, primary_key=True, editable=False)
    is_enabled = models.BooleanField(_("on"), default=True)
    every_seconds = models.PositiveIntegerField(_("every, in seconds"))
    offset_seconds = models.PositiveIntegerField(
        _("offset, in seconds"),
        default=0,
        help_text=_(
            "Counted from midnight UTC: 11700 makes a daily run start at 3:15."
        ),
    )
    next_run_at = models.DateTimeField(_("next run"), editable=False, db_index=True)

    class Meta:
        db_table = "schedules"
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RunStatus(models.TextChoices):
    """How far a run got."""

    WAITING = "waiting", _("waiting for a worker")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    LOST = "lost", _("lost with its worker")


class TaskExecutionRecord(models.Model):
    """One run of a scheduled task; its slot lets only one cluster book it."""

    task = models.CharField(_("task"), max_length=64)
    slot = models.DateTimeField(_("due at"))
    status = models.CharField(
        _("status"), max_length=10, choices=RunStatus, default=RunStatus.WAITING
    )
    asked_by = models.CharField(_("asked by"), max_length=150, blank=True, default="")
    worker = models.CharField(_("worker"), max_length=64, blank=True, default="")
    running_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    duration_ms = models.PositiveIntegerField(_("duration, in ms"), null=True)
    summary = models.CharField(_("what it did"), max_length=500, default="", blank=True)
    error = models.TextField(_("what went wrong"), default="", blank=True)

    class Meta:
        db_table = "task_execution_records"
        verbose_name = _("run of a scheduled task")
        verbose_name_plural = _("runs of scheduled tasks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "slot"], name="one_run_per_slot")
        ]
        indexes = [
            models.Index(
                fields=["status"],
                name="unfinished_runs",
                condition=models.Q(status__in=["waiting", "running"]),
            ),
            models.Index(fields=["task", "-id"], name="runs_of_a_task"),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.slot:%Y-%m-%d %H:%M}"
