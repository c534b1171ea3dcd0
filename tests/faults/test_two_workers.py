"""A second worker on one database is a second pair of hands, not a spare."""

import threading
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import answering_after, receiver
from tests.faults.account import wait_until_settled
from tests.faults.floods import LOOPBACK, flood
from tests.faults.hits import hits_of
from tests.faults.queries import query
from tests.notifications_site.programs import migrate, running, settings_for
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

MANY = 40
ALIVE = "SELECT count(*) FROM worker_heartbeats"
SENDING = "SELECT count(DISTINCT worker) FROM delivery_attempts"


def test_two_workers_of_one_process_each_send_at_the_same_time(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, WORKERS="1", MAX_IN_FLIGHT="8", **LOOPBACK)
    migrate(environment)
    may_answer = threading.Event()
    with (
        receiver(answering_after(may_answer)) as there,
        running("worker", environment=environment, output=tmp_path / "one"),
        running("worker", environment=environment, output=tmp_path / "other"),
    ):
        wait_until(lambda: query(environment, ALIVE) == [(2,)], "both are there", 40)
        accepted = flood(environment, there.url, MANY)
        try:
            wait_until(lambda: query(environment, SENDING) == [(2,)], "both send", 20)
        finally:
            may_answer.set()
        account = wait_until_settled(environment)
    account.must_balance(accepted, hits_of(there))
    assert account.having("sent") == accepted
    assert account.marked() == set()
