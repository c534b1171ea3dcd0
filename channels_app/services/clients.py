"""What is kept about API clients as they call."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now

from channels_app.models import ApiClient

logger = logging.getLogger(__name__)

_PRECISION = timedelta(minutes=1)
_noted: dict[int, float] = {}


def forget_uses() -> None:
    """Drop what this process remembers of callers (tests)."""
    _noted.clear()


def note_use(client: ApiClient) -> None:
    """Keep when a client was last seen, to the minute.

    A database that takes no writes does not stop a request that only reads.
    """
    now = time.monotonic()
    if _noted.get(client.pk, 0.0) > now:
        return
    _noted[client.pk] = now + _PRECISION.total_seconds()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - _PRECISION)
    try:
        ApiClient.objects.filter(stale, pk=client.pk).update(last_used_at=Now())
    except DatabaseError as error:
        logger.warning("last use of %s was not kept: %s", client.key_id, error)
