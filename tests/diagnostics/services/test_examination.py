"""Checks run side by side: one that hangs or breaks costs the others nothing."""

import threading
from collections import defaultdict
from collections.abc import Iterator

import pytest

from channels_app.tasks.canaries import note_run, send_canary
from diagnostics.checks import machine
from diagnostics.checks.contract import (
    Check,
    Figure,
    FindingKind,
    Said,
    Seen,
    Severity,
    Step,
    Who,
)
from diagnostics.checks.registry import CHECKS, KINDS
from diagnostics.services.examination import AT_ONCE, examine
from tests.diagnostics.checks.faults import live_worker
from tests.waiting import wait_until

LOW = FindingKind(
    "test.low", Severity.INFO, Who.NOBODY, "Low: %(n)s", "n is %(n)s", "Wait.", "Look."
)
BAD = FindingKind("test.bad", Severity.CRITICAL, Who.OPERATOR, "100 %%", "-", "-", "-")


def saying(*said: Said) -> Check:
    return Check(f"test.{len(said)}", Step.API, "A test", lambda: iter(said))


def test_findings_come_worst_first_and_figures_stay_with_their_check() -> None:
    checks = [saying(LOW.found(n=1)), saying(Figure("n", 2.0), BAD.found("x"))]
    examination = examine(checks)
    assert [f.key for f in examination.findings] == [
        ("test.bad", "x"),
        ("test.low", ""),
    ]
    assert [len(seen.said) for seen in examination.seen] == [1, 2]


def test_a_check_that_hangs_is_cut_off_and_said_so() -> None:
    let_go = threading.Event()

    def hang() -> Iterator[Said]:
        let_go.wait(60)
        yield Figure("never", 0.0)

    try:
        hanging = [
            Check(f"test.hang{n}", Step.API, "Hangs", hang, seconds=0.05)
            for n in range(2 * AT_ONCE)
        ]
        examination = examine([*hanging, saying(LOW.found(n=1))])
    finally:
        let_go.set()
    ids = [finding.id for finding in examination.findings]
    assert ids == ["check.cut_off"] * len(hanging) + ["test.low"]
    assert "0.05 s" in examination.findings[0].as_dict()["cause"]


def test_a_check_that_still_hangs_is_not_begun_again() -> None:
    begun: list[str] = []
    let_go = threading.Event()

    def hang() -> Iterator[Said]:
        begun.append(threading.current_thread().name)
        let_go.wait(60)
        yield Figure("ended", 1.0)

    def left() -> list[str]:
        names = [thread.name for thread in threading.enumerate()]
        return [name for name in names if name in {"checks", "test.hangs.on"}]

    check = Check("test.hangs.on", Step.API, "Hangs", hang, seconds=0.05)
    try:
        ids = [examine([check]).findings[0].id for _report in range(20)]
        assert ids == ["check.cut_off"] * 20
        assert begun == ["test.hangs.on"]
        wait_until(lambda: left() == ["test.hangs.on"], "one thread is left")
    finally:
        let_go.set()
    wait_until(lambda: left() == [], "it has ended, too")
    assert examine([check]).seen[0].said == (Figure("ended", 1.0),)


def test_a_check_that_breaks_keeps_what_it_had_said() -> None:
    def breaks() -> Iterator[Said]:
        yield Figure("before", 1.0)
        raise OSError("secret-of-the-path")

    [seen] = examine([Check("test.breaks", Step.API, "Breaks", breaks)]).seen
    assert seen.problem == "OSError"
    assert seen.said[0] == Figure("before", 1.0)
    assert "secret" not in str(seen.findings[0].as_dict())


def test_progress_is_told_check_by_check() -> None:
    told: list[Seen] = []
    examine([saying(), saying(LOW.found(n=3))], told.append)
    assert sorted(len(seen.said) for seen in told) == [0, 1]


def test_a_finding_tells_its_evidence() -> None:
    told = LOW.found(n=7).as_dict()
    assert (told["title"], told["cause"], told["evidence"]) == (
        "Low: 7",
        "n is 7",
        {"n": 7},
    )
    assert BAD.found().as_dict()["title"] == "100 %"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_has_all_its_texts(kind: FindingKind) -> None:
    anything: defaultdict[str, str] = defaultdict(lambda: "it")
    for text in (kind.title, kind.cause, kind.remedy, kind.verify):
        assert str(text) % anything
    assert kind.id == kind.id.lower()


@pytest.mark.django_db(transaction=True)
def test_a_healthy_system_gives_no_finding_above_info(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The machine that runs the tests may well be busy.
    monkeypatch.setattr(machine, "BUSY_PER_CORE", 1000.0)
    live_worker("worker-1")
    note_run(send_canary("worker-1")[0], "worker-1")
    examination = examine()
    assert {seen.check.name for seen in examination.seen} == set(CHECKS)
    grave = [f for f in examination.findings if f.severity != Severity.INFO]
    assert [finding.as_dict() for finding in grave] == []
