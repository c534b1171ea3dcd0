"""django-q2's queue in the database, by the database's clock.

django-q2 stamps and reads its rows by the clock of each process: a producer whose clock
is ahead hides its tasks from all others, and a worker whose clock is ahead takes tasks
that others are running.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep

from django.db.models import QuerySet
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

# A lock that has ended, whatever any clock says.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class DatabaseQueue(ORM):
    """What django-q2 takes its tasks from when there is no Redis."""

    def enqueue(self, task: str) -> int:
        """Store a task that may be taken at once; return its number."""
        rows = self.get_connection()
        key = self.list_key or Conf.CLUSTER_NAME
        return int(rows.create(key=key, payload=task, lock=LONG_AGO).pk)

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Return what is to be run next, locked; after a pause None if nothing is."""
        taken = [
            (row.pk, row.payload)
            for row in self._free().order_by("id")[: Conf.BULK]
            if self._lock(row.pk)
        ]
        if not taken:
            sleep(Conf.POLL)
        return taken or None

    def queue_size(self) -> int:
        """Return how many tasks may be taken."""
        return self._free().count()

    def lock_size(self) -> int:
        """Return how many tasks are being run."""
        return self._rows().filter(lock__gt=Now()).count()

    def _rows(self) -> QuerySet[OrmQ]:
        rows: QuerySet[OrmQ] = self.get_connection()
        return rows.filter(key=self.list_key)

    def _free(self) -> QuerySet[OrmQ]:
        return self._rows().filter(lock__lte=Now())

    def _lock(self, number: int) -> bool:
        """Take one task, unless another cluster was faster."""
        until = Now() + timedelta(seconds=Conf.RETRY)
        return bool(self._free().filter(pk=number).update(lock=until))
