"""Runs checks side by side, each cut off at its own time limit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import connections

from diagnostics.checks.contract import Check, Finding, Said, Seen, Severity
from diagnostics.checks.registry import CHECKS
from diagnostics.checks.unfinished import BROKE, CUT_OFF

logger = logging.getLogger(__name__)

# Each holds a database connection; the pool of a web process has sixteen.
AT_ONCE = 4

OnSeen = Callable[[Seen], None]


@dataclass(frozen=True)
class Examination:
    """What all checks said, in the order of the registry."""

    seen: tuple[Seen, ...]
    took_ms: float

    @property
    def findings(self) -> list[Finding]:
        """All findings, the worst first."""
        found = [finding for seen in self.seen for finding in seen.findings]
        worst_first = list(Severity)
        return sorted(found, key=lambda finding: worst_first.index(finding.severity))


def examine(
    checks: Iterable[Check] | None = None, on_seen: OnSeen = lambda seen: None
) -> Examination:
    """Run checks (all, if none are named) and return what they saw.

    Never waits longer than a lane of checks that all use up their time: a check that
    hangs is left behind on its thread. `on_seen` is called as each one ends.
    """
    begun = time.perf_counter()
    wanted = list(CHECKS.values() if checks is None else checks)
    lanes = _Lanes(wanted, on_seen)
    lanes.run()
    return Examination(lanes.seen_in_order(), _since(begun))


class _Lanes:
    """A few threads that take the next check when one has ended or is given up."""

    def __init__(self, checks: Sequence[Check], on_seen: OnSeen) -> None:
        self._checks = checks
        self._waiting = deque(checks)
        self._seen: dict[str, Seen] = {}
        self._on_seen = on_seen
        self._lock = threading.Lock()

    def run(self) -> None:
        lanes = [
            threading.Thread(target=self._lane, daemon=True) for _ in range(AT_ONCE)
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

    def seen_in_order(self) -> tuple[Seen, ...]:
        return tuple(self._seen[check.name] for check in self._checks)

    def _lane(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                check = self._waiting.popleft()
            seen = look_in_time(check)
            with self._lock:
                self._seen[check.name] = seen
                self._on_seen(seen)


def look_in_time(check: Check) -> Seen:
    """Run one check on a thread of its own; a finding says if it was cut off or broke."""
    begun = time.perf_counter()
    ended: list[tuple[tuple[Said, ...], str]] = []
    thread = threading.Thread(
        target=lambda: ended.append(_looked(check)), daemon=True, name=check.name
    )
    thread.start()
    thread.join(check.seconds)
    if ended:
        said, problem = ended[0]
    else:
        seconds = f"{check.seconds:g}"
        found = CUT_OFF.found(check.name, check=str(check.title), seconds=seconds)
        said, problem = (found,), f"no answer within {seconds} s"
    return Seen(check, said, _since(begun), problem)


def _looked(check: Check) -> tuple[tuple[Said, ...], str]:
    said: list[Said] = []
    try:
        said.extend(check.look())
    except Exception as error:
        logger.warning("The check %s broke.", check.name, exc_info=True)
        name = type(error).__name__
        said.append(BROKE.found(check.name, check=str(check.title), error=name))
        return tuple(said), name
    finally:
        connections.close_all()
    return tuple(said), ""


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
