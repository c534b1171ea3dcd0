"""Writing down how blocking sends ended that had been given up."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError

from channels_app.delivery.carriage import Carried
from channels_app.delivery.flights import Flight, Landing
from channels_app.delivery.late_inbox import late_ends, leave
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recording import Result, record


def write_late_ends(policy: Callable[[], RetryPolicy]) -> None:
    """Write down the late ends that are there; they stay if the database is away."""
    ends = late_ends()
    if not ends:
        return
    try:
        results = [_result(end, policy()) for end in ends]
        record([result for result in results if result is not None])
    except (DatabaseError, InterfaceError):
        for end in ends:
            leave(end)
        raise


def _result(end: Carried, policy: RetryPolicy) -> Result | None:
    if not isinstance(end.ticket, Flight):
        return None
    step = Landing.of(end).next_step(policy)
    return step.result if isinstance(step, Verdict) else None
