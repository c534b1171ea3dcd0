"""Which claimed deliveries may not start any more: cancelled or paused since the claim."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

from channels_app.delivery.claims import Claim
from channels_app.models.sql import now
from channels_app.selectors.switches import held_kinds, is_on

LOOK_EVERY = 0.25


@dataclass(frozen=True)
class Recalled:
    """What is called back, as of one look."""

    everything: bool = False
    kinds: frozenset[str] = frozenset()
    configs: frozenset[int] = frozenset()
    deliveries: frozenset[int] = frozenset()


class Recalls:
    """What one pump must not start.

    The pump's thread looks; the carrier's threads only ask, without the database.
    """

    def __init__(self) -> None:
        self._recalled = Recalled()
        self._looked = float("-inf")

    def look(self) -> None:
        """Ask the database, a few times a second at most."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        deliveries, configs = _cancelled_and_paused()
        self._recalled = Recalled(
            not is_on("sending"), held_kinds(), configs, deliveries
        )
        self._looked = time.monotonic()

    def forget(self) -> None:
        """Let nothing be called back; what is claimed next is as the claim found it."""
        self._recalled, self._looked = Recalled(), float("-inf")

    def covers(self, claim: Claim) -> bool:
        """Return whether this delivery is called back."""
        recalled = self._recalled
        return (
            recalled.everything
            or claim.channel_type in recalled.kinds
            or claim.config_id in recalled.configs
            or claim.id in recalled.deliveries
        )


def recalled_sql() -> str:
    """Return what finds cancelled deliveries (1) and paused configs (0), by indexes."""
    return f"""
        SELECT 1, id FROM notification_logs
        WHERE status = 'sending' AND lease_until > {now()} AND cancel_requested
        UNION ALL SELECT 0, id FROM user_configs WHERE is_paused"""


def _cancelled_and_paused() -> tuple[frozenset[int], frozenset[int]]:
    with connection.cursor() as cursor:
        cursor.execute(recalled_sql(), [])
        rows = cursor.fetchall()
    return (
        frozenset(row[1] for row in rows if row[0]),
        frozenset(row[1] for row in rows if not row[0]),
    )
