"""One round of taking work: what is due, may start and has a place, under a lease."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction

from channels_app.delivery.admission import (
    Admission,
    Candidate,
    Deferral,
    admit_by_breaker,
    admit_by_limit,
    admit_by_share,
    admit_by_threads,
    admit_suspect_alone,
    wishes_of,
)
from channels_app.delivery.breakers import (
    BreakerState,
    begin_probe,
    breaker_states,
)
from channels_app.delivery.claims import Claim, claim_these
from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.destinations import Destination, destinations
from channels_app.delivery.due import LeftOut, candidates, is_anything_due
from channels_app.delivery.throttle import Rate, held, reserve
from channels_app.models.sql import (
    Column,
    as_parameter,
    is_postgres,
    now_plus,
    rows_of,
    skip_locked,
)
from channels_app.senders.registry import BLOCKING_KINDS, SENDERS

PAUSED_LOOK_SECONDS = 15.0
PUSH_BATCH = 5000
DEFERRAL_COLUMNS = (
    Column("log_id", "integer"),
    Column("seconds", "real"),
    Column("has_slot", "flag"),
)


@dataclass(frozen=True)
class Wanted:
    """How much a pump can take, and what it leaves out for now.

    `is_alone`: the pump has nothing else in flight, so that a suspect may be tried.
    """

    limit: int
    worker: str
    held_kinds: Collection[str] = ()
    full_destinations: Collection[str] = ()
    is_alone: bool = False
    free_places: Callable[[str], int] = lambda destination: 1_000_000
    free_threads: Callable[[str], int] = lambda kind: 1_000_000


@dataclass(frozen=True)
class Taken:
    """What was taken. `was_full`: there was at least as much due as was asked for.

    `is_suspect`: it is one that is to be sent with nothing beside it.
    """

    claims: Sequence[Claim] = ()
    configs: Mapping[int, Destination] = field(default_factory=dict)
    breakers: Mapping[int, BreakerState] = field(default_factory=dict)
    was_full: bool = False
    is_suspect: bool = False


def take(wanted: Wanted) -> Taken:
    """Take due deliveries in one transaction; put off those that must wait.

    What waits for a limit gets its slot as its due time once; what waits for a
    breaker or a pause is pushed back with all of its config.
    """
    # SQLite's only writer slot is not worth taking to find out that nothing is due.
    if not is_postgres() and not is_anything_due(wanted.held_kinds):
        return Taken()
    with transaction.atomic():
        left_out = LeftOut(
            wanted.held_kinds, wanted.full_destinations, not wanted.is_alone
        )
        found = candidates(limit=wanted.limit, left_out=left_out)
        if not found:
            return Taken()
        was_full, found = len(found) >= wanted.limit, admit_suspect_alone(found)
        configs = destinations(one.config_id for one in found)
        breakers = breaker_states(configs)
        admission = _admit(found, configs, breakers, wanted)
        claims = claim_these(admission.start, wanted.worker)
        defer(admission.deferrals)
        for config_id, seconds in admission.pushed_back.items():
            _push_back(config_id, seconds)
    if claims:
        crash_at("after_claim_commit")
    return Taken(claims, configs, breakers, was_full, found[0].is_suspect)


def _admit(
    found: Sequence[Candidate],
    configs: Mapping[int, Destination],
    breakers: Mapping[int, BreakerState],
    wanted: Wanted,
) -> Admission:
    admission = Admission(
        pushed_back={
            config.config_id: PAUSED_LOOK_SECONDS
            for config in configs.values()
            if config.is_paused
        }
    )
    left = [one for one in found if one.config_id not in admission.pushed_back]
    left = admit_by_share(left, wanted.free_places)
    left = admit_by_threads(left, BLOCKING_KINDS, wanted.free_threads)
    left = admit_by_breaker(
        left,
        breakers,
        begin_probe,
        probe_seconds=float(settings.SEND_DEADLINE_SECONDS + 1),
        admission=admission,
    )
    rates = _rates(left, configs)
    waits = reserve(wishes_of(left, rates).values())
    holds = held({one.destination for one in left} - rates.keys() - {""})
    admit_by_limit(left, waits, holds, admission)
    return admission


def _rates(
    found: Iterable[Candidate], configs: Mapping[int, Destination]
) -> dict[str, Rate]:
    """Return the rates of the destinations that have one."""
    rates: dict[str, Rate] = {}
    for one in found:
        config = configs.get(one.config_id) if one.config_id is not None else None
        if config is None or not one.destination or one.destination in rates:
            continue
        rate = rate_of(one.channel_type, config)
        if rate is not None:
            rates[one.destination] = rate
    return rates


def rate_of(kind: str, config: Destination) -> Rate | None:
    """Return how often a config's destination may be sent to, if that is limited.

    A burst stays one below what the provider allows in a second.
    """
    if config.sends_per_minute is not None:
        return Rate(interval=60 / config.sends_per_minute)
    limits = SENDERS[kind].limits if kind in SENDERS else None
    if limits is None:
        return None
    per_second = limits.sends_per_second
    if limits.sends_per_minute:
        burst = max(1, int((per_second or 1) - 1))
        return Rate(60 / limits.sends_per_minute, burst)
    if per_second:
        return Rate(1 / per_second, max(1, int(per_second // 2)))
    return None


def defer(deferrals: Sequence[Deferral]) -> None:
    """Let each of these wait so long, if it waits at all."""
    if not deferrals:
        return
    rows = as_parameter(
        {"log_id": d.log_id, "seconds": d.seconds, "has_slot": d.has_slot}
        for d in deferrals
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE notification_logs SET
                next_attempt_at = {now_plus("r.seconds")}, has_slot = r.has_slot
            FROM {rows_of(DEFERRAL_COLUMNS)}
            WHERE notification_logs.id = r.log_id
              AND notification_logs.status IN ('pending', 'retrying')""",
            [rows],
        )


def _push_back(config_id: int, seconds: float) -> None:
    """Let what waits for a config wait longer, so that it is not looked at again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE notification_logs SET
                next_attempt_at = {now_plus("%s")}, has_slot = FALSE
            WHERE id IN (SELECT id FROM notification_logs
                WHERE config_id = %s AND status IN ('pending', 'retrying')
                  AND next_attempt_at < {now_plus("%s")}
                ORDER BY id LIMIT {PUSH_BATCH} {skip_locked()})""",
            [seconds, config_id, seconds],
        )
