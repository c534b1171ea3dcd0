"""What is kept about API clients as they call."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now

from channels_app.models import ApiClient
from channels_app.services.client_figures import forget_figures

logger = logging.getLogger(__name__)

_PRECISION = timedelta(minutes=1)
_noted: dict[tuple[int, bool], float] = {}


def forget_uses() -> None:
    """Drop what this process remembers of callers (tests)."""
    _noted.clear()
    forget_figures()


def note_use(client: ApiClient, *, is_old: bool = False) -> None:
    """Keep when a client, and which secret of its, was last seen, to the minute.

    A database that takes no writes does not stop a request that only reads.
    """
    now = time.monotonic()
    if _noted.get((client.pk, is_old), 0.0) > now:
        return
    _noted[client.pk, is_old] = now + _PRECISION.total_seconds()
    column = "old_secret_used_at" if is_old else "secret_used_at"
    stale = Q(**{column: None}) | Q(**{f"{column}__lt": Now() - _PRECISION})
    seen = {"last_used_at": Now(), column: Now()}
    try:
        ApiClient.objects.filter(stale, pk=client.pk).update(**seen)
    except DatabaseError as error:
        logger.warning("last use of %s was not kept: %s", client.key_id, error)
