"""Which claimed deliveries may not start any more.

They were cancelled since the claim, or their config was paused, switched off, deleted
or changed. What is stopped so is looked at anew: the next claim finds what became of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from channels_app.delivery.claims import Claim
from channels_app.models.sql import Column, as_parameter, now, rows_of
from channels_app.selectors.switches import held_kinds, is_on

LOOK_EVERY = 0.25
READ_COLUMNS = (Column("id", "integer"), Column("version", "integer"))


@dataclass(frozen=True)
class ConfigRead:
    """A config as it was read with the claim."""

    id: int
    version: int


@dataclass(frozen=True)
class Recalled:
    """What is called back, as of one look."""

    everything: bool = False
    kinds: frozenset[str] = frozenset()
    configs: frozenset[ConfigRead] = frozenset()
    deliveries: frozenset[int] = frozenset()


class Recalls:
    """What one pump must not start.

    The pump's thread looks; the carrier's threads only ask, without the database.
    """

    def __init__(self) -> None:
        self._recalled = Recalled()
        self._looked = float("-inf")
        self._watched: dict[int, ConfigRead] = {}

    def watch(self, claim: Claim, config: ConfigRead) -> None:
        """Heed from now on what becomes of a claim's config."""
        self._watched[claim.id] = config

    def release(self, claim: Claim) -> None:
        """Watch a claim no more: it has ended."""
        self._watched.pop(claim.id, None)

    def look(self) -> None:
        """Ask the database, a few times a second at most."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        deliveries, configs = _called_back(set(self._watched.values()))
        self._recalled = Recalled(
            not is_on("sending"), held_kinds(), configs, deliveries
        )
        self._looked = time.monotonic()

    def forget(self) -> None:
        """Let nothing be called back; what is claimed next is as the claim found it."""
        self._recalled, self._looked = Recalled(), float("-inf")

    def covers(self, claim: Claim, config: ConfigRead) -> bool:
        """Return whether this delivery, by its config as it was read, is called back."""
        recalled = self._recalled
        return (
            recalled.everything
            or claim.channel_type in recalled.kinds
            or config in recalled.configs
            or claim.id in recalled.deliveries
        )


def recalled_sql() -> str:
    """Return what finds, by keys, cancelled deliveries and configs not as they were."""
    return f"""
        SELECT id, NULL FROM notification_logs
        WHERE status = 'sending' AND lease_until > {now()} AND cancel_requested
        UNION ALL SELECT r.id, r.version FROM {rows_of(READ_COLUMNS)}
        LEFT JOIN user_configs ON user_configs.id = r.id
        WHERE user_configs.id IS NULL OR user_configs.version <> r.version
           OR NOT user_configs.is_active OR user_configs.is_paused"""


def _called_back(
    watched: Iterable[ConfigRead],
) -> tuple[frozenset[int], frozenset[ConfigRead]]:
    read = as_parameter({"id": one.id, "version": one.version} for one in watched)
    with connection.cursor() as cursor:
        cursor.execute(recalled_sql(), [read])
        rows = cursor.fetchall()
    return (
        frozenset(row[0] for row in rows if row[1] is None),
        frozenset(ConfigRead(*row) for row in rows if row[1] is not None),
    )
