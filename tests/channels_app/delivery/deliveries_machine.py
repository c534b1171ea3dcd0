"""The engine on the database, step for step beside the reference model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from channels_app.delivery.claims import Claim
from channels_app.delivery.reaper import reap
from channels_app.delivery.recording import Result, record
from channels_app.models import NotificationLog
from channels_app.services.bulk_replay import replay
from channels_app.services.deliveries import (
    cancel_delivery,
    clear_retries,
    resend_delivery,
    settle_held,
)
from channels_app.services.pausing import pause_config, resume_config
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replay_plans import ReplayFilter, plan_replay
from tests.channels_app.delivery.deliveries import (
    claim,
    default_client,
    let_lease_end,
    stored,
    webhook_config,
)
from tests.channels_app.delivery.ends import CODES, result_of
from tests.channels_app.delivery.machine_checks import must_add_up, must_be_equal
from tests.channels_app.delivery.reference_model import (
    SENDING,
    WAITING,
    Modelled,
    RefusedError,
)

MOST_DELIVERIES = 12
PAST = Now() - timedelta(seconds=1)
AHEAD = Now() + timedelta(hours=1)

OUTCOMES = st.sampled_from(["ok", *CODES])
POSITIONS = st.integers(0, 10_000)
# The guarantee, which of two configs, and whether the delivery has a deadline.
WISHES = st.tuples(
    st.sampled_from(["at_least_once", "at_most_once"]),
    st.integers(0, 1),
    st.booleans(),
)


class Deliveries(RuleBasedStateMachine):
    """Each rule does the same to both; after each, both must say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = transaction.atomic()
        self._whole.__enter__()
        self.model: dict[int, Modelled] = {}
        self.in_hand: list[Claim] = []
        self.told: list[Result] = []
        self.paused: set[int] = set()

    @initialize(first=st.lists(WISHES, min_size=3, max_size=6))
    def configure(self, first: list[tuple[str, int, bool]]) -> None:
        default_client()
        self.configs = [
            webhook_config("https://receiver.example/hook", user_id=user)
            for user in ("u1", "u2")
        ]
        for wish in first:
            self.accept(wish)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._whole.__exit__(None, None, None)

    def _has_room(self) -> bool:
        return len(self.model) < MOST_DELIVERIES

    def _chosen(self, position: int, *statuses: str) -> int | None:
        """Return one delivery in these states, or in any."""
        found = [
            pk for pk, d in self.model.items() if not statuses or d.status in statuses
        ]
        return found[position % len(found)] if found else None

    @precondition(_has_room)
    @rule(wish=WISHES)
    def accept(self, wish: tuple[str, int, bool]) -> None:
        guarantee, position, has_deadline = wish
        config = self.configs[position]
        log = stored(config, guarantee=guarantee, user_id=config.user_id)
        if has_deadline:
            NotificationLog.objects.filter(pk=log.pk).update(expires_at=AHEAD)
        self.model[log.pk] = Modelled(guarantee, config.pk, has_deadline)

    @rule(limit=st.sampled_from([1, 50]))
    def take(self, limit: int) -> None:
        due = {pk for pk, d in self.model.items() if d.is_claimable}
        held = {pk for pk in due if self.model[pk].config_id in self.paused}
        claims = claim(limit=50 if held else limit, worker="w")
        taken = [one.id for one in claims]
        assert len(set(taken)) == len(taken)
        assert set(taken) <= due - held
        assert len(taken) == min(50 if held else limit, len(due - held))
        self._wait_for_paused({self.model[pk].config_id for pk in held})
        for one in claims:
            self.model[one.id].claim()
            assert one.attempt_no == len(self.model[one.id].attempts)
        self.in_hand += claims

    def _wait_for_paused(self, configs: set[int]) -> None:
        for delivery in self.model.values():
            if delivery.config_id in configs and delivery.status in WAITING:
                delivery.is_due = False

    @precondition(lambda self: self.in_hand)
    @rule(position=POSITIONS, outcome=OUTCOMES)
    def hear_of_an_attempt(self, position: int, outcome: str) -> None:
        """Record an outcome: in time, after the lease, or after the next try began."""
        taken = self.in_hand.pop(position % len(self.in_hand))
        result = result_of(taken, outcome)
        record([result])
        self.told.append(result)
        self.model[taken.id].record(taken.attempt_no, outcome)

    @precondition(lambda self: len(self.in_hand) > 1)
    @rule(outcomes=st.lists(OUTCOMES, min_size=2, max_size=4))
    def hear_of_several(self, outcomes: list[str]) -> None:
        pairs = list(zip(self.in_hand, outcomes, strict=False))
        del self.in_hand[: len(pairs)]
        record([result_of(taken, outcome) for taken, outcome in pairs])
        for taken, outcome in pairs:
            self.model[taken.id].record(taken.attempt_no, outcome)

    @rule(outcomes=st.lists(OUTCOMES, min_size=MOST_DELIVERIES))
    def send_what_waits(self, outcomes: list[str]) -> None:
        """A round in which nothing is late, so that long stories come about."""
        self.let_waits_end()
        self.take(limit=50)
        self.hear_of_several(outcomes)

    @rule()
    def end_a_worker(self) -> None:
        """Its leases end without a word; what it would have said may come late."""
        self.let_waits_end()
        self.take(limit=50)
        for pk, delivery in self.model.items():
            if delivery.status == SENDING:
                self._let_lease_end(pk)
        self.take_back()

    @precondition(lambda self: self.told)
    @rule(position=POSITIONS)
    def hear_it_again(self, position: int) -> None:
        """A commit whose answer was lost is written once more, and changes nothing."""
        record([self.told[position % len(self.told)]])

    @rule(position=POSITIONS)
    def let_a_lease_end(self, position: int) -> None:
        if (pk := self._chosen(position, SENDING)) is not None:
            self._let_lease_end(pk)

    def _let_lease_end(self, pk: int) -> None:
        let_lease_end(NotificationLog(pk=pk))
        self.model[pk].is_lease_over = True

    @rule()
    def let_waits_end(self) -> None:
        rows = NotificationLog.objects.filter(status__in=WAITING)
        rows.update(next_attempt_at=PAST)
        for delivery in self.model.values():
            delivery.is_due = True

    @rule(position=POSITIONS)
    def let_time_run_out(self, position: int) -> None:
        pk = self._chosen(position)
        if pk is not None and self.model[pk].has_deadline:
            NotificationLog.objects.filter(pk=pk).update(expires_at=PAST)
            self.model[pk].is_past = True

    @rule()
    def take_back(self) -> None:
        reap()
        for delivery in self.model.values():
            delivery.reap()

    @precondition(lambda self: not self.paused)
    @rule(position=st.integers(0, 1))
    def pause(self, position: int) -> None:
        pk = self.configs[position].pk
        assert pause_config(config_id=pk)
        self.paused.add(pk)

    @precondition(lambda self: self.paused)
    @rule()
    def resume(self) -> None:
        assert resume_config(config_id=self.paused.pop())

    @rule(position=POSITIONS)
    def cancel(self, position: int) -> None:
        if (pk := self._chosen(position)) is not None:
            self._both(
                self.model[pk].cancel,
                lambda: cancel_delivery(log=NotificationLog.objects.get(pk=pk)),
            )

    @rule(position=POSITIONS, has_arrived=st.booleans())
    def settle(self, position: int, has_arrived: bool) -> None:
        pk = self._chosen(position, "unknown") or self._chosen(position)
        if pk is not None:
            self._both(
                lambda: self.model[pk].settle_held(has_arrived=has_arrived),
                lambda: settle_held(
                    log=NotificationLog.objects.get(pk=pk), has_arrived=has_arrived
                ),
            )

    @rule(position=POSITIONS)
    def resend(self, position: int) -> None:
        pk = self._chosen(position)
        if pk is None or (self.model[pk].status == "sent" and not self._has_room()):
            return
        again: list[Modelled] = []
        logs: list[NotificationLog] = []
        self._both(
            lambda: again.append(self.model[pk].resend()),
            lambda: logs.append(
                resend_delivery(log=NotificationLog.objects.get(pk=pk), request_id="r2")
            ),
        )
        self.model.update(zip((log.pk for log in logs), again, strict=True))

    @rule()
    def replay(self) -> None:
        failed = [d for d in self.model.values() if d.status == "failed"]
        wanted = ReplayFilter(include_old=True, include_duplicates=True)
        done = replay(plan_replay(wanted), by="test")
        assert done.queued == len(failed)
        for delivery in failed:
            delivery.resend()

    @rule(is_failed=st.booleans())
    def clear(self, is_failed: bool) -> None:
        clear_retries(client=default_client(), ids=None, are_failed=is_failed)
        for delivery in self.model.values():
            delivery.clear(is_failed=is_failed)

    def _both(self, model: Callable[[], object], engine: Callable[[], object]) -> None:
        """Let both do the same: they do it, or refuse it, together."""
        try:
            model()
        except RefusedError:
            with pytest.raises(RequestRefusedError):
                engine()
        else:
            engine()

    @invariant()
    def rows_and_model_are_equal(self) -> None:
        must_be_equal(self.model)

    @invariant()
    def the_account_adds_up(self) -> None:
        must_add_up(len(self.model))
