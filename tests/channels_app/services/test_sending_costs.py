"""What accepting a notification costs: statements, and wake-ups of a worker."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from channels_app.delivery.slots import ensure_slots
from channels_app.models import ApiClient, NotificationLog, Status
from tests.channels_app.delivery.deliveries import (
    default_client as client_after_a_flush,
)
from tests.channels_app.rows import make_config
from tests.channels_app.services.accepting import accept, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_templates")]

OF_THE_TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements(captured: Iterable[dict[str, str]]) -> list[str]:
    texts = (query["sql"] for query in captured)
    return [sql for sql in texts if not sql.startswith(OF_THE_TRANSACTION)]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 2),  # the configs; the deliveries, all at once
        ({"channels": ("lark", "telegram", "slack")}, 2),
        ({"content": None, "template_key": "greet"}, 3),  # and the template's version
        # and the key: looked up, cleared if it is old, stored
        ({"idempotency_key": "k", "fingerprint": "f" * 64}, 5),
    ],
)
def test_accepting_costs_a_few_statements_however_many_channels(
    caller: ApiClient, fields: dict[str, Any], count: int
) -> None:
    save("lark", "telegram")
    warm = {name: v for name, v in fields.items() if name != "idempotency_key"}
    accept(caller, **warm)
    with CaptureQueriesContext(connection) as captured:
        accept(caller, **fields)
    made = statements(captured.captured_queries)
    assert len(made) == count, made


def test_a_replayed_answer_costs_one_statement(caller: ApiClient) -> None:
    key = {"idempotency_key": "k", "fingerprint": "f" * 64}
    accept(caller, **key)
    with CaptureQueriesContext(connection) as captured:
        accept(caller, **key)
    assert len(statements(captured.captured_queries)) == 1


def test_many_notifications_are_one_wake_up(
    caller: ApiClient,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ensure_slots(2)
    for _ in range(300):
        with django_capture_on_commit_callbacks(execute=True):
            accept(caller)
    assert NotificationLog.objects.filter(status=Status.PENDING).count() == 600
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_takes_nothing_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_after_a_flush()
    make_config(client)
    ensure_slots(1)
    monkeypatch.setattr(OrmQ._meta, "db_table", "not_there_any_more")
    [result] = accept(client)
    assert result["status"] == "pending"
    assert NotificationLog.objects.get().status == Status.PENDING
    assert "the ticker will pump" in caplog.text
