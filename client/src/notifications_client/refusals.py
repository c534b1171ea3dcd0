"""Which exception an answer of the service becomes."""

from __future__ import annotations

import json

from notifications_client.connections import WireAnswer
from notifications_client.errors import (
    AuthenticationError,
    ClockSkewError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotificationError,
    Problem,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UnexpectedAnswerError,
    ValidationError,
)
from notifications_client.pacing import seconds_of
from notifications_client.words import say

_BY_STATUS: dict[int, type[RefusedError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    413: ValidationError,
    415: ValidationError,
    422: ValidationError,
    429: RateLimitedError,
}


def json_of(wire: WireAnswer) -> object:
    """Return the JSON of an answer. Raises UnexpectedAnswerError."""
    try:
        found: object = json.loads(wire.body)
    except (ValueError, RecursionError):
        raise _not_ours(wire) from None
    return found


def refusal_of(wire: WireAnswer, skew_ms: int | None) -> NotificationError:
    """Return the exception for an answer that is not a good one."""
    problem = _problem_of(wire)
    if problem is None:
        return _of_stranger(wire)
    if problem.code == "TIMESTAMP_EXPIRED":
        return ClockSkewError(_with_skew(problem, skew_ms))
    if wire.status >= 500:
        return UnavailableError(problem)
    return _BY_STATUS.get(wire.status, RefusedError)(problem)


def _problem_of(wire: WireAnswer) -> Problem | None:
    """Read the envelope of an error, or return None where there is none."""
    try:
        found = json.loads(wire.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("error"), str):
        return None
    details = found.get("details")
    return Problem(
        message=found["error"],
        code=str(found.get("code", "")),
        hint=str(found.get("hint", "")),
        status=wire.status,
        details=details if isinstance(details, dict) else {},
        request_id=str(found.get("request_id") or wire.headers.get("X-Request-Id", "")),
        retry_after=_retry_after(wire),
    )


def _retry_after(wire: WireAnswer) -> float | None:
    return seconds_of(wire.headers.get("Retry-After"), wire.headers.get("Date"))


def _with_skew(problem: Problem, measured: int | None) -> Problem:
    told = problem.details.get("skew_ms")
    skew = told if isinstance(told, int) else measured
    if skew is None:
        return problem
    return Problem(
        message=clock_sentence(skew),
        code=problem.code,
        hint=say(
            "Synchronise the clock of this computer (NTP). Where you cannot: "
            "Options(correct_clock=True)."
        ),
        status=problem.status,
        details={**problem.details, "skew_ms": skew},
        request_id=problem.request_id,
    )


def clock_sentence(skew_ms: int) -> str:
    """Say how far the clock is off; `skew_ms` is positive where it is ahead."""
    length = _duration(abs(skew_ms))
    if skew_ms < 0:
        return say(
            "The clock of this computer is {length} behind the service's.",
            length=length,
        )
    return say(
        "The clock of this computer is {length} ahead of the service's.", length=length
    )


def _duration(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _of_stranger(wire: WireAnswer) -> NotificationError:
    """Return the exception for an answer that some proxy on the way gave."""
    problem = Problem(
        say(
            "The answer has the status {status} and is not the service's own.",
            status=wire.status,
        ),
        code=f"HTTP_{wire.status}",
        hint=say("Look at the proxy or load balancer before the service."),
        status=wire.status,
        retry_after=_retry_after(wire),
    )
    if wire.status == 429:
        return RateLimitedError(problem)
    return UnavailableError(problem) if wire.status >= 500 else _not_ours(wire)


def _not_ours(wire: WireAnswer) -> UnexpectedAnswerError:
    place = wire.headers.get("Location")
    if 300 <= wire.status < 400 and place:
        hint = say(
            "It leads to {place}: use that as the address. Redirects are not "
            "followed, for they would take the signature elsewhere.",
            place=place,
        )
    else:
        hint = say("Check the address: something else than the service answers there.")
    problem = Problem(
        say(
            "The answer has the status {status} and is not the service's own.",
            status=wire.status,
        ),
        code="unexpected_answer",
        hint=hint,
        status=wire.status,
    )
    return UnexpectedAnswerError(problem)
