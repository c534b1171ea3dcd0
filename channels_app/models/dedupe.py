"""Which delivery stands for the others of its kind for a while."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.clients import ApiClient


class DedupeWindow(models.Model):
    """The first delivery under a caller's key, and how many it held back since.

    `message_id` names that delivery; the window ends early when it is deleted.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE)
    user_id = models.CharField(max_length=100)
    channel_type = models.CharField(max_length=20)
    key = models.CharField(_("dedupe key"), max_length=255)
    message_id = models.CharField(max_length=36, db_index=True)
    held_back = models.PositiveIntegerField(_("held back"), default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "dedupe_windows"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user_id", "channel_type", "key"],
                name="one_dedupe_window",
            )
        ]

    def __str__(self) -> str:
        return self.key
