"""What a fault is planted with, and the rows that faults are made of."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models.functions import Now

from channels_app.models import NotificationLog, Outcome, Status, WorkerHeartbeat
from diagnostics.checks.contract import Severity
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_attempt, make_log

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


@dataclass(frozen=True)
class Hand:
    """What a fault is planted with."""

    settings: LazySettings
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    afterwards: ExitStack


@dataclass(frozen=True)
class Fault:
    """One planted fault and the finding it must lead to; `only_on` names a database."""

    plant: Callable[[Hand], Any]
    finds: str
    severity: Severity
    only_on: str = ""

    @property
    def name(self) -> str:
        return self.plant.__name__.replace("_", " ")


def live_worker(name: str) -> None:
    WorkerHeartbeat.objects.create(
        name=name, host="here", pid=1, started_at=Now(), seen_at=Now()
    )


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))


def log(**fields: Any) -> NotificationLog:
    return make_log(default_client(), channel_type="webhook", **fields)


def attempts(outcome: Outcome, count: int, **fields: Any) -> None:
    one = log(status=Status.SENT)
    for number in range(1, count + 1):
        values = {"started_at": Now(), "ended_at": Now(), "latency_ms": 40, **fields}
        make_attempt(one, 1000 * len(outcome) + number, outcome=outcome, **values)
