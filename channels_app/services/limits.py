"""Limits that hold over all web processes: one conditional statement each.

A rate is kept by GCRA: one time per name, at which everything taken is earned back.
Each process takes a hundredth of a rate at once and spends it from memory, and it
remembers until when a name is refused, so that a flood does not reach the database.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from itertools import count

from django.db import connection
from django.utils.translation import gettext_lazy as _

from channels_app.models.sql import unix_now
from channels_app.services.refusals import RequestRefusedError

# What each limit counts, in the words of its refusal.
_COUNTED = {
    "sends": _("notifications"),
    "management": _("requests on templates and configs"),
    "logs": _("requests on logs"),
    "unsigned": _("unsigned requests"),
    "bad_signatures": _("wrong signatures"),
    "bad_keys": _("wrong keys"),
}

_MOST_REMEMBERED = 10_000
_PRUNE_EVERY = 500
_PRUNE_ROWS = 1000

# Whether there is room is decided where it is taken: no two processes can both pass.
_TAKE = """
    INSERT INTO rate_limits (name, until, used) VALUES (%s, NOW_SECONDS + %s, 0)
    ON CONFLICT (name) DO UPDATE SET until = %s
        + CASE WHEN rate_limits.until > NOW_SECONDS
               THEN rate_limits.until ELSE NOW_SECONDS END
    WHERE rate_limits.until + %s <= NOW_SECONDS + %s
    RETURNING until - NOW_SECONDS"""
_OWED = "SELECT until - NOW_SECONDS FROM rate_limits WHERE name = %s"
_COUNT = """
    INSERT INTO rate_limits (name, until, used) VALUES (%s, NOW_SECONDS + %s, 1)
    ON CONFLICT (name) DO UPDATE SET
        used = CASE WHEN rate_limits.until <= NOW_SECONDS
                    THEN 1 ELSE rate_limits.used + 1 END,
        until = CASE WHEN rate_limits.until <= NOW_SECONDS
                     THEN NOW_SECONDS + %s ELSE rate_limits.until END
    RETURNING used, until - NOW_SECONDS"""
_PRUNE = """
    DELETE FROM rate_limits WHERE name IN
        (SELECT name FROM rate_limits WHERE until < NOW_SECONDS
         ORDER BY until LIMIT %s)"""


@dataclass(frozen=True)
class Limit:
    """At most `quota` in `seconds`; a quota of 0 means no limit."""

    name: str
    quota: int
    seconds: int = 60

    def row_name(self, subject: str) -> str:
        return f"{self.name}:{subject}"[:160]


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit, for the RateLimit headers."""

    limit: Limit
    remaining: int
    wait: int = 0

    @property
    def reset_seconds(self) -> int:
        """In how many seconds all that was taken is earned back, or the refusal ends."""
        taken = self.limit.quota - self.remaining
        earned_back = taken * self.limit.seconds / self.limit.quota
        return self.wait or max(math.ceil(earned_back), 1)


@dataclass
class _Memory:
    """What this process knows: tokens in stock, and until when a name is refused."""

    stock: dict[str, int] = field(default_factory=dict)
    refused_until: dict[str, float] = field(default_factory=dict)
    remaining: dict[str, int] = field(default_factory=dict)
    taken: count[int] = field(default_factory=lambda: count(1))

    lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, name: str, cost: int) -> int:
        """Take from the stock; return how many tokens were not in it."""
        with self.lock:
            spent = min(self.stock.get(name, 0), cost)
            self.stock[name] = self.stock.get(name, 0) - spent
        return cost - spent

    def store(self, name: str, tokens: int) -> None:
        with self.lock:
            self.stock[name] = self.stock.get(name, 0) + tokens

    def forget(self) -> None:
        for known in (self.stock, self.refused_until, self.remaining):
            known.clear()


_memory = _Memory()


def forget_limits() -> None:
    """Drop what this process remembers of limits (tests, and a changed setting)."""
    _memory.forget()


