"""Scheduled work: when it is due, that a slot is run once, what is known of each run."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from channels_app.models import RunStatus, Schedule, TaskExecutionRecord
from channels_app.processes.child import Child, Command
from channels_app.selectors.clock import database_time
from channels_app.selectors.engine_health import late_schedules
from channels_app.selectors.schedules import scheduled_tasks, task_states
from channels_app.services.scheduled_work import (
    AlreadyRunningError,
    BadIntervalError,
    UnknownTaskError,
    ask_for_run,
    change_schedule,
    run_now,
)
from channels_app.tasks.caretaker import Caretaker
from channels_app.tasks.schedules import (
    book_due,
    last_slot,
    next_slot,
    note_death,
    note_lost,
    repair_schedules,
    take,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_tasks(settings: LazySettings) -> Iterator[None]:
    settings.SCHEDULED_TASKS = ["tests.channels_app.tasks.scheduled.TASKS"]
    scheduled_tasks.cache_clear()
    repair_schedules()
    yield
    scheduled_tasks.cache_clear()


def make_due(name: str) -> None:
    long_ago = Now() - timedelta(days=3)
    Schedule.objects.filter(pk=name).update(next_run_at=long_ago)


def run_of(name: str) -> TaskExecutionRecord:
    make_due(name)
    book_due()
    run = take("worker-1")
    assert run is not None
    run_now(run.record_id)
    return TaskExecutionRecord.objects.get(pk=run.record_id)


@pytest.mark.parametrize(
    ("now", "every", "offset", "last", "following"),
    [
        ("10:00:00", 3600, 0, "10:00:00", "11:00:00"),
        ("10:59:59", 3600, 0, "10:00:00", "11:00:00"),
        ("10:10:00", 3600, 900, "09:15:00", "10:15:00"),
        ("10:07:00", 600, 0, "10:00:00", "10:10:00"),
    ],
)
def test_slots(now: str, every: int, offset: int, last: str, following: str) -> None:
    day = "2026-11-24T"
    then = datetime.fromisoformat(day + now).replace(tzinfo=UTC)
    assert f"{last_slot(then, every, offset):%H:%M:%S}" == last
    assert f"{next_slot(then, every, offset):%H:%M:%S}" == following


def test_the_schedules_of_the_code_are_made_at_the_start() -> None:
    schedules = {s.name: (s.every_seconds, s.offset_seconds) for s in _schedules()}
    assert schedules == {"works": (3600, 0), "fails": (86400, 11700)}
    assert all(s.next_run_at > database_time() for s in _schedules())


def test_a_schedule_that_cannot_be_right_is_mended_at_the_start() -> None:
    years = Now() + timedelta(days=800)
    Schedule.objects.filter(pk="works").update(every_seconds=0)
    Schedule.objects.filter(pk="fails").update(next_run_at=years)
    months = Now() - timedelta(days=31)
    Schedule.objects.create(name="gone", every_seconds=60, next_run_at=months)
    repair_schedules()
    test_the_schedules_of_the_code_are_made_at_the_start()
    assert Schedule.objects.get(pk="fails").next_run_at < database_time() + timedelta(1)


def test_a_worker_of_another_version_leaves_what_it_does_not_know() -> None:
    past = Now() - timedelta(hours=1)
    Schedule.objects.create(name="of_tomorrow", every_seconds=60, next_run_at=past)
    TaskExecutionRecord.objects.create(task="of_tomorrow", slot=Now())
    before = Schedule.objects.filter(pk="of_tomorrow").values().get()
    repair_schedules()
    book_due()
    assert take("worker-1") is None
    assert Schedule.objects.filter(pk="of_tomorrow").values().get() == before
    assert late_schedules() == []


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    children: list[Command] = []

    def add(command: Command) -> Child:
        children.append(command)
        return Child(command)

    caretaker = Caretaker(add, itertools.count(step=61).__next__)
    caretaker.look()
    Schedule.objects.update(next_run_at=Now() + timedelta(days=400))
    caretaker.look()
    assert all(s.next_run_at < database_time() + timedelta(1) for s in _schedules())
    make_due("works")
    caretaker.look()
    assert [command.name for command in children] == ["works"]


def test_what_a_person_has_set_survives_the_start() -> None:
    change_schedule(name="works", is_enabled=False, every=7200, offset=60)
    before = Schedule.objects.filter(pk="works").values().get()
    repair_schedules()
    assert Schedule.objects.filter(pk="works").values().get() == before


def test_a_slot_is_booked_once_however_many_look_and_missed_ones_are_left_out() -> None:
    make_due("works")
    book_due()
    book_due()
    [record] = TaskExecutionRecord.objects.all()
    assert (record.task, record.status) == ("works", RunStatus.WAITING)
    assert record.slot == last_slot(database_time(), 3600, 0)


def test_two_clusters_that_saw_the_same_slot_make_one_record_of_it() -> None:
    make_due("works")
    [seen_by_both] = Schedule.objects.filter(pk="works")
    book_due()
    Schedule.objects.filter(pk="works").update(next_run_at=seen_by_both.next_run_at)
    run = take("worker-1")
    assert run is not None
    run_now(run.record_id)
    book_due()
    assert TaskExecutionRecord.objects.count() == 1


def test_a_run_is_taken_by_one_worker() -> None:
    make_due("works")
    book_due()
    assert take("worker-1") is not None
    assert take("worker-2") is None


def test_a_slot_that_comes_while_the_task_still_runs_is_left_out() -> None:
    make_due("works")
    book_due()
    take("worker-1")
    TaskExecutionRecord.objects.update(slot=Now() - timedelta(hours=5))
    make_due("works")
    book_due()
    assert TaskExecutionRecord.objects.count() == 1


def test_a_task_that_is_switched_off_is_not_booked() -> None:
    change_schedule(name="works", is_enabled=False, every=3600, offset=0)
    make_due("works")
    book_due()
    assert not TaskExecutionRecord.objects.exists()


def test_a_good_run_says_what_it_did() -> None:
    record = run_of("works")
    assert (record.status, record.summary) == (RunStatus.SUCCEEDED, "3 things done.")
    assert record.started_at is not None
    assert record.finished_at is not None
    assert record.duration_ms is not None


def test_a_run_that_fails_says_why(caplog: pytest.LogCaptureFixture) -> None:
    record = run_of("fails")
    assert (record.status, record.error) == (
        RunStatus.FAILED,
        "OSError: no space left",
    )
    assert "no space left" in caplog.text


def test_a_process_that_dies_leaves_a_failed_run_and_the_next_slot_comes() -> None:
    make_due("works")
    book_due()
    run = take("worker-1")
    assert run is not None
    note_death(run.record_id, "Its process ended without a word.")
    record = TaskExecutionRecord.objects.get()
    assert (record.status, record.error) == (
        RunStatus.FAILED,
        "Its process ended without a word.",
    )
    TaskExecutionRecord.objects.update(slot=Now() - timedelta(hours=5))
    assert run_of("works").status == RunStatus.SUCCEEDED


def test_a_run_that_told_its_end_keeps_it() -> None:
    record = run_of("works")
    note_death(record.pk, "Its process ended without a word.")
    record.refresh_from_db()
    assert (record.status, record.error) == (RunStatus.SUCCEEDED, "")


def test_a_run_whose_worker_is_gone_is_given_up() -> None:
    make_due("works")
    book_due()
    take("worker-1")
    assert note_lost() == 0
    TaskExecutionRecord.objects.update(running_until=Now() - timedelta(seconds=1))
    assert note_lost() == 1
    assert TaskExecutionRecord.objects.get().status == RunStatus.LOST


def test_a_person_may_ask_for_a_run_but_not_for_two_at_once() -> None:
    record = ask_for_run(name="works", asked_by="ada")
    assert (record.status, record.asked_by) == (RunStatus.WAITING, "ada")
    with pytest.raises(AlreadyRunningError):
        ask_for_run(name="works", asked_by="bob")
    with pytest.raises(UnknownTaskError):
        ask_for_run(name="unknown", asked_by="ada")


def test_an_interval_below_a_minute_is_refused() -> None:
    with pytest.raises(BadIntervalError):
        change_schedule(name="works", is_enabled=True, every=59, offset=0)


def test_states_count_what_ended_well(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run_of("works")
    run_of("fails")
    with django_assert_num_queries(3):
        states = {state.task.name: state for state in task_states()}
    assert states["works"].success_rate == 1.0
    assert states["fails"].success_rate == 0.0
    assert states["fails"].last is not None
    assert states["fails"].last.status == RunStatus.FAILED
    assert not states["works"].is_running


def _schedules() -> list[Schedule]:
    return list(Schedule.objects.all())
