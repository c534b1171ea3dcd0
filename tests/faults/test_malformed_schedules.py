"""Rows in django-q2's table of schedules that it cannot read: deliveries go on."""

from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.account import wait_until_settled
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import query
from tests.journeys.service import Service
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

MALFORMED = """
from datetime import timedelta
from django.utils import timezone
from django_q.models import Schedule
past = timezone.now() - timedelta(hours=1)
for row in [
    {"func": "no.such.function", "schedule_type": "D"},
    {"func": "math.sqrt", "args": "not python(", "schedule_type": "D"},
    {"func": "math.sqrt", "schedule_type": "C", "cron": "every monday"},
    {"func": "", "schedule_type": "?", "kwargs": "{", "repeats": -7},
]:
    Schedule.objects.bulk_create([Schedule(next_run=past, **row)])
"""
STUMBLED = "Could not create task from schedule"
CANARIES = "SELECT count(*) FROM canaries WHERE runs > 0"


def test_malformed_schedules_stop_no_delivery_and_no_watchdog(tmp_path: Path) -> None:
    installation = installed(tmp_path)
    environment = installation.environment
    installation.manage("shell", "--verbosity", "0", "-c", MALFORMED)
    with receiver(answering(OK)) as there, installation.started() as service:
        both_users(service.api, there.url)
        accepted = _send(service)
        wait_until(lambda: STUMBLED in service.said(), "django-q2 has looked", 90)
        accepted |= _send(service)
        ran = query(environment, CANARIES)[0][0]
        wait_until(lambda: query(environment, CANARIES)[0][0] > ran, "canaries run")
        account = wait_until_settled(environment)
        restarts = query(environment, "SELECT wedged_restarts FROM worker_heartbeats")
    account.must_balance(accepted, hits_of(there))
    assert account.having("sent") == accepted
    assert account.marked() == set()
    assert restarts == [(0,)]


def _send(service: Service) -> set[str]:
    return {
        message_id
        for user in GUARANTEES
        for message_id in service.api.send(
            user_id=user, custom_content={"content": "Hello"}
        )
    }
