"""Circuit breakers: when a config's sends keep failing, and when to probe it again.

The rule is pure (`after_sends`), its state a row per failing config; a healthy
config has no row and costs no write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from channels_app.models import Breaker
from channels_app.models.sql import Column, as_parameter, rows_of, unix_now

IN_A_ROW = 5
WINDOW = 20
FIRST_OPEN_SECONDS = 30.0
LONGEST_OPEN_SECONDS = 900.0
# Longer than a send may take, so that one probe is under way at a time.
PROBE_SECONDS = 30.0


@dataclass(frozen=True)
class BreakerState:
    """A config's failures. `opens_in` is what is left of its pause, in seconds."""

    config_id: int
    failures_in_a_row: int = 0
    failures: int = 0
    sends: int = 0
    open_seconds: float = 0.0
    pause_left: float | None = None
    is_probing: bool = False

    @property
    def is_open(self) -> bool:
        return self.pause_left is not None


def after_sends(state: BreakerState, *, succeeded: int, failed: int) -> BreakerState:
    """Return the state after some sends came back, in the order: failed, succeeded.

    Any success closes an open breaker. What fails while it is open was under way when
    it opened, and says nothing new; only a probe's failure opens it for longer.
    """
    if state.is_open and succeeded:
        return BreakerState(state.config_id)
    if state.pause_left is not None and state.pause_left > 0:
        return state
    in_a_row = 0 if succeeded else state.failures_in_a_row + failed
    counted = replace(
        state,
        failures_in_a_row=in_a_row,
        failures=state.failures + failed,
        sends=state.sends + failed + succeeded,
        is_probing=False,
    )
    if state.is_open or in_a_row >= IN_A_ROW or _is_half_failing(counted):
        return _opened(counted)
    if counted.sends >= WINDOW:
        return replace(counted, failures=0, sends=0)
    return counted


def _is_half_failing(state: BreakerState) -> bool:
    return state.sends >= WINDOW and state.failures * 2 >= state.sends


def _opened(state: BreakerState) -> BreakerState:
    seconds = min(max(state.open_seconds * 2, FIRST_OPEN_SECONDS), LONGEST_OPEN_SECONDS)
    return replace(state, failures=0, sends=0, open_seconds=seconds, pause_left=seconds)


def is_clean(state: BreakerState) -> bool:
    """Return whether the state says nothing that a missing row does not."""
    return not state.is_open and not state.failures


COLUMNS = (
    Column("config_id", "integer"),
    Column("failures_in_a_row", "integer"),
    Column("failures", "integer"),
    Column("sends", "integer"),
    Column("open_seconds", "real"),
    Column("pause_left", "real"),
)


def breaker_states(config_ids: Iterable[int]) -> Mapping[int, BreakerState]:
    """Return the states of those configs that have failed lately."""
    wanted = sorted(set(config_ids))
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT config_id, failures_in_a_row, failures, sends, open_seconds,
                open_until - {unix_now()},
                CASE WHEN probe_until > {unix_now()} THEN 1 ELSE 0 END
            FROM breakers WHERE config_id IN ({marks})""",
            wanted,
        )
        rows = cursor.fetchall()
    return {state.config_id: state for state in map(_state, rows)}


def _state(row: tuple[Any, ...]) -> BreakerState:
    *numbers, is_probing = row
    return replace(BreakerState(*numbers), is_probing=bool(is_probing))


def begin_probe(config_id: int) -> bool:
    """Take the one probe of an open breaker whose pause is over."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE breakers SET probe_until = {unix_now()} + %s
            WHERE config_id = %s AND open_until <= {unix_now()}
              AND (probe_until IS NULL OR probe_until <= {unix_now()})""",
            [PROBE_SECONDS, config_id],
        )
        return bool(cursor.rowcount == 1)


def store_states(states: Iterable[BreakerState]) -> None:
    """Write the states that say something, forget the rows of those that do not."""
    states = list(states)
    clean = [state.config_id for state in states if is_clean(state)]
    if clean:
        Breaker.objects.filter(pk__in=clean).delete()
    telling = [state for state in states if not is_clean(state)]
    if telling:
        _upsert(telling)


def _upsert(states: list[BreakerState]) -> None:
    names = [column.name for column in COLUMNS]
    rows = as_parameter(
        {name: getattr(state, name) for name in names} for state in states
    )
    counts = ("failures_in_a_row", "failures", "sends", "open_seconds")
    with connection.cursor() as cursor:
        # A config that was deleted meanwhile has no breaker.
        cursor.execute(
            f"""
            INSERT INTO breakers
                (config_id, {", ".join(counts)}, open_until, probe_until)
            SELECT r.config_id, {", ".join(f"r.{name}" for name in counts)},
                {unix_now()} + r.pause_left, NULL
            FROM {rows_of(COLUMNS)}
            WHERE r.config_id IN (SELECT id FROM user_configs)
            ON CONFLICT (config_id) DO UPDATE SET
                {", ".join(f"{name} = excluded.{name}" for name in counts)},
                open_until = excluded.open_until, probe_until = NULL""",
            [rows],
        )
