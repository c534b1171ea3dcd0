"""What a delivery does, said once more in plain Python: the engine is held to it.

Written from the table of states, without a look at the engine. There is no clock: a
delivery is due or not, its lease runs or is over, its time is past or ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field

COUNTED_TRIES = 3
CRASHES = 3
SENT, FAILED, CANCELLED, EXPIRED = "sent", "failed", "cancelled", "expired"
PENDING, RETRYING, SENDING, UNKNOWN = "pending", "retrying", "sending", "unknown"
WAITING = {PENDING, RETRYING}
AT_MOST_ONCE = "at_most_once"


class RefusedError(Exception):
    """The delivery is in a state where a person may not do that."""


@dataclass
class Modelled:
    """One delivery. `attempts` holds the outcome of each try."""

    guarantee: str
    config_id: int
    has_deadline: bool = False
    status: str = PENDING
    attempts: list[str] = field(default_factory=list)
    counted: int = 0
    crashes: int = 0
    may_duplicate: bool = False
    error: str = ""
    is_cancel_asked: bool = False
    is_due: bool = True
    is_past: bool = False
    is_lease_over: bool = False

    @property
    def is_claimable(self) -> bool:
        return self.status in WAITING and self.is_due and not self.is_past

    @property
    def row(self) -> dict[str, object]:
        """Return what the delivery's row and its attempts must say."""
        return {
            "status": self.status,
            "attempt_no": len(self.attempts),
            "attempts": self.attempts,
            "counted": self.counted,
            "crashes": self.crashes,
            "may_duplicate": self.may_duplicate,
            "error": self.error,
            "has_lease": self.status == SENDING,
            "is_arrived": self.status == "sent",
        }

    def claim(self) -> None:
        self.status, self.is_lease_over = SENDING, False
        self.attempts.append(SENDING)

    def record(self, number: int, outcome: str) -> None:
        """Take a worker's word on one of its attempts, be it late."""
        if self.attempts[number - 1] in {SENDING, UNKNOWN}:
            self.attempts[number - 1] = "failed" if outcome == "limited" else outcome
        if number != len(self.attempts):
            return
        if self.status == SENDING:
            self._end(outcome)
        elif outcome == "ok" and self.status in {*WAITING, UNKNOWN}:
            self._arrive()
        elif self.status == UNKNOWN and outcome != UNKNOWN:
            self.status, self.error = FAILED, outcome

    def _arrive(self) -> None:
        self.status, self.error = SENT, ""

    def _end(self, outcome: str) -> None:
        if outcome == "ok":
            self._arrive()
            return
        self.error = outcome
        self.is_due = False
        is_repeatable = self.guarantee != AT_MOST_ONCE
        if outcome == UNKNOWN and is_repeatable:
            self.may_duplicate = True
        if outcome == "failed" or (outcome == UNKNOWN and is_repeatable):
            self.counted += 1
        self.status = self._after(outcome)
        if self.status == CANCELLED and outcome == "not_sent":
            self.error = "cancelled"

    def _after(self, outcome: str) -> str:
        if outcome == UNKNOWN and self.guarantee == AT_MOST_ONCE:
            return UNKNOWN
        if self.is_cancel_asked:
            return CANCELLED
        is_dead = outcome == "rejected" or self.counted >= COUNTED_TRIES
        return FAILED if is_dead else RETRYING

    def reap(self) -> None:
        """Take back an ended lease; settle what waited past its time."""
        if self.status == SENDING and self.is_lease_over:
            self._crash()
        if self.status in WAITING and self.is_past:
            self.status, self.error = EXPIRED, "expired"

    def _crash(self) -> None:
        if self.attempts[-1] == SENDING:
            self.attempts[-1] = UNKNOWN
        self.crashes += 1
        self.is_due = False
        is_poison = self.crashes >= CRASHES
        self.error = "crashed" if is_poison else UNKNOWN
        if self.guarantee != AT_MOST_ONCE:
            self.may_duplicate = True
        if self.is_cancel_asked and self.guarantee != AT_MOST_ONCE:
            self.status = CANCELLED
        elif is_poison:
            self.status = FAILED
        else:
            held = self.guarantee == AT_MOST_ONCE
            self.status = UNKNOWN if held else RETRYING

    def cancel(self) -> None:
        if self.status not in {*WAITING, SENDING}:
            raise RefusedError
        self.is_cancel_asked = True
        if self.status in WAITING:
            self.status, self.error = CANCELLED, "cancelled"

    def clear(self, *, is_failed: bool) -> None:
        """Settle a delivery that waits to retry."""
        if self.status == RETRYING and is_failed:
            self.status = FAILED
        elif self.status == RETRYING:
            self.cancel()

    def resend(self) -> Modelled:
        """Begin anew, or return the copy that is sent in place of a sent one."""
        if self.status == SENT:
            return Modelled(self.guarantee, self.config_id)
        if self.status not in {FAILED, UNKNOWN}:
            raise RefusedError
        self.may_duplicate = self.may_duplicate or self.status == UNKNOWN
        self.status, self.error, self.is_due = PENDING, "", True
        self.counted = self.crashes = 0
        self.is_cancel_asked = False
        if self.is_past:
            self.has_deadline = self.is_past = False
        return self

    def settle_held(self, *, has_arrived: bool) -> None:
        if self.status != UNKNOWN:
            raise RefusedError
        if has_arrived:
            self._arrive()
        else:
            self.status = FAILED
