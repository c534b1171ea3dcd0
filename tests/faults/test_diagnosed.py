"""Faults of real processes, found by `manage.py diagnose` from outside of them."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.queries import execute, query
from tests.notifications_site.programs import (
    free_port,
    manage,
    migrate,
    running,
    settings_for,
)
from tests.processes import descendants
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

Environment = Mapping[str, str]
LIFE = "SELECT count(*) FROM canaries WHERE runs > 0"
RESTARTS = "SELECT sum(wedged_restarts) FROM worker_heartbeats"
LONG_AGO = "2020-01-01 00:00:00"


def found(environment: Environment) -> dict[str, str]:
    """Return the severity of each finding that has to do with the product itself."""
    done = manage("diagnose", "--json", environment=environment)
    findings = json.loads(done.stdout)["findings"]
    # How busy the machine of the tests is, is not what is tested.
    ours = [one for one in findings if not one["id"].startswith("machine.")]
    return {one["id"]: one["severity"] for one in ours}


def test_what_a_frozen_and_then_a_stopped_worker_leaves_undone_is_found(
    tmp_path: Path,
) -> None:
    environment, output = settings_for(tmp_path, WORKERS="1"), tmp_path / "output"
    migrate(environment)
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: query(environment, LIFE)[0][0] > 0, "a canary ran", 60)
        assert found(environment) == {}
        for process in descendants(worker.pid):
            os.kill(process, signal.SIGSTOP)
        wait_until(lambda: query(environment, RESTARTS) == [(1,)], "it is healed", 90)
        assert found(environment) == {"queue.cluster_restarted": "warning"}
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(20)
    # Days pass.
    execute(environment, f"UPDATE schedules SET next_run_at = '{LONG_AGO}'")
    execute(environment, f"UPDATE worker_heartbeats SET seen_at = '{LONG_AGO}'")
    assert found(environment) == {
        "queue.no_worker": "critical",
        "queue.schedules_late": "warning",
    }


def test_a_redis_that_is_away_is_found(tmp_path: Path) -> None:
    plain = settings_for(tmp_path)
    migrate(plain)
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    ids = found({**plain, "REDIS_URL": nowhere})
    assert ids == {"cache.away": "critical", "queue.no_worker": "critical"}
