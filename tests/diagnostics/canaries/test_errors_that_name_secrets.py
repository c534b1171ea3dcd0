"""An error whose text names every secret of the settings shows none of them to anybody."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from channels_app.models import RunStatus, TaskExecutionRecord
from channels_app.secret_settings import settings_secrets
from channels_app.selectors.schedules import ScheduledTask, scheduled_tasks
from channels_app.services.scheduled_work import run_now
from diagnostics.checks.contract import Check, Said, Step
from diagnostics.checks.registry import CHECKS
from diagnostics.services.report_texts import as_json, as_markdown
from diagnostics.services.reports import make_report
from notifications_site.logs import DiscreetFormatter
from tests.diagnostics.canaries.planting import SETTINGS, canary
from tests.people import logged_in, make_superuser

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.ignore_template_errors,
]
REPORTS = "/admin/diagnostics/healthreport/"

Fail = Callable[..., Any]


@pytest.fixture
def planted(settings: LazySettings, tmp_path: Any) -> Iterator[tuple[str, ...]]:
    settings.DEBUG, settings.DATA_DIR = False, tmp_path
    for name in SETTINGS:
        setattr(settings, name, canary(name))
    settings.REDIS_URL = f"redis://:{canary('redis')}@127.0.0.1:9/0"
    settings.SCHEDULED_TASKS = [f"{__name__}.TASKS"]
    for kept in (settings_secrets, scheduled_tasks):
        kept.cache_clear()
    yield settings_secrets()
    for kept in (settings_secrets, scheduled_tasks):
        kept.cache_clear()


@pytest.fixture
def fail(planted: tuple[str, ...]) -> Fail:
    def failing(*_args: object, **_more: object) -> Any:
        raise RuntimeError(" ".join(planted))

    return failing


def tell_all() -> str:
    raise RuntimeError(" ".join(settings_secrets()))


TASKS = (ScheduledTask("tells", "Tells", "It tells all.", 3600, 0, 30, tell_all),)


def a_check(fail: Fail, monkeypatch: pytest.MonkeyPatch) -> str:
    def look() -> Iterator[Said]:
        yield fail()

    check = Check("test.breaks", Step.API, "Breaks", look)
    monkeypatch.setitem(CHECKS, check.name, check)
    report = make_report()
    page = logged_in(make_superuser()).get(f"{REPORTS}{report.pk}/change/")
    assert "RuntimeError" in page.content.decode()
    return f"{page.content.decode()}{as_markdown(report)}{as_json(report)}{report.body}"


def a_page_of_reports(fail: Fail, monkeypatch: pytest.MonkeyPatch) -> str:
    boss = logged_in(make_superuser())
    boss.raise_request_exception = False
    with connection.execute_wrapper(fail):
        answers = [boss.get(REPORTS), boss.post(f"{REPORTS}make/")]
    assert {answer.status_code for answer in answers} == {500}
    return "".join(answer.content.decode() for answer in answers)


def the_api(fail: Fail, monkeypatch: pytest.MonkeyPatch) -> str:
    caller = Client(raise_request_exception=False)
    with connection.execute_wrapper(fail):
        paths = ("/api/queue/status", "/health?detailed=true", "/readyz", "/metrics")
        answers = [caller.get(path) for path in paths]
    return "".join(f"{one.headers}{one.content.decode()}" for one in answers)


def scheduled_work(fail: Fail, monkeypatch: pytest.MonkeyPatch) -> str:
    run = TaskExecutionRecord.objects.create(
        task="tells", slot=Now(), status=RunStatus.RUNNING
    )
    assert not run_now(run.pk)
    run.refresh_from_db()
    assert "RuntimeError" in run.error
    page = logged_in(make_superuser()).get("/admin/channels_app/taskexecutionrecord/")
    return f"{run.error}{page.content.decode()}"


@pytest.mark.parametrize(
    "place",
    [a_check, a_page_of_reports, the_api, scheduled_work],
    ids=lambda place: place.__name__,
)
def test_an_error_that_names_all_secrets_shows_none(
    place: Callable[[Fail, pytest.MonkeyPatch], str],
    fail: Fail,
    planted: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.setFormatter(DiscreetFormatter())
    with caplog.at_level(logging.DEBUG):
        shown = place(fail, monkeypatch)
    assert len(planted) >= 9
    assert [one for one in planted if one in shown] == []
    assert [one for one in planted if one in caplog.text] == []
