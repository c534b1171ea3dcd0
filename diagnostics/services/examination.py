"""Runs checks side by side, each cut off at its own time limit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from django.db import DatabaseError, OperationalError, connections

from diagnostics.checks.contract import Check, Finding, Said, Seen, Severity
from diagnostics.checks.database import UNREACHABLE
from diagnostics.checks.registry import CHECKS
from diagnostics.checks.unfinished import BROKE, CUT_OFF

logger = logging.getLogger(__name__)

# The last thread of each check: one that was cut off may run even now, and no second one
# is begun meanwhile.
_LEFT_BEHIND: dict[str, threading.Thread] = {}

# Each holds a database connection; the pool of a web process has sixteen.
AT_ONCE = 4
_LOST_DATABASE = ("OperationalError", "InterfaceError", "PoolTimeout")

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
    hangs is left behind on its thread. `on_seen` is called, on this thread, as each ends.
    """
    begun = time.perf_counter()
    wanted = list(CHECKS.values() if checks is None else checks)
    by_name: dict[str, Seen] = {}
    for seen in _Lanes(wanted).run():
        by_name[seen.check.name] = seen
        on_seen(seen)
    seen_in_order = tuple(by_name[one.name] for one in wanted)
    return Examination(_without_consequences(seen_in_order), _since(begun))


def _without_consequences(all_seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """Leave out the checks that broke only because the database cannot be reached."""
    findings = [finding for seen in all_seen for finding in seen.findings]
    if not any(finding.kind is UNREACHABLE for finding in findings):
        return all_seen
    return tuple(
        replace(seen, said=()) if seen.problem.startswith(_LOST_DATABASE) else seen
        for seen in all_seen
    )


class _Lanes:
    """A few threads that take the next check when one has ended or is given up."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._waiting: SimpleQueue[Check] = SimpleQueue()
        self._seen: SimpleQueue[Seen] = SimpleQueue()
        self._count = len(checks)
        for check in checks:
            self._waiting.put(check)

    def run(self) -> Iterator[Seen]:
        """Yield what each check saw, as it ends, on the caller's own thread."""
        for _lane in range(AT_ONCE):
            threading.Thread(target=self._lane, daemon=True, name="checks").start()
        for _check in range(self._count):
            yield self._seen.get()

    def _lane(self) -> None:
        with suppress(Empty):
            while True:
                self._seen.put(look_in_time(self._waiting.get_nowait()))


def look_in_time(check: Check) -> Seen:
    """Run one check on a thread of its own; a finding says if it was cut off or broke.

    One that an earlier report has left behind, and that runs even now, counts as cut off.
    """
    begun = time.perf_counter()
    ended: list[tuple[tuple[Said, ...], str]] = []
    if not _is_left_behind(check):
        thread = threading.Thread(
            target=lambda: ended.append(_looked(check)), daemon=True, name=check.name
        )
        thread.start()
        thread.join(check.seconds)
        _LEFT_BEHIND[check.name] = thread
    if not ended:
        return _cut_off(check, _since(begun))
    said, problem = ended[0]
    return Seen(check, said, _since(begun), problem)


def _is_left_behind(check: Check) -> bool:
    thread = _LEFT_BEHIND.get(check.name)
    return thread is not None and thread.is_alive()


def _cut_off(check: Check, took_ms: float) -> Seen:
    seconds = f"{check.seconds:g}"
    found = CUT_OFF.found(check.name, check=str(check.title), seconds=seconds)
    return Seen(check, (found,), took_ms, f"no answer within {seconds} s")


def _looked(check: Check) -> tuple[tuple[Said, ...], str]:
    said: list[Said] = []
    try:
        said.extend(check.look())
    except Exception as error:
        what = _told(error)
        logger.warning("The check %s broke: %s", check.name, what)
        logger.debug("The check %s broke.", check.name, exc_info=True)
        said.append(BROKE.found(check.name, check=str(check.title), error=what))
        return tuple(said), what
    finally:
        connections.close_all()
    return tuple(said), ""


def _told(error: Exception) -> str:
    """Name an error. What a database says of a statement names no values; others may."""
    name = type(error).__name__
    if not isinstance(error, DatabaseError) or isinstance(error, OperationalError):
        return name
    return f"{name}: {str(error).partition(chr(10))[0]}"[:200]


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
