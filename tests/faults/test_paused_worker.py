"""A worker that is stopped past its lease: what it says when it wakes comes too late."""

import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import answering_after, receiver
from tests.faults.account import wait_until_settled
from tests.faults.families import pumping
from tests.faults.hits import hits_of
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import query
from tests.journeys.service import Service
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

IN_FLIGHT = 6
TAKEN_BACK = (
    "SELECT count(*) FROM delivery_attempts WHERE error_code = 'outcome_unknown'"
)
NOW_SENDING = (
    "SELECT count(*) FROM notification_logs WHERE status = 'sending' AND attempt_no = 1"
)


def test_a_worker_that_wakes_after_its_lease_changes_nothing(tmp_path: Path) -> None:
    installation = installed(tmp_path, SEND_DEADLINE_SECONDS="15")
    environment, may_answer = installation.environment, threading.Event()
    with (
        receiver(answering_after(may_answer)) as there,
        installation.started() as service,
    ):
        both_users(service.api, there.url)
        accepted = _send_to_both(service)
        there.wait_for_requests(IN_FLIGHT)
        paused = _pause_the_one_that_sends(environment)
        try:
            may_answer.set()
            wait_until(
                lambda: _count(environment, NOW_SENDING) == 0, "the leases end", 40
            )
            between = wait_until_settled(environment)
        finally:
            os.kill(paused, signal.SIGCONT)
        wait_until(lambda: _count(environment, TAKEN_BACK) == 0, "its words came late")
        after = accepted | _send_to_both(service)
        account = wait_until_settled(environment)
    account.must_balance(after, hits_of(there))
    repeated = accepted - account.held()
    assert between.marked() == account.marked() == repeated
    assert between.having("sent") == repeated
    assert account.having("sent") == after - (accepted & account.held())


def _send_to_both(service: Service) -> set[str]:
    return {
        message_id
        for user in GUARANTEES
        for _ in range(IN_FLIGHT // len(GUARANTEES))
        for message_id in service.api.send(
            user_id=user, custom_content={"content": "Hello"}
        )
    }


def _pause_the_one_that_sends(environment: Mapping[str, str]) -> int:
    (process,) = wait_until(lambda: pumping(environment), "one sends")
    os.kill(process, signal.SIGSTOP)
    return process


def _count(environment: Mapping[str, str], statement: str) -> int:
    return int(query(environment, statement)[0][0])
