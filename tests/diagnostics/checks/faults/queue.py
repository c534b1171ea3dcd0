"""Faults of the queue: workers, schedules, leases and deliveries that wait."""

from datetime import timedelta

from django.db.models.functions import Now

from channels_app.models import (
    FeatureFlag,
    RunStatus,
    Schedule,
    Status,
    TaskExecutionRecord,
    WorkerHeartbeat,
)
from channels_app.selectors.switches import MEMORY
from tests.diagnostics.checks.faults.planting import (
    CRITICAL,
    INFO,
    WARNING,
    Fault,
    Hand,
    log,
)


def a_stopped_worker(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(seen_at=Now() - timedelta(minutes=5))


def a_wedged_cluster(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(
        started_at=Now() - timedelta(hours=1),
        cluster_seen_at=Now() - timedelta(minutes=3),
    )


def a_cluster_that_was_restarted(hand: Hand) -> None:
    WorkerHeartbeat.objects.update(
        last_restart_at=Now() - timedelta(minutes=3),
        wedged_restarts=1,
        last_restart_reason="wedged",
    )


def a_stopped_scheduler(hand: Hand) -> None:
    Schedule.objects.create(
        name="retention", every_seconds=600, next_run_at=Now() - timedelta(hours=1)
    )


def a_scheduled_task_that_failed(hand: Hand) -> None:
    TaskExecutionRecord.objects.create(
        task="retention", slot=Now(), status=RunStatus.FAILED, error="OSError: full"
    )


def expired_leases(hand: Hand) -> None:
    log(status=Status.SENDING, lease_until=Now() - timedelta(minutes=5))


def an_outcome_nobody_knows(hand: Hand) -> None:
    log(status=Status.UNKNOWN)


def a_delivery_that_is_late(hand: Hand) -> None:
    log(next_attempt_at=Now() - timedelta(minutes=2))


def a_delivery_that_is_very_late(hand: Hand) -> None:
    log(next_attempt_at=Now() - timedelta(hours=2))


def a_queue_that_is_nearly_full(hand: Hand) -> None:
    hand.settings.QUEUE_MAX_DEPTH = 5
    for _number in range(4):
        log(next_attempt_at=Now() + timedelta(hours=1))


def a_queue_over_its_limit(hand: Hand) -> None:
    hand.settings.QUEUE_MAX_DEPTH = 2
    for _number in range(3):
        log(next_attempt_at=Now() + timedelta(hours=1))


def sending_paused(hand: Hand) -> None:
    FeatureFlag.objects.create(name="sending", is_enabled=False)
    MEMORY.forget()


QUEUE_FAULTS = (
    Fault(a_stopped_worker, "queue.no_worker", CRITICAL),
    Fault(a_wedged_cluster, "queue.cluster_silent", CRITICAL),
    Fault(a_cluster_that_was_restarted, "queue.cluster_restarted", WARNING),
    Fault(a_stopped_scheduler, "queue.schedules_late", WARNING),
    Fault(a_scheduled_task_that_failed, "queue.task_failed", WARNING),
    Fault(expired_leases, "queue.leases_expired", CRITICAL),
    Fault(an_outcome_nobody_knows, "queue.held", WARNING),
    Fault(a_delivery_that_is_late, "queue.late", WARNING),
    Fault(a_delivery_that_is_very_late, "queue.late", CRITICAL),
    Fault(a_queue_that_is_nearly_full, "queue.deep", WARNING),
    Fault(a_queue_over_its_limit, "queue.deep", CRITICAL),
    Fault(sending_paused, "queue.paused", INFO),
)
