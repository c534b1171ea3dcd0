"""Faults of the backups: none, an old one, one that does not restore."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from diagnostics.models import Backup
from tests.diagnostics.checks.faults.planting import CRITICAL, WARNING, Fault, Hand


def _backup(days: int, **fields: Any) -> None:
    moment = Now() - timedelta(days=days)
    values = {"folder": "/", "state": "ready", "made_by": "schedule", "logs_days": 7}
    times = {"started_at": moment, "seen_at": moment}
    Backup.objects.create(**{"name": f"{days}", **values, **times, **fields})


def a_stale_backup(hand: Hand) -> None:
    _backup(days=5)


def no_backup_ever(hand: Hand) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = '2020-01-01 00:00:00Z'")


def backups_that_nobody_proved(hand: Hand) -> None:
    _backup(days=20)
    _backup(days=0)


def a_backup_that_does_not_restore(hand: Hand) -> None:
    _backup(days=0, is_good=False, verified_at=Now(), verification="It differs.")


BACKUP_FAULTS = (
    Fault(a_stale_backup, "backups.stale", WARNING),
    Fault(no_backup_ever, "backups.stale", WARNING),
    Fault(backups_that_nobody_proved, "backups.unproved", WARNING),
    Fault(a_backup_that_does_not_restore, "backups.bad", CRITICAL),
)
