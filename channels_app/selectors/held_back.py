"""How many duplicates a delivery has held back."""

from __future__ import annotations

from django.db.models import Sum

from channels_app.models import DedupeWindow


def held_back_by(message_id: str) -> int:
    """Return how many were counted on this delivery instead of being sent."""
    windows = DedupeWindow.objects.filter(message_id=message_id)
    return int(windows.aggregate(total=Sum("held_back"))["total"] or 0)
