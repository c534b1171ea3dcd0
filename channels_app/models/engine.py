"""What the delivery engine keeps about itself: flags, pump slots, workers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeatureFlag(models.Model):
    """A switch that every process sees within a second."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    is_enabled = models.BooleanField(_("on"), default=True)
    note = models.CharField(_("why"), max_length=500, blank=True, default="")
    changed_by = models.CharField(
        _("changed by"), max_length=150, blank=True, default="", editable=False
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "feature_flags"
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PumpSlot(models.Model):
    """A place for one running pump.

    At most one pump runs in a slot, and at most one wake-up for it is outstanding.
    """

    number = models.PositiveSmallIntegerField(primary_key=True)
    woken_until = models.DateTimeField(null=True)
    running_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "pump_slots"

    def __str__(self) -> str:
        return f"slot {self.number}"


class WorkerHeartbeat(models.Model):
    """A worker process that says it is alive, and how many pumps it has room for."""

    name = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    pumps = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    cluster_seen_at = models.DateTimeField(null=True)
    wedged_restarts = models.PositiveIntegerField(default=0, db_default=0)
    last_restart_reason = models.CharField(max_length=50, default="", db_default="")
    last_restart_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "worker_heartbeats"

    def __str__(self) -> str:
        return self.name


class Canary(models.Model):
    """A task that only shows that a worker's cluster runs tasks, once each."""

    nonce = models.CharField(max_length=16, primary_key=True)
    sender = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    ran_by = models.CharField(max_length=64, blank=True, default="")
    ran_at = models.DateTimeField(null=True)
    runs = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "canaries"

    def __str__(self) -> str:
        return self.nonce


class Installation(models.Model):
    """Whose database this is: one row, made by the first worker that has an id.

    `restored_at` is when a backup was last restored into it: what was accepted before
    that is sent again by hand only.
    """

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    instance_id = models.CharField(max_length=64, blank=True, default="")
    restored_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "installation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number=1), name="one_installation_row"
            )
        ]

    def __str__(self) -> str:
        return self.instance_id