def take(limit: Limit, subject: str, cost: int = 1) -> Allowance | None:
    """Take `cost` from a limit. Raises RequestRefusedError(RATE_LIMITED) when over."""
    if limit.quota <= 0:
        return None
    name = limit.row_name(subject)
    _refuse_remembered(name, limit)
    missing = _memory.spend(name, cost)
    if missing:
        _restock(limit, name, missing)
    left = _memory.remaining.get(name, 0) + _memory.stock.get(name, 0)
    return Allowance(limit, left)


def give_back(limit: Limit, subject: str, cost: int = 1) -> None:
    """Return to this process's stock what was taken for nothing."""
    if limit.quota > 0:
        _memory.store(limit.row_name(subject), cost)


def count_failure(limit: Limit, subject: str) -> None:
    """Count one failure in a window that begins with the first.

    Raises RequestRefusedError(RATE_LIMITED) from the failure after the quota on, until
    the window ends.
    """
    if limit.quota <= 0:
        return
    name = limit.row_name(subject)
    _refuse_remembered(name, limit)
    used, seconds_left = _add_to_window(name, limit.seconds)
    if used > limit.quota:
        raise _refused(limit, _remember_refusal(name, seconds_left))


def _restock(limit: Limit, name: str, missing: int) -> None:
    """Take what is missing, and a portion for the requests to come if it is there."""
    least = min(missing, limit.quota)
    portion = max(least, limit.quota // 100)
    if portion > least and _is_taken(limit, name, portion):
        _memory.store(name, portion - least)
    elif not _is_taken(limit, name, least):
        wait = _seconds_until_earned(name) + limit.seconds * (least / limit.quota - 1)
        raise _refused(limit, _remember_refusal(name, wait))


def _refuse_remembered(name: str, limit: Limit) -> None:
    wait = _memory.refused_until.get(name, 0.0) - time.monotonic()
    if wait > 0:
        raise _refused(limit, math.ceil(wait))


def _remember_refusal(name: str, seconds: float) -> int:
    if len(_memory.refused_until) >= _MOST_REMEMBERED:
        _memory.forget()
    _memory.refused_until[name] = time.monotonic() + seconds
    return max(math.ceil(seconds), 1)


def _refused(limit: Limit, wait: int) -> RequestRefusedError:
    return RequestRefusedError(
        "RATE_LIMITED",
        _("More than %(quota)d %(what)s in %(seconds)d seconds.")
        % {
            "quota": limit.quota,
            "what": _COUNTED.get(limit.name, _("requests")),
            "seconds": limit.seconds,
        },
        details={
            "limit": limit.name,
            "quota": limit.quota,
            "seconds": limit.seconds,
        },
        retry_after=max(wait, 1),
    )


def _sql(statement: str) -> str:
    """Put the database's clock, in seconds since 1970, into a statement."""
    return statement.replace("NOW_SECONDS", unix_now())


def _is_taken(limit: Limit, name: str, tokens: int) -> bool:
    """Take tokens from the shared store, if they are earned back."""
    seconds = tokens * limit.seconds / limit.quota
    with connection.cursor() as cursor:
        cursor.execute(_sql(_TAKE), [name, seconds, seconds, seconds, limit.seconds])
        row = cursor.fetchone()
    _prune_sometimes()
    if row is None:
        return False
    _memory.remaining[name] = _tokens_left(limit, row[0])
    return True


def _tokens_left(limit: Limit, seconds_owed: float) -> int:
    return max(int((limit.seconds - seconds_owed) * limit.quota / limit.seconds), 0)


def _seconds_until_earned(name: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_sql(_OWED), [name])
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0


def _add_to_window(name: str, seconds: int) -> tuple[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_sql(_COUNT), [name, seconds, seconds])
        used, left = cursor.fetchone()
    _prune_sometimes()
    return int(used), float(left)


def _prune_sometimes() -> None:
    if next(_memory.taken) % _PRUNE_EVERY:
        return
    with connection.cursor() as cursor:
        cursor.execute(_sql(_PRUNE), [_PRUNE_ROWS])
