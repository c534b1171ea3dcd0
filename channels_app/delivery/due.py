"""Finding what is due, without taking it yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from channels_app.delivery.admission import Candidate
from channels_app.models import Priority
from channels_app.models.sql import is_postgres, now, skip_locked

COLUMNS = "id, destination, config_id, channel_type, has_slot, crash_count"
# After so many crashes of whoever sends it, a delivery gets its last try alone.
CRASHES_ALLOWED = 2


@dataclass(frozen=True)
class LeftOut:
    """What stays where it is: kinds that are held, destinations without a place.

    `suspects`: also what may crash whoever sends it.
    """

    kinds: Collection[str] = ()
    destinations: Collection[str] = ()
    suspects: bool = False

    @property
    def parameters(self) -> list[str]:
        return [*self.kinds, *self.destinations]

    @property
    def sql(self) -> str:
        return "".join(
            (
                _not_in("channel_type", len(self.kinds)),
                _not_in("destination", len(self.destinations)),
                f" AND crash_count < {CRASHES_ALLOWED}" if self.suspects else "",
            )
        )


def _not_in(column: str, count: int) -> str:
    return f" AND {column} NOT IN ({', '.join(['%s'] * count)})" if count else ""


EARLIER_OF_KEY = """
    SELECT 1 FROM notification_logs AS earlier
    WHERE earlier.config_id = notification_logs.config_id
      AND earlier.ordering_key = notification_logs.ordering_key
      AND earlier.client_id = notification_logs.client_id
      AND earlier.id < notification_logs.id
      AND earlier.status IN ('pending', 'retrying', 'sending')
      AND earlier.ordering_key <> ''"""


def _late() -> str:
    if is_postgres():
        return f"extract(epoch FROM {now()} - next_attempt_at)::double precision"
    return f"(julianday({now()}) - julianday(next_attempt_at)) * 86400"


def due_sql(left_out: LeftOut) -> str:
    """Return the selection of what is due at one priority, the longest due first.

    What has an ordering key waits for all earlier ones of it that are unsettled; one
    that is held for a person, since it may have arrived, does not hold up the next.
    """
    return f"""
        SELECT {COLUMNS}, {_late()} AS late FROM notification_logs
        WHERE status IN ('pending', 'retrying') AND priority = %s
          AND next_attempt_at <= {now()}
          AND (expires_at IS NULL OR expires_at > {now()}){left_out.sql}
          AND (ordering_key = '' OR NOT EXISTS ({EARLIER_OF_KEY}))
        ORDER BY next_attempt_at, id LIMIT %s"""


def _parameters(left_out: LeftOut, limit: int) -> list[str | int]:
    per_level: list[list[str | int]] = [
        [priority.value, *left_out.parameters, limit] for priority in Priority
    ]
    return [part for level in per_level for part in level]


def is_anything_due(held_kinds: Collection[str] = ()) -> bool:
    """Return whether a claim would find something; takes no lock."""
    left_out = LeftOut(held_kinds)
    levels = " UNION ALL ".join(
        f"SELECT id FROM ({due_sql(left_out)}) AS l{p.value}" for p in Priority
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM ({levels}) AS due LIMIT 1", _parameters(left_out, 1)
        )
        return cursor.fetchone() is not None


def candidates(*, limit: int, left_out: LeftOut) -> Sequence[Candidate]:
    """Return what is due, high priority first, locked until the transaction ends."""
    levels = [
        f"level_{p.value} AS ({due_sql(left_out)} {skip_locked()})" for p in Priority
    ]
    union = " UNION ALL ".join(f"SELECT * FROM level_{p.value}" for p in Priority)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {', '.join(levels)} SELECT * FROM ({union}) AS due LIMIT %s",
            [*_parameters(left_out, limit), limit],
        )
        return [_candidate(row) for row in cursor.fetchall()]


def _candidate(row: tuple[Any, ...]) -> Candidate:
    log_id, destination, config_id, channel_type, has_slot, crash_count, late = row
    return Candidate(
        log_id,
        destination,
        config_id,
        channel_type,
        bool(has_slot),
        float(late),
        is_suspect=crash_count >= CRASHES_ALLOWED,
    )
