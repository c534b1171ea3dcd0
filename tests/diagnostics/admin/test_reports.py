"""Health reports in the admin: made now, followed, read, taken along, by those who may."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from channels_app.models import Schedule
from diagnostics.checks.contract import Check, Figure, Said, Step
from diagnostics.checks.registry import CHECKS
from diagnostics.models import HealthReport
from diagnostics.services.reports import begin_report, findings_in, make_report
from tests.diagnostics.checks.faults import live_worker
from tests.people import logged_in, make_person, make_superuser
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
# Checks look through connections of their own, which see what is committed only.
committed = pytest.mark.django_db(transaction=True)

LIST = "/admin/diagnostics/healthreport/"


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def a_report() -> HealthReport:
    return HealthReport.objects.create(started_at=Now(), finished_at=Now(), total=0)


def is_finished(report: HealthReport) -> bool:
    report.refresh_from_db()
    return report.finished_at is not None


def made_now(person: Client) -> HealthReport | None:
    """Ask for a report; None if another one is not quite ended yet."""
    before = HealthReport.objects.count()
    person.post(f"{LIST}make/")
    made = HealthReport.objects.order_by("pk")[before:]
    return made[0] if made else None


def page_of(report: HealthReport) -> str:
    return f"{LIST}{report.pk}/change/"


@committed
def test_a_report_is_made_now_and_followed_until_it_is_finished(boss: Client) -> None:
    answer = boss.post(f"{LIST}make/")
    report = HealthReport.objects.get()
    assert answer["Location"] == page_of(report)
    wait_until(lambda: is_finished(report), "the report is finished", 30)
    assert report.asked_by == "boss"
    assert "Nobody sends" in boss.get(page_of(report)).content.decode()


@committed
def test_one_report_at_a_time_is_made_in_a_process(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    def wait() -> Iterator[Said]:
        let_go.wait(60)
        yield Figure("ended", 1.0)

    check = Check("test.waits", Step.API, "Waits", wait, seconds=60)
    monkeypatch.setitem(CHECKS, check.name, check)
    try:
        boss.post(f"{LIST}make/")
        again = [boss.post(f"{LIST}make/", follow=True) for _click in range(3)]
    finally:
        let_go.set()
    assert all("being made already" in page.content.decode() for page in again)
    report = HealthReport.objects.get()
    wait_until(lambda: is_finished(report), "the report is finished", 30)
    wait_until(lambda: made_now(boss), "the next one may be made")
    newest = HealthReport.objects.latest("pk")
    wait_until(lambda: is_finished(newest), "it is finished, too", 30)


@committed
def test_a_report_says_what_to_do_first_then_its_figures(boss: Client) -> None:
    page = boss.get(page_of(make_report())).content.decode()
    places = [
        page.index(text) for text in ("Nobody sends", "manage.py worker", "Figures")
    ]
    assert places == sorted(places)


@committed
def test_a_finding_is_shown_with_its_evidence(boss: Client) -> None:
    Schedule.objects.create(
        name="retention", every_seconds=600, next_run_at=Now() - timedelta(hours=1)
    )
    report = make_report()
    [late] = [f for f in findings_in(report) if f.id == "queue.schedules_late"]
    page = boss.get(page_of(report)).content.decode()
    for name, value in late.evidence.items():
        assert f"<dt>{name}</dt>" in page
        assert f"<dd>{value}</dd>" in page


@committed
def test_two_reports_are_compared_and_drawn(boss: Client) -> None:
    make_report()
    live_worker("worker-1")
    page = boss.get(page_of(make_report())).content.decode()
    assert "gone" in page
    assert "<polyline" in page


def test_a_report_under_way_says_how_far_it_is(boss: Client) -> None:
    report = begin_report("ada")
    answer = boss.get(page_of(report))
    assert f"0 of {report.total} checks" in answer.content.decode()
    assert answer["Refresh"] == "1"
    HealthReport.objects.update(started_at=Now() - timedelta(minutes=10))
    answer = boss.get(page_of(report))
    assert "cut off" in answer.content.decode()
    assert "Refresh" not in answer


@committed
def test_a_report_is_taken_along(boss: Client) -> None:
    report = make_report()
    told = json.loads(boss.get(f"{LIST}{report.pk}/report.json").content)
    assert told["state"] == "critical"
    assert told["findings"][0]["id"] == "queue.no_worker"
    text = boss.get(f"{LIST}{report.pk}/report.md").content.decode()
    assert text.startswith("# Health report")
    assert "    manage.py worker" in text


def test_a_viewer_reads_and_makes_none() -> None:
    report = a_report()
    viewer = logged_in(make_person("viewer"))
    page = viewer.get(LIST).content.decode()
    assert "Make a report now" not in page
    assert viewer.get(page_of(report)).status_code == 200
    assert viewer.post(f"{LIST}make/").status_code == 403
    assert HealthReport.objects.count() == 1


def test_an_operator_makes_one() -> None:
    operator = logged_in(make_person("operator"))
    assert "Make a report now" in operator.get(LIST).content.decode()


def test_strangers_see_nothing() -> None:
    report = a_report()
    for path in (LIST, page_of(report), f"{LIST}{report.pk}/report.md"):
        assert Client().get(path).status_code == 302
