"""How much of a limit is used up, shared by all web processes."""

from __future__ import annotations

from django.db import models


class RateLimit(models.Model):
    """One limited thing: an address, a client's sends.

    `until` is in seconds since 1970 by the database's clock. For a rate it is the time
    at which all that was taken is earned back; for a count, the end of its window.
    """

    name = models.CharField(max_length=160, primary_key=True)
    until = models.FloatField(db_index=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "rate_limits"

    def __str__(self) -> str:
        return self.name
