"""Each planted fault is found, with the right id and severity; a healthy system has none."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models.functions import Now

from channels_app.models import WorkerHeartbeat
from channels_app.selectors.switches import MEMORY
from channels_app.tasks.canaries import note_life, note_run, send_canary
from diagnostics.checks import machine
from diagnostics.checks.contract import Finding, Severity
from diagnostics.checks.registry import CHECKS, KINDS
from diagnostics.checks.words import WORDS
from tests.diagnostics.checks.faults import FAULTS, Fault, Hand, live_worker
from tests.diagnostics.checks.faults.machine import reports_of_two_days
from tests.diagnostics.checks.table import PROPERTY

# Planted elsewhere: by a check that hangs or breaks, and by a damaged file.
FOUND_ELSEWHERE = {
    "check.cut_off",
    "check.broke",
    "database.damaged",
    "database.unreachable",
    "api.unreachable",
    "api.unhealthy",
    "api.slow",
    "api.refused",
}


@pytest.fixture
def hand(
    db: None,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Hand]:
    live_worker("worker-1")
    note_run(send_canary("worker-1")[0], "worker-1")
    note_life("worker-1", "worker-1")
    MEMORY.forget()
    with ExitStack() as afterwards:
        yield Hand(settings, monkeypatch, tmp_path, afterwards)
    MEMORY.forget()


def findings() -> list[Finding]:
    said = [one for check in CHECKS.values() for one in check.look()]
    return [one for one in said if isinstance(one, Finding)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(
    fault: Fault, hand: Hand, record_property: Callable[[str, object], None]
) -> None:
    if fault.only_on not in ("", connection.vendor):
        pytest.skip(f"happens on {fault.only_on} only")
    fault.plant(hand)
    found = [one for one in findings() if one.id == fault.finds]
    said = [f"{one.id} ({one.severity})" for one in found[:1]]
    record_property(PROPERTY, (fault.name, "".join(said) or "nothing"))
    assert [one.severity for one in found][:1] == [fault.severity]
    told = found[0].as_dict()
    assert all(told[text] for text in ("title", "cause", "remedy", "verify"))
    assert told["fix_command"] or told["page"]


def test_a_healthy_system_has_no_finding_above_info_a_hundred_times(hand: Hand) -> None:
    # The machine that runs the tests may well be busy.
    hand.monkeypatch.setattr(machine, "BUSY_PER_CORE", 1000.0)
    for _run in range(100):
        WorkerHeartbeat.objects.update(seen_at=Now(), cluster_seen_at=Now())
        grave = [one for one in findings() if one.severity != Severity.INFO]
        assert [one.as_dict() for one in grave] == []


def test_enough_faults_are_planted_on_each_database() -> None:
    here = [one for one in FAULTS if one.only_on in ("", connection.vendor)]
    assert len({fault.name for fault in here}) >= 40
    assert len({fault.finds for fault in here}) >= 25


def test_every_kind_of_finding_has_a_fault_that_leads_to_it() -> None:
    assert {fault.finds for fault in FAULTS} | FOUND_ELSEWHERE == set(KINDS)


def test_every_figure_and_fact_has_a_word_for_people(hand: Hand) -> None:
    reports_of_two_days()
    said = [one for check in CHECKS.values() for one in check.look()]
    names = {one.name for one in said if not isinstance(one, Finding)}
    assert {name for name in names if name not in WORDS} == set()
