"""A task cluster that loses one of its processes is found out, replaced and works."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.queries import query
from tests.notifications_site.programs import migrate, running, settings_for
from tests.processes import descendants, is_alive, stat_fields
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

RESTARTS = "SELECT wedged_restarts, last_restart_reason FROM worker_heartbeats"
LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"


@pytest.mark.parametrize(
    ("victim", "reason"),
    [("idle worker", "wedged"), ("monitor", "unacknowledged")],
)
def test_a_kill_that_django_q2_never_recovers_from_is_healed(
    tmp_path: Path, victim: str, reason: str
) -> None:
    environment, output = settings_for(tmp_path, WORKERS="1"), tmp_path / "output"
    migrate(environment)
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: query(environment, LIFE)[0][0] > 0, "a canary ran", 60)
        family = descendants(worker.pid)
        os.kill(_members(worker.pid)[victim], signal.SIGKILL)
        wait_until(
            lambda: query(environment, RESTARTS)[0] == (1, reason), "it is found", 90
        )
        ran = query(environment, LIFE)[0][0]
        wait_until(lambda: query(environment, LIFE)[0][0] > ran, "canaries run", 60)
        assert not any(map(is_alive, family))


@pytest.mark.parametrize("victim", ["main", "sentinel"])
def test_a_cluster_without_its_head_is_replaced_and_leaves_no_orphan(
    tmp_path: Path, victim: str
) -> None:
    environment, output = settings_for(tmp_path, WORKERS="1"), tmp_path / "output"
    migrate(environment)
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: query(environment, LIFE)[0][0] > 0, "a canary ran", 60)
        family = descendants(worker.pid)
        os.kill(_members(worker.pid)[victim], signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, family)), "no orphan is left", 20)
        ran = query(environment, LIFE)[0][0]
        wait_until(lambda: query(environment, LIFE)[0][0] > ran, "canaries run", 60)


def test_two_workers_on_one_database_leave_each_other_alone(tmp_path: Path) -> None:
    environment, output = settings_for(tmp_path, WORKERS="1"), tmp_path / "output"
    migrate(environment)
    ran = "SELECT ran_by, count(*) FROM canaries WHERE runs > 0 GROUP BY ran_by"
    with (
        running("worker", environment=environment, output=output),
        running("worker", environment=environment, output=tmp_path / "other"),
    ):
        wait_until(lambda: len(query(environment, ran)) == 2, "both ran some", 60)
        wait_until(lambda: _sum(environment, ran) >= 12, "twelve canaries ran", 60)
        restarts = [row[0] for row in query(environment, RESTARTS)]
    assert restarts == [0, 0]


def _sum(environment: Mapping[str, str], statement: str) -> int:
    return sum(row[1] for row in query(environment, statement))


def _members(supervisor: int) -> dict[str, int]:
    """Return the cluster's processes by their part, with one worker.

    django-q2 starts the sentinel's children in this order.
    """
    (main,) = _children(supervisor)
    (sentinel,) = _children(main)
    idle_worker, monitor, pusher = _children(sentinel)
    return {
        "main": main,
        "sentinel": sentinel,
        "idle worker": idle_worker,
        "monitor": monitor,
        "pusher": pusher,
    }


def _children(parent: int) -> list[int]:
    family = descendants(parent)
    return sorted(p for p in family if int(stat_fields(p)[1]) == parent)
