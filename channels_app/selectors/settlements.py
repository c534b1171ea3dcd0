"""Whether deliveries have settled, and how."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from channels_app.models import UNSETTLED, NotificationLog, Status

# What is held for a person does not settle by itself.
_UNDER_WAY = frozenset(UNSETTLED) - {Status.UNKNOWN}
MOST_AT_ONCE = 1_000


@dataclass(frozen=True)
class DeliveryState:
    """Where a delivery is now; a code and its sentence where it failed."""

    status: str
    error: str
    error_code: str

    @property
    def is_under_way(self) -> bool:
        return self.status in _UNDER_WAY


def states_of(message_ids: Collection[str]) -> dict[str, DeliveryState]:
    """Return where deliveries are, by message id; of a deleted one nothing."""
    asked = sorted(message_ids)
    found: dict[str, DeliveryState] = {}
    for start in range(0, len(asked), MOST_AT_ONCE):
        rows = NotificationLog.objects.filter(
            message_id__in=asked[start : start + MOST_AT_ONCE]
        ).values_list("message_id", "status", "error", "error_code")
        found |= {message_id: DeliveryState(*state) for message_id, *state in rows}
    return found
