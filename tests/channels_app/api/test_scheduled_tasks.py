"""Scheduled work by the API: the runs, one run now, and what health tells strangers."""

import pytest
from django.test import Client

from channels_app.models import Scope, TaskExecutionRecord
from channels_app.services.scheduled_work import run_now
from channels_app.tasks.schedules import repair_schedules, take
from tests.channels_app.rows import make_client, secret_of
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

TRIGGER, RUNS = "/api/scheduled-tasks/trigger", "/api/task-execution-records"


def test_a_task_is_run_now_and_its_run_is_told(signed: Signed, client: Client) -> None:
    repair_schedules()
    asked = signed("POST", TRIGGER, {"task": "retention"})
    assert asked.status_code == 202
    assert asked.json()["data"]["status"] == "waiting"
    run = take("worker-1")
    assert run is not None
    assert run_now(run.record_id)
    [row] = signed("GET", f"{RUNS}?task=retention").json()["data"]
    assert (row["status"], row["asked_by"]) == ("succeeded", "default")
    assert row["summary"] == "0 rows deleted, 0 of them deliveries."
    told = client.get("/health/scheduled-tasks").json()["tasks"]["retention"]
    assert told["lastStatus"] == "succeeded"
    assert told["successRate"] == 1.0
    assert told["nextRun"] > told["lastRun"]


def test_a_run_that_only_waits_hides_no_earlier_one(
    signed: Signed, client: Client
) -> None:
    repair_schedules()
    signed("POST", TRIGGER, {"task": "retention"})
    run = take("worker-1")
    assert run is not None
    run_now(run.record_id)
    signed("POST", TRIGGER, {"task": "retention"})
    told = client.get("/health/scheduled-tasks").json()["tasks"]["retention"]
    assert (told["status"], told["lastStatus"]) == ("scheduled", "succeeded")
    assert told["lastRun"] is not None
    assert told["lastDuration"] is not None


def test_a_task_that_waits_is_not_booked_twice(signed: Signed) -> None:
    signed("POST", TRIGGER, {"task": "retention"})
    again = signed("POST", TRIGGER, {"task": "retention"})
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert TaskExecutionRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"task": "gravity"}, 404, "NOT_FOUND"),
        ({}, 400, "MISSING_PARAMETER"),
        ({"task": 5}, 400, "INVALID_PARAMETER"),
    ],
)
def test_a_wrong_task_is_refused(
    signed: Signed, body: object, status: int, code: str
) -> None:
    answer = signed("POST", TRIGGER, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_operators_look_and_run(signed: Signed) -> None:
    made = make_client("sender", scopes=[Scope.SEND])
    for method, path in (("POST", TRIGGER), ("GET", RUNS)):
        answer = signed(
            method,
            path,
            {"task": "retention"},
            key_id=made.key_id,
            secret=secret_of("sender"),
        )
        assert answer.status_code == 403


def test_health_tells_strangers_no_reasons(client: Client) -> None:
    TaskExecutionRecord.objects.create(
        task="retention", slot="2026-11-24T00:00Z", status="failed", error="disk at /x"
    )
    answer = client.get("/health/scheduled-tasks")
    assert answer.json()["tasks"]["retention"]["lastStatus"] == "failed"
    assert "disk at" not in answer.content.decode()
