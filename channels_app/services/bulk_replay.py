"""Sending many failed deliveries again: in batches, each once, behind what is fresh."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from channels_app.delivery.admission import Deferral
from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.fresh_starts import fresh_start_of_many, interval_of
from channels_app.delivery.recording import move
from channels_app.delivery.taking import defer
from channels_app.models import BulkReplay, Status
from channels_app.models.sql import one_writer
from channels_app.services.replay_plans import (
    ReplayFilter,
    ReplayPlan,
    next_failed,
    plan_replay,
    ready_logs,
)
from channels_app.tasks.wake import wake_quietly

__all__ = ["ReplayFilter", "ReplayPlan", "Replayed", "plan_replay", "replay"]

logger = logging.getLogger(__name__)

BATCH_ROWS = 500


@dataclass(frozen=True)
class Replayed:
    """How many deliveries matched, how many are queued again, and the record of it."""

    matched: int
    queued: int
    record_id: int


class _Ready(NamedTuple):
    pk: int
    destination: str
    channel_type: str
    send_at: datetime | None
    route: int
    route_rate: int | None


@dataclass
class _Pace:
    """Spreads what goes to one destination over the time that this takes."""

    due: dict[str, float] = field(default_factory=dict)

    def delay(self, one: _Ready) -> float:
        seconds = self.due.get(one.destination, 0.0)
        interval = interval_of(one.channel_type, one.route, one.route_rate)
        self.due[one.destination] = seconds + interval
        return seconds


def replay(
    plan: ReplayPlan,
    *,
    by: str,
    batch_rows: int = BATCH_ROWS,
    on_batch: Callable[[int], None] = lambda count: None,
) -> Replayed:
    """Queue what the plan says, each with all its tries, after everything fresh.

    Each batch commits by itself. What is queued already is not queued twice, by a
    second call at the same time or after a crash. `by` is who asked, for the record.
    """
    record = BulkReplay.objects.create(
        by=by[:150],
        wanted=plan.wanted.as_dict(),
        matched=plan.matched,
        planned=plan.ready,
        started_at=Now(),
    )
    pace = _Pace()
    queued, last_id = 0, 0
    while batch := _queue_batch(plan, record.pk, pace, last_id, batch_rows):
        crash_at("in_replay")
        queued, last_id = queued + batch.queued, batch.last_id
        on_batch(batch.queued)
    BulkReplay.objects.filter(pk=record.pk).update(finished_at=Now())
    logger.info("%s replayed %d of %d failed deliveries.", by, queued, plan.matched)
    return Replayed(plan.matched, queued, record.pk)


class _Batch(NamedTuple):
    queued: int
    last_id: int


def _queue_batch(
    plan: ReplayPlan, record_id: int, pace: _Pace, last_id: int, rows: int
) -> _Batch | None:
    """Queue the next batch in one commit; None when there is nothing left."""
    with one_writer(), transaction.atomic():
        failed = next_failed(plan.wanted, plan.as_of, last_id, rows)
        if not failed:
            return None
        ready = _ready_among(plan, failed)
        queued = move(
            [one.pk for one in ready],
            Status.PENDING,
            sources=[plan.wanted.source],
            **fresh_start_of_many(),
        )
        now = [one for one in ready if not one.send_at or one.send_at <= plan.as_of]
        defer([Deferral(one.pk, pace.delay(one), has_slot=False) for one in now])
        batch = _Batch(queued, failed[-1])
        BulkReplay.objects.filter(pk=record_id).update(
            queued=F("queued") + queued, last_id=batch.last_id
        )
    transaction.on_commit(wake_quietly)
    return batch


def _ready_among(plan: ReplayPlan, failed: list[int]) -> list[_Ready]:
    # Locked, so that of two replays at once the second finds them queued.
    found = (
        ready_logs(plan.wanted, plan.as_of, failed)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list(*_Ready._fields)
    )
    return [_Ready(*row) for row in found]
