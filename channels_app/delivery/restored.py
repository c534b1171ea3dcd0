"""What a restored delivery is: held for a person, because it may have gone out since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from channels_app.models import (
    FeatureFlag,
    Installation,
    Outcome,
    Status,
)

RESTORED = "restored"
WAS_WAITING = "It waited when the backup was made."
WAS_ON_ITS_WAY = "It was on its way when the backup was made."
_HELD = frozenset({Status.PENDING.value, Status.RETRYING.value, Status.SENDING.value})

Row = Mapping[str, object]


def is_to_be_held(log: Row) -> bool:
    """Return whether a delivery of a backup would go out by itself."""
    return log["status"] in _HELD


def held_log(log: Row) -> dict[str, object]:
    """Return a delivery of a backup as it is restored: nothing of it goes out."""
    if not is_to_be_held(log):
        return dict(log)
    was_sending = log["status"] == Status.SENDING.value
    return {
        **log,
        "status": Status.UNKNOWN.value,
        "error_code": RESTORED,
        "error": WAS_ON_ITS_WAY if was_sending else WAS_WAITING,
        "lease_until": None,
        "worker": "",
        "has_slot": False,
    }


def held_attempts(attempts: Sequence[Row]) -> list[dict[str, object]]:
    """Return the tries of a backup; of one that was on its way nobody knows the end."""
    return [_held_attempt(attempt) for attempt in attempts]


def _held_attempt(attempt: Row) -> dict[str, object]:
    if attempt["outcome"] != Outcome.SENDING.value:
        return dict(attempt)
    return {
        **attempt,
        "outcome": Outcome.UNKNOWN.value,
        "ended_at": attempt["started_at"],
        "error_code": "outcome_unknown",
        "error": WAS_ON_ITS_WAY,
    }


def turn_sending_off(*, by: str, note: str) -> None:
    """Let nothing go out, and note that a backup is restored into this database."""
    with transaction.atomic():
        FeatureFlag.objects.update_or_create(
            name="sending",
            defaults={"is_enabled": False, "changed_by": by[:150], "note": note[:500]},
        )
        Installation.objects.update_or_create(
            number=1,
            defaults={"instance_id": settings.INSTANCE_ID, "restored_at": Now()},
        )
