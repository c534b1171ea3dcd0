"""What a set of results teaches about destinations: breakers, holds, mended configs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels_app.delivery.breakers import (
    BreakerState,
    after_sends,
    breaker_states,
    store_states,
)
from channels_app.delivery.claims import Claim
from channels_app.delivery.configs_mended import apply_to_configs
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.recording import Result
from channels_app.delivery.throttle import Rate, hold
from channels_app.models import Outcome

COUNTS_AS_FAILURE = frozenset({Outcome.UNKNOWN, Outcome.NOT_SENT})


@dataclass(frozen=True)
class Lesson:
    """A verdict, the claim it is on, and the rate its destination is held to."""

    verdict: Verdict
    claim: Claim
    rate: Rate | None = None


def learn(lessons: Sequence[Lesson], known_failing: Iterable[int]) -> set[int]:
    """Store what the results say; return the configs that are failing now.

    `known_failing` are the configs that had a breaker row when their sends were
    taken: a healthy config's success writes nothing.
    """
    apply_to_configs(lesson.verdict for lesson in lessons)
    for destination, (seconds, rate) in _holds(lessons).items():
        hold(destination, seconds, rate)
    return _follow_breakers(lessons, set(known_failing))


def _holds(lessons: Iterable[Lesson]) -> Mapping[str, tuple[float, Rate | None]]:
    """Return the longest wait that was asked for by each destination."""
    found: dict[str, tuple[float, Rate | None]] = {}
    for lesson in lessons:
        seconds = lesson.verdict.result.retry_after
        name = lesson.claim.destination
        if seconds and name and seconds > found.get(name, (0.0, None))[0]:
            found[name] = (seconds, lesson.rate)
    return found


def _follow_breakers(lessons: Iterable[Lesson], known_failing: set[int]) -> set[int]:
    counts = _counts(lessons, known_failing)
    states = breaker_states(counts)
    new = [
        after_sends(
            states.get(config_id, BreakerState(config_id)),
            succeeded=said[False],
            failed=said[True],
        )
        for config_id, said in counts.items()
    ]
    store_states(new)
    return {state.config_id for state in new if state.failures or state.is_open}


def _counts(
    lessons: Iterable[Lesson], known_failing: set[int]
) -> Mapping[int, Counter[bool]]:
    """Return how often a config that fails failed, and how often it did not."""
    counts: dict[int, Counter[bool]] = {}
    for lesson in lessons:
        config_id, failed = lesson.claim.config_id, _is_failure(lesson)
        if config_id is not None and failed is not None:
            counts.setdefault(config_id, Counter())[failed] += 1
    return {
        config_id: said
        for config_id, said in counts.items()
        if said[True] or config_id in known_failing
    }


def _is_failure(lesson: Lesson) -> bool | None:
    """Return whether a send speaks against its destination; None: it says nothing.

    A refusal is an answer. A wait that was asked for, and what ended before it
    reached the network, says nothing.
    """
    result = lesson.verdict.result
    if result.outcome in COUNTS_AS_FAILURE:
        return result.error_code not in {"withdrawn", "carrier_stopped"}
    if result.outcome == Outcome.FAILED:
        return _is_fault(result) or None
    # What was refused before it reached the network took no time there.
    return False if result.latency_ms is not None else None


def _is_fault(result: Result) -> bool:
    if result.http_status is None:
        return result.costs_retry
    return result.http_status >= 500
