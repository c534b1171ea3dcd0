"""What can go wrong, as exceptions that say what happened and what to do.

NotificationError
├── RefusedError              the service answered, and did not do it
│   ├── ValidationError       something in the request is wrong (400, 413, 415, 422)
│   ├── AuthenticationError   the signature is missing or wrong (401)
│   │   └── ClockSkewError    this computer's clock is off
│   ├── ForbiddenError        the API client lacks a scope (403)
│   ├── NotFoundError         (404)
│   ├── ConflictError         the state does not allow it (409)
│   ├── RateLimitedError      too many requests (429); `retry_after`
│   └── UnavailableError      (5xx); `retry_after` where the service named it
├── ConnectionFailedError     no answer: refused, broken off, silent, no such host
├── DeadlineExceededError     the total time for a call is over
├── UnexpectedAnswerError     an answer that is not this service's
└── NotSettledError           `wait` ended before all deliveries did
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from notifications_client.words import say


@dataclass(frozen=True)
class Problem:
    """What an exception carries. `details` are the service's, as they came."""

    message: str
    code: str = ""
    hint: str = ""
    status: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    request_id: str = ""
    retry_after: float | None = None


class NotificationError(Exception):
    """Anything that this client raises about a call."""

    def __init__(self, problem: Problem, *, is_lasting: bool = False) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.is_lasting = is_lasting
        self.tries = 0

    @property
    def code(self) -> str:
        """The service's code in capitals; this client's own are in lower case."""
        return self.problem.code

    @property
    def message(self) -> str:
        """What happened, in one sentence."""
        return self.problem.message

    @property
    def hint(self) -> str:
        """What to do about it."""
        return self.problem.hint

    @property
    def status(self) -> int | None:
        """The status of the HTTP answer, if there was one."""
        return self.problem.status

    @property
    def details(self) -> Mapping[str, object]:
        """What the service says about the places, machine-readable."""
        return self.problem.details

    @property
    def request_id(self) -> str:
        """What an operator finds the request by."""
        return self.problem.request_id

    @property
    def retry_after(self) -> float | None:
        """The seconds after which the service wants to be asked again."""
        return self.problem.retry_after

    def found_by(self, request_id: str) -> None:
        """Name the request that an operator can look for, if no answer named it."""
        if not self.problem.request_id:
            self.problem = replace(self.problem, request_id=request_id)

    def __str__(self) -> str:
        """Say what happened, what to do, and how to find it again."""
        parts = [self.message, self.hint, self._facts()]
        return " ".join(part for part in parts if part)

    def _facts(self) -> str:
        facts = [self.code, f"HTTP {self.status}" if self.status else ""]
        if self.request_id:
            facts.append(say("request {id}", id=self.request_id))
        if self.tries > 1:
            facts.append(say("{tries} tries", tries=self.tries))
        found = ", ".join(fact for fact in facts if fact)
        return f"[{found}]" if found else ""


class RefusedError(NotificationError):
    """The service answered, and did not do what was asked."""


class ValidationError(RefusedError):
    """Something in the request is wrong; the same request will be refused again."""


class AuthenticationError(RefusedError):
    """The signature is missing, wrong, or of an unknown API client."""


class ClockSkewError(AuthenticationError):
    """The timestamp is out of the window. `skew_ms`: this clock is ahead (+) by that."""

    @property
    def skew_ms(self) -> int | None:
        """How far this computer's clock is ahead of the service's, in milliseconds."""
        skew = self.details.get("skew_ms")
        return skew if isinstance(skew, int) else None


class ForbiddenError(RefusedError):
    """The API client may not do that."""


class NotFoundError(RefusedError):
    """There is no such thing, or it belongs to somebody else."""


class ConflictError(RefusedError):
    """The state of the thing does not allow that."""


class RateLimitedError(RefusedError):
    """Too many requests, and the tries or the time for waiting are used up."""


class UnavailableError(RefusedError):
    """The service cannot at the moment, and the tries or the time are used up."""


class ConnectionFailedError(NotificationError):
    """No answer came. `is_sent`: the request may have reached the service."""

    def __init__(
        self, problem: Problem, *, is_sent: bool, is_lasting: bool = False
    ) -> None:
        super().__init__(problem, is_lasting=is_lasting)
        self.is_sent = is_sent


class StaleConnectionError(ConnectionFailedError):
    """A kept connection turned out to be closed; a fresh one may do."""


class DeadlineExceededError(NotificationError):
    """The total time that a call may take is over."""


class UnexpectedAnswerError(NotificationError):
    """Something answered that is not this service, or not as it should."""


class NotSettledError(NotificationError):
    """`wait` ended before all deliveries did. `unsettled` are their message ids."""

    def __init__(self, problem: Problem, unsettled: tuple[str, ...]) -> None:
        super().__init__(problem)
        self.unsettled = unsettled
