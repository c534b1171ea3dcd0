"""The queue: whether anybody works, how much waits and since when, what is stuck."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from channels_app.selectors.engine import ALIVE_SECONDS, queue_state
from channels_app.selectors.engine_health import (
    WorkerLine,
    expired_leases,
    held_for_a_person,
    late_schedules,
    workers,
)
from channels_app.selectors.schedules import task_states
from channels_app.selectors.switches import held_kinds, is_on
from diagnostics.checks.contract import (
    Area,
    Check,
    Figure,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)

LATE_SECONDS = 60
VERY_LATE_SECONDS = 600
# The watchdog restarts a cluster after 15 s of silence; after so long it failed to.
CLUSTER_SILENT_SECONDS = 60
RESTART_IS_NEWS_SECONDS = 3600
DEEP = 0.8

NO_WORKER = FindingKind(
    id="queue.no_worker",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("Nobody sends: no worker is alive."),
    cause=_("No worker has spoken within %(seconds)s s; %(waiting)s deliveries wait."),
    remedy=_("Start a worker. What was accepted is kept and goes out then."),
    verify=_("/api/queue/status counts at least one worker."),
    fix_command="manage.py worker",
)
CLUSTER_SILENT = FindingKind(
    id="queue.cluster_silent",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("A worker lives, and its task cluster runs nothing."),
    cause=_("The cluster of %(worker)s on %(host)s ran its last task %(age)s s ago."),
    remedy=_(
        "Its watchdog should have restarted it. Look into the worker's log, then "
        "restart the worker; the ticker sends slowly meanwhile."
    ),
    verify=_("Run the diagnosis again a minute later."),
    fix_command="systemctl restart notifications-worker",
)
RESTARTED = FindingKind(
    id="queue.cluster_restarted",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The watchdog had to restart a task cluster."),
    cause=_(
        "On %(host)s, %(minutes)s min ago: %(reason)s; %(restarts)s times since the "
        "worker started."
    ),
    remedy=_(
        "Once is healed already. If it happens again, look for killed processes "
        "(memory) in the machine's log."
    ),
    verify=_("No further restart within an hour."),
    fix_command="journalctl -k --since -2h",
)
LATE = FindingKind(
    id="queue.late",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Deliveries go out late."),
    cause=_("The oldest one that is due has waited %(seconds)s s; %(waiting)s wait."),
    remedy=_(
        "Look whether the workers are busy or idle (queue page). Busy: raise WORKERS or "
        "start a worker on a second machine. Idle: see to the other findings."
    ),
    verify=_("The oldest due delivery is younger than %(limit)s s."),
    fix_command="manage.py diagnose",
)
DEEP_QUEUE = FindingKind(
    id="queue.deep",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The queue is nearly full."),
    cause=_("%(waiting)s of at most %(limit)s deliveries wait."),
    remedy=_(
        "At QUEUE_MAX_DEPTH the API answers 503. Send faster (more workers), let a "
        "channel that is down fail sooner, or cancel what is no longer wanted."
    ),
    verify=_("Fewer than four fifths of QUEUE_MAX_DEPTH wait."),
    fix_command="manage.py sending status",
)
LEASES = FindingKind(
    id="queue.leases_expired",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("Deliveries hang: nobody takes them back from a dead worker."),
    cause=_("The leases of %(count)s deliveries ended long ago."),
    remedy=_("A running worker takes them back within seconds: start one."),
    verify=_("No lease is expired."),
    fix_command="manage.py worker",
)
HELD = FindingKind(
    id="queue.held",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Deliveries wait for a person to decide."),
    cause=_("%(count)s may have arrived; their channel configs ask not to send twice."),
    remedy=_("Ask the receivers, then mark each as sent or failed, or resend it."),
    verify=_("None is held any more."),
    page="admin:channels_app_notificationlog_changelist",
)
PAUSED = FindingKind(
    id="queue.paused",
    severity=Severity.INFO,
    who=Who.OPERATOR,
    title=_("Sending is paused."),
    cause=_("Switched off: %(what)s. Accepted messages wait; nothing is lost."),
    remedy=_("Resume when the reason in the flag's note is gone."),
    verify=_("manage.py sending status says that sending is on."),
    fix_command="manage.py sending resume",
    page="admin:channels_app_featureflag_changelist",
)
SCHEDULES_LATE = FindingKind(
    id="queue.schedules_late",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("Scheduled work is not started."),
    cause=_("Due and not booked: %(names)s."),
    remedy=_("A running worker books it within seconds: start or restart one."),
    verify=_("/health/scheduled-tasks shows a next run in the future."),
    fix_command="manage.py worker",
    page="admin:channels_app_schedule_changelist",
)
TASK_FAILED = FindingKind(
    id="queue.task_failed",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The last run of “%(task)s” did not succeed."),
    cause=_("%(error)s"),
    remedy=_("Mend what the error names, then run the task now."),
    verify=_("Its next run succeeds."),
    page="admin:channels_app_schedule_changelist",
)


def look_at_workers() -> Iterator[Said]:
    """Look who works, and whether their clusters run tasks."""
    alive = [line for line in workers() if line.age <= ALIVE_SECONDS]
    yield Figure("workers", len(alive))
    if not alive:
        state = queue_state()
        waiting = sum(state.depth.values())
        yield NO_WORKER.found(seconds=ALIVE_SECONDS, waiting=waiting)
    for line in alive:
        yield from _about(line)


def _about(line: WorkerLine) -> Iterator[Said]:
    silence = line.started_age if line.cluster_age is None else line.cluster_age
    if silence > CLUSTER_SILENT_SECONDS:
        yield CLUSTER_SILENT.found(
            line.name, worker=line.name, host=line.host, age=round(silence)
        )
    if line.restart_age is not None and line.restart_age < RESTART_IS_NEWS_SECONDS:
        yield RESTARTED.found(
            line.name,
            host=line.host,
            minutes=round(line.restart_age / 60),
            reason=line.restart_reason,
            restarts=line.restarts,
        )


def look_at_depth() -> Iterator[Said]:
    """Look how much waits, and how long the first has."""
    state = queue_state()
    waiting = state.depth.get("pending", 0) + state.depth.get("retrying", 0)
    for status, count in state.depth.items():
        yield Figure(status, count)
    late = state.oldest_due_seconds or 0.0
    yield Figure("oldest_due", round(late, 1), "s")
    if late > LATE_SECONDS and is_on("sending"):
        grave = Severity.CRITICAL if late > VERY_LATE_SECONDS else Severity.WARNING
        yield LATE.found(
            severity=grave, seconds=round(late), waiting=waiting, limit=LATE_SECONDS
        )
    limit = settings.QUEUE_MAX_DEPTH
    if waiting >= DEEP * limit:
        grave = Severity.CRITICAL if waiting >= limit else Severity.WARNING
        yield DEEP_QUEUE.found(severity=grave, waiting=waiting, limit=limit)


def look_at_stuck() -> Iterator[Said]:
    """Look for deliveries that neither go out nor end."""
    expired, held = expired_leases(), held_for_a_person()
    yield Figure("leases_expired", expired)
    yield Figure("held", held)
    if expired:
        yield LEASES.found(count=expired)
    if held:
        yield HELD.found(count=held)
    paused = sorted(held_kinds()) if is_on("sending") else ["sending"]
    if paused:
        yield PAUSED.found(what=", ".join(paused))


def look_at_schedules() -> Iterator[Said]:
    """Look whether scheduled work starts and ends well."""
    if late := late_schedules():
        yield SCHEDULES_LATE.found(names=", ".join(late))
    for state in task_states():
        if state.last is not None and state.last.error:
            title = str(state.task.title)
            error = state.last.error.splitlines()[0][:300]
            yield TASK_FAILED.found(state.task.name, task=title, error=error)


AREA = Area(
    checks=(
        Check("queue.workers", Step.QUEUE, _("Workers"), look_at_workers),
        Check("queue.depth", Step.QUEUE, _("Waiting deliveries"), look_at_depth),
        Check("queue.stuck", Step.QUEUE, _("Stuck deliveries"), look_at_stuck),
        Check("queue.schedules", Step.QUEUE, _("Scheduled work"), look_at_schedules),
    ),
    kinds=(
        NO_WORKER,
        CLUSTER_SILENT,
        RESTARTED,
        LATE,
        DEEP_QUEUE,
        LEASES,
        HELD,
        PAUSED,
        SCHEDULES_LATE,
        TASK_FAILED,
    ),
)
