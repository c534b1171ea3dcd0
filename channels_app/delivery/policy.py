"""When a delivery is tried again: one pure function, tested as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

JITTER = 0.2
LONGEST_WAIT = 24 * 3600.0


@dataclass(frozen=True)
class RetryPolicy:
    """The waits between tries in seconds, and the age at which trying ends."""

    waits: Sequence[int]
    oldest: float = 24 * 3600.0


@dataclass(frozen=True)
class Failure:
    """One try that failed in a way that later may not.

    `retries_spent` counts the tries before it that cost one; `attempt_no` counts
    all. `costs_retry` is false where the provider was never asked or only said
    "later". `dice` is a number from 0 to 1 that spreads the waits.
    """

    retries_spent: int
    attempt_no: int
    age: float
    costs_retry: bool
    retry_after: float | None = None
    dice: float = 0.5


def wait_before_retry(policy: RetryPolicy, failure: Failure) -> float | None:
    """Return the seconds to wait, or None when it is time to give up."""
    spent = failure.retries_spent + failure.costs_retry
    if not policy.waits or spent > len(policy.waits) or failure.age >= policy.oldest:
        return None
    if failure.retry_after:
        # The provider's wait is a floor: jitter never undercuts it.
        asked = min(failure.retry_after, LONGEST_WAIT)
        return asked * (1 + JITTER * failure.dice)
    step = failure.retries_spent if failure.costs_retry else failure.attempt_no - 1
    planned = policy.waits[max(0, min(step, len(policy.waits) - 1))]
    return planned * (1 + JITTER * (2 * failure.dice - 1))
