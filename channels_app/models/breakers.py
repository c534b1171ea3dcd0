"""Circuit breakers: channel configs whose sends keep failing are left alone for a while."""

from __future__ import annotations

from django.db import models

from channels_app.models.configs import UserConfig


class Breaker(models.Model):
    """The failures of one config since its last clean stretch; no row means healthy.

    `open_until` in the future: nothing is sent. In the past: one probe may go out,
    and holds `probe_until` while it is under way. Times are seconds since 1970 by the
    database's clock.
    """

    config = models.OneToOneField(
        UserConfig, on_delete=models.CASCADE, primary_key=True, related_name="breaker"
    )
    failures_in_a_row = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    sends = models.PositiveIntegerField(default=0)
    open_seconds = models.FloatField(default=0)
    open_until = models.FloatField(null=True)
    probe_until = models.FloatField(null=True)

    class Meta:
        db_table = "breakers"

    def __str__(self) -> str:
        return f"breaker of config {self.pk}"
