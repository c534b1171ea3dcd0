"""Health reports: kept without texts, compared, told once, forgotten after a week."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now
from django.utils import translation

from channels_app.models import NotificationLog, Schedule, UserConfig, WorkerHeartbeat
from channels_app.selectors.schedules import scheduled_tasks
from diagnostics.checks import machine
from diagnostics.checks.contract import Severity
from diagnostics.models import HealthReport
from diagnostics.services.reports import (
    compared,
    findings_in,
    make_report,
    prune_reports,
    trends,
)
from tests.channels_app.delivery.deliveries import webhook_config
from tests.diagnostics.checks.faults import live_worker

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://receiver.example/hook"


@pytest.fixture(autouse=True)
def _an_idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BUSY_PER_CORE", 1000.0)


def stop_the_worker() -> None:
    WorkerHeartbeat.objects.all().delete()


def test_a_report_is_kept_and_read_in_either_language() -> None:
    report = make_report("ada")
    assert (report.asked_by, report.worst, report.critical) == ("ada", "critical", 1)
    assert report.finished_at is not None
    [finding] = findings_in(report)
    assert finding.id == "queue.no_worker"
    assert "no worker is alive" in finding.as_dict()["title"]
    with translation.override("zh-hans"):
        assert "没有存活的工作进程" in finding.as_dict()["title"]


def test_a_healthy_report_has_no_state() -> None:
    live_worker("worker-1")
    report = make_report()
    assert (report.worst, findings_in(report)) == ("", ())


def test_what_is_new_worse_and_gone() -> None:
    before = make_report()
    live_worker("worker-1")
    log = webhook_config(URL)
    UserConfig.objects.filter(pk=log.pk).update(
        is_active=False, disabled_at=Now(), disabled_reason="gone"
    )
    after = make_report()
    change = compared(after, before)
    assert [one.id for one in change.new] == ["providers.configs_off"]
    assert [one.id for one in change.gone] == ["queue.no_worker"]
    assert change.worse == ()
    row = next(row for row in after.body if row["findings"])
    row["findings"][0]["severity"] = Severity.CRITICAL
    [worse] = compared(after, make_report()).worse
    assert worse.id == "providers.configs_off"


def test_what_is_critical_is_told_once_until_it_comes_again(
    settings: LazySettings,
) -> None:
    settings.HEALTH_REPORT_USERS = ["u1", "nobody"]
    webhook_config(URL)
    for _hour in range(3):
        make_report()
    [told] = NotificationLog.objects.all()
    assert "no worker is alive" in told.subject
    assert "manage.py worker" in told.content
    live_worker("worker-1")
    NotificationLog.objects.update(status="sent")
    make_report()
    stop_the_worker()
    make_report()
    assert NotificationLog.objects.count() == 2


def test_nobody_is_told_of_warnings(settings: LazySettings) -> None:
    settings.HEALTH_REPORT_USERS = ["u1"]
    live_worker("worker-1")
    webhook_config(URL)
    Schedule.objects.create(
        name="retention", every_seconds=600, next_run_at=Now() - timedelta(hours=1)
    )
    assert make_report().warnings == 1
    assert not NotificationLog.objects.exists()


def test_figures_become_lines() -> None:
    live_worker("worker-1")
    make_report()
    make_report()
    line = trends(list(HealthReport.objects.all()))["queue.workers.workers"]
    assert [point.value for point in line] == [1, 1]
    assert line[0].at < line[1].at


def test_a_report_is_forgotten_after_a_week() -> None:
    make_report()
    HealthReport.objects.update(started_at=Now() - timedelta(days=6))
    assert prune_reports() == 0
    HealthReport.objects.update(started_at=Now() - timedelta(days=8))
    assert prune_reports() == 1


def test_a_finding_of_another_version_is_shown_as_such() -> None:
    report = make_report()
    for row in report.body:
        for found in row["findings"]:
            found["id"] = "of.tomorrow"
    [finding] = findings_in(report)
    assert finding.id == "check.forgotten"
    assert finding.evidence["id"] == "of.tomorrow"


def test_the_schedule_makes_one_each_hour() -> None:
    task = scheduled_tasks()["health_report"]
    assert task.every == 3600
    assert task.run() == "1 critical, 0 warnings, 0 notes."
    assert HealthReport.objects.count() == 1
