"""Which of the due deliveries may start now, and how long the others wait.

Pure: what the database knows (breakers, holds, reserved slots) comes in as values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from channels_app.delivery.breakers import BreakerState
from channels_app.delivery.throttle import Rate, Wish

# A slot that was missed by so much is gone: honouring a pile of them would be a burst.
SLOT_GOOD_FOR = 5.0


@dataclass(frozen=True)
class Candidate:
    """A due delivery. `late` is in seconds; `has_slot`: its limit is reserved.

    `is_suspect`: whoever sent it crashed, more than once.
    """

    id: int
    destination: str
    config_id: int | None
    channel_type: str
    has_slot: bool
    late: float
    is_suspect: bool = False


@dataclass(frozen=True)
class Deferral:
    """A delivery that waits so many seconds, for a slot that is its own or not."""

    log_id: int
    seconds: float
    has_slot: bool


@dataclass
class Admission:
    """Who starts, who waits, and which configs are pushed back as a whole."""

    start: list[int] = field(default_factory=list)
    deferrals: list[Deferral] = field(default_factory=list)
    pushed_back: dict[int, float] = field(default_factory=dict)


def admit_suspect_alone(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the first suspect if there is one: then nobody is in the crash beside it."""
    suspects = [one for one in candidates if one.is_suspect]
    return suspects[:1] or candidates


def admit_by_share(
    candidates: Iterable[Candidate], free_places: Callable[[str], int]
) -> list[Candidate]:
    """Return the candidates whose destination still has a place in flight."""
    taken: dict[str, int] = {}
    admitted = []
    for one in candidates:
        if taken.get(one.destination, 0) < free_places(one.destination):
            taken[one.destination] = taken.get(one.destination, 0) + 1
            admitted.append(one)
    return admitted


def admit_by_threads(
    candidates: Iterable[Candidate],
    blocking_kinds: Collection[str],
    free_threads: Callable[[str], int],
) -> list[Candidate]:
    """Return the candidates that need no thread, or whose kind has one free."""
    left = {kind: free_threads(kind) for kind in blocking_kinds}
    admitted = []
    for one in candidates:
        if left.get(one.channel_type, 1) <= 0:
            continue
        if one.channel_type in left:
            left[one.channel_type] -= 1
        admitted.append(one)
    return admitted


def admit_by_breaker(
    candidates: Iterable[Candidate],
    states: Mapping[int, BreakerState],
    begin_probe: Callable[[int], bool],
    *,
    probe_seconds: float,
    admission: Admission,
) -> list[Candidate]:
    """Return the candidates that no open breaker stops; one probe each may pass."""
    admitted = []
    for one in candidates:
        state = states.get(one.config_id) if one.config_id is not None else None
        if state is None or state.pause_left is None:
            admitted.append(one)
        elif state.config_id in admission.pushed_back:
            continue
        elif state.pause_left > 0:
            admission.pushed_back[state.config_id] = state.pause_left
        else:
            admission.pushed_back[state.config_id] = probe_seconds
            if begin_probe(state.config_id):
                admitted.append(one)
    return admitted


def wishes_of(
    candidates: Iterable[Candidate], rates: Mapping[str, Rate]
) -> dict[str, Wish]:
    """Return what must be reserved: one wish a destination that has a rate."""
    counts: dict[str, int] = {}
    for one in candidates:
        if one.destination in rates and not _holds_its_slot(one):
            counts[one.destination] = counts.get(one.destination, 0) + 1
    return {name: Wish(name, rates[name], count) for name, count in counts.items()}


def _holds_its_slot(one: Candidate) -> bool:
    return one.has_slot and one.late < SLOT_GOOD_FOR


def admit_by_limit(
    candidates: Iterable[Candidate],
    waits: Mapping[str, list[float]],
    holds: Mapping[str, float],
    admission: Admission,
) -> None:
    """Start who has a slot now; give the others the slot they must wait for."""
    left = {name: iter(slots) for name, slots in waits.items()}
    for one in candidates:
        if one.destination in left and not _holds_its_slot(one):
            wait, has_slot = next(left[one.destination]), True
        else:
            wait, has_slot = holds.get(one.destination, 0.0), False
        if wait > 0:
            admission.deferrals.append(Deferral(one.id, wait, has_slot))
        else:
            admission.start.append(one.id)
