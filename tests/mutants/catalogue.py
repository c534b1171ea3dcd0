"""The promises of the delivery engine, each broken on purpose, and what must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = "channels_app/delivery"
TESTS = "tests/channels_app/delivery"
MODEL = f"{TESTS}/test_state_machine.py::test_the_engine_does_what_the_model_does"


class PatchDoesNotApplyError(Exception):
    """The text that a mutant replaces is not in its file exactly once."""


@dataclass(frozen=True)
class Mutant:
    """One promise broken: `old` becomes `new` in `path`, and `test` must fail."""

    name: str
    path: str
    old: str
    new: str
    test: str

    def mutated(self, root: Path = ROOT) -> str:
        """Return the broken file. Raises PatchDoesNotApplyError."""
        text = (root / self.path).read_text()
        count = text.count(self.old)
        if count != 1:
            raise PatchDoesNotApplyError(
                f"{self.name}: {self.path} holds the replaced text {count} times, not "
                "once. Follow the change in tests/mutants/catalogue.py."
            )
        return text.replace(self.old, self.new)


MUTANTS = (
    Mutant(
        "no fence when an outcome is recorded",
        f"{ENGINE}/recording.py",
        "          AND notification_logs.attempt_no = r.attempt_no\n",
        "",
        f"{TESTS}/test_recording.py"
        "::test_the_outcome_of_an_older_attempt_changes_nothing",
    ),
    Mutant(
        "no attempt row at the claim",
        f"{ENGINE}/claims.py",
        "        cursor.execute(_attempts_sql(), [worker, rows])\n",
        "        del rows\n",
        f"{TESTS}/test_claims.py"
        "::test_a_claim_takes_lease_fence_and_attempt_row_together",
    ),
    Mutant(
        "no lease check before the bytes",
        f"{ENGINE}/flights.py",
        "        is_in_time = time.monotonic() < self.start_before\n",
        "        is_in_time = True\n",
        f"{TESTS}/test_before_the_bytes.py"
        "::test_a_lease_that_does_not_cover_the_send_lets_nothing_out",
    ),
    Mutant(
        "no commit before the request is carried",
        f"{ENGINE}/pump.py",
        "    def run(self) -> PumpReport:\n",
        """    @__import__("django.db").db.transaction.atomic
    def run(self) -> PumpReport:\n""",
        f"{TESTS}/test_before_the_bytes.py"
        "::test_the_attempt_is_committed_before_the_receiver_sees_a_byte",
    ),
    Mutant(
        "an idempotency key can be used twice",
        f"{ENGINE}/once.py",
        "        WHERE idempotency_keys.expires_at <= {now()}\n",
        "        WHERE TRUE\n",
        f"{TESTS}/test_intake.py::test_a_key_stores_once",
    ),
    Mutant(
        "a signature can be used twice",
        f"{ENGINE}/once.py",
        "        ON CONFLICT (digest) DO NOTHING",
        "        ON CONFLICT (digest) DO UPDATE SET digest = EXCLUDED.digest",
        f"{TESTS}/test_intake.py::test_a_signature_stores_once",
    ),
    Mutant(
        "the reaper ignores the guarantee",
        f"{ENGINE}/reaper.py",
        """    held = f"guarantee = '{Guarantee.AT_MOST_ONCE.value}'"\n""",
        """    held = "FALSE"\n""",
        f"{TESTS}/test_reaper.py::test_at_most_once_is_held_for_a_person",
    ),
    Mutant(
        "the reaper takes a lease that still runs",
        f"{ENGINE}/reaper.py",
        """        WHERE status = 'sending' AND lease_until < {now()}
        ORDER BY""",
        """        WHERE status = 'sending'
        ORDER BY""",
        f"{TESTS}/test_reaper.py::test_a_lease_that_still_runs_is_left_alone",
    ),
    Mutant(
        "a delivery that ends its workers never ends",
        f"{ENGINE}/reaper.py",
        "crash_count = crash_count + 1,",
        "crash_count = crash_count,",
        f"{TESTS}/test_reaper.py::test_three_crashes_with_one_delivery_end_it",
    ),
    Mutant(
        "what was never sent costs a retry",
        f"{ENGINE}/outcomes.py",
        "    return Verdict(_retried(claim, base, policy, costs_retry=False))",
        "    return Verdict(_retried(claim, base, policy, costs_retry=True))",
        f"{TESTS}/pump/test_outcomes.py::test_what_never_left_costs_no_retry",
    ),
    Mutant(
        "an unknown outcome is repeated where twice is worse than never",
        f"{ENGINE}/outcomes.py",
        "    if claim.guarantee == Guarantee.AT_MOST_ONCE:\n",
        "    if claim.guarantee == Guarantee.AT_MOST_ONCE and not claim.id:\n",
        f"{TESTS}/pump/test_outcomes.py::test_with_at_most_once_an_unknown_outcome_is_held",
    ),
    Mutant(
        "what may arrive twice is not marked",
        f"{ENGINE}/outcomes.py",
        "replace(base, may_duplicate=True)",
        "base",
        MODEL,
    ),
    Mutant(
        "a state is left whatever the table says",
        f"{ENGINE}/recording.py",
        "filter(id__in=list(ids), status__in=wanted)",
        "filter(id__in=list(ids), status__in=wanted | set(Status))",
        "tests/channels_app/services/test_deliveries.py"
        "::test_only_a_held_delivery_is_settled_by_hand",
    ),
    Mutant(
        "a success that is known late is forgotten",
        f"{ENGINE}/recording.py",
        "               OR (r.status = 'sent'\n",
        "               OR (FALSE AND r.status = 'sent'\n",
        f"{TESTS}/test_recording.py"
        "::test_a_success_known_late_still_counts_before_the_next_attempt",
    ),
    Mutant(
        "what was to be cancelled is tried again",
        f"{ENGINE}/recording.py",
        "(notification_logs.cancel_requested AND",
        "(FALSE AND",
        f"{TESTS}/test_recording.py"
        "::test_a_cancelled_delivery_that_did_not_arrive_is_cancelled",
    ),
    Mutant(
        "what is past its time is sent",
        f"{ENGINE}/due.py",
        "          AND (expires_at IS NULL OR expires_at > {now()}){left_out.sql}",
        "          AND TRUE{left_out.sql}",
        f"{TESTS}/test_claims.py::test_an_expired_delivery_is_not_sent",
    ),
    Mutant(
        "a paused config is sent to",
        f"{ENGINE}/taking.py",
        "            if config.is_paused\n",
        "            if config.is_paused and not config.config_id\n",
        f"{TESTS}/test_taking.py::test_a_paused_config_waits_and_goes_on_when_resumed",
    ),
    Mutant(
        "retention deletes what is not settled",
        f"{ENGINE}/retention.py",
        "created_at__lt=Now() - timedelta(days=days), status__in=SETTLED",
        "created_at__lt=Now() - timedelta(days=days)",
        f"{TESTS}/test_retention.py::test_unsettled_deliveries_never_go",
    ),
)
