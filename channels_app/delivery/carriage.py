"""What comes of carrying one request: an answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from channels_app.senders.contract import Answer, Receipt, SendError


class CarriageOutcome(StrEnum):
    """What a missing answer says about the request."""

    NOT_SENT = "not_sent"  # no byte of it left: sending it again is safe
    UNKNOWN = "unknown"  # it may have arrived: sending it again may repeat it


@dataclass(frozen=True)
class CarriageFailure:
    """Why there is no answer. `code` is a key of CARRIAGE_ERRORS.

    `detail` names hosts and addresses at most, never a path, header or body.
    `retryable` is false where the same request would fail the same way again.
    """

    code: str
    outcome: CarriageOutcome
    detail: str
    retryable: bool


@dataclass(frozen=True)
class Timing:
    """How long each phase took, in seconds; 0 for a phase that did not happen.

    A kept connection has no lookup, connect or TLS phase. `first_byte` is the wait
    from the request to the first byte of the answer; `total` covers everything.
    """

    name_lookup: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Carried:
    """One request that came to its end: `answer`, `failure` or `said` is set.

    `said` is what a blocking sender made of its provider's answer.
    """

    ticket: object
    answer: Answer | None
    failure: CarriageFailure | None
    timing: Timing = Timing()
    bytes_went_out: bool = False
    remote_address: str = ""
    said: Receipt | SendError | None = None

    @property
    def was_answered(self) -> bool:
        return self.failure is None
