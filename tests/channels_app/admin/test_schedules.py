"""Scheduled work in the admin: seen, changed, run now, by those who may."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from channels_app.models import Schedule, TaskExecutionRecord
from channels_app.tasks.schedules import repair_schedules
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/schedule/"
CHANGE = f"{LIST}retention/change/"
RUN = f"{LIST}retention/run/"


@pytest.fixture(autouse=True)
def _schedules(db: None) -> None:
    repair_schedules()


def test_each_task_is_listed_with_its_next_run_and_how_the_last_went(
    boss: Client,
) -> None:
    TaskExecutionRecord.objects.create(
        task="retention",
        slot="2026-11-24T00:00Z",
        status="failed",
        error="OSError: <full>",
    )
    page = boss.get(LIST).content.decode()
    assert "Deletes settled deliveries" in page
    assert "OSError: &lt;full&gt;" in page


def test_a_run_is_booked_once(boss: Client) -> None:
    boss.post(RUN)
    boss.post(RUN)
    record = TaskExecutionRecord.objects.get()
    assert (record.task, record.asked_by) == ("retention", "boss")


def test_a_schedule_is_changed_and_audited(boss: Client) -> None:
    assert boss.get(CHANGE).status_code == 200
    boss.post(CHANGE, {"is_enabled": "on", "every": "60", "offset": "15"})
    schedule = Schedule.objects.get(pk="retention")
    assert (schedule.every_seconds, schedule.offset_seconds) == (3600, 900)
    assert schedule.next_run_at.minute == 15
    assert LogEntry.objects.get().object_id == "retention"


def test_a_wrong_interval_is_said_and_changes_nothing(boss: Client) -> None:
    before = Schedule.objects.values().get(pk="retention")
    page = boss.post(CHANGE, {"every": "0", "offset": "0"})
    assert page.status_code == 200
    assert Schedule.objects.values().get(pk="retention") == before


def test_an_unknown_task_is_not_found(boss: Client) -> None:
    assert boss.get(f"{LIST}gravity/change/").status_code == 404
    assert boss.post(f"{LIST}gravity/run/").status_code == 404


def test_a_viewer_looks_only() -> None:
    viewer = logged_in(make_person("viewer"))
    assert "Run now" not in viewer.get(LIST).content.decode()
    assert viewer.post(RUN).status_code == 403
    assert viewer.get(CHANGE).status_code == 403


def test_an_operator_runs_and_the_runs_are_listed() -> None:
    operator = logged_in(make_person("operator"))
    operator.post(RUN)
    runs = "/admin/channels_app/taskexecutionrecord/"
    assert "retention" in operator.get(runs).content.decode()
    record = TaskExecutionRecord.objects.get()
    assert operator.get(f"{runs}{record.pk}/change/").status_code == 200
