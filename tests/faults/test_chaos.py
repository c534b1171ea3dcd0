"""Random kills under load, then the account: two ledgers outside and the database agree."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.queries import query
from tests.notifications_site.programs import ROOT, manage, running, settings_for
from tests.processes import descendants
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

CHAOS_SECONDS = float(os.environ.get("CHAOS_SECONDS", "15"))
WAITING = (
    "SELECT count(*) FROM notification_logs"
    " WHERE status IN ('pending', 'retrying', 'sending')"
)
ROWS = "SELECT message_id, status, may_duplicate FROM notification_logs"


def test_killed_clusters_lose_nothing_and_repeat_nothing_unmarked(
    tmp_path: Path,
) -> None:
    seed = int(os.environ.get("CHAOS_SEED", time.time_ns() % 1_000_000))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - a failure is to be repeated
    environment = settings_for(
        tmp_path,
        OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8",
        LEASE_SECONDS="20",
        SEND_DEADLINE_SECONDS="2",
        RETRY_SCHEDULE="1,1,1,1",
    )
    manage("migrate", "-v0", environment=environment)
    with (
        receiver(answering(OK)) as there,
        running("worker", environment=environment, output=tmp_path / "o") as worker,
    ):
        flood = [sys.executable, "-m", "tests.faults.engine", "flood", there.url, "600"]
        with subprocess.Popen(
            flood, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as caller:
            _kill_at_random(worker.pid, random.Random(seed))
            accepted = set(caller.communicate(timeout=60)[0].split())
        wait_until(lambda: query(environment, WAITING)[0][0] == 0, "all settled", 90)
    rows = {row[0]: (row[1], bool(row[2])) for row in query(environment, ROWS)}
    hits = Counter(_message_id(request) for request in there.requests)
    assert accepted == set(rows)
    assert len(accepted) == 600
    assert set(hits) <= accepted
    assert {one for one in hits if hits[one] > 1 and not rows[one][1]} == set()
    assert {one for one in rows if rows[one][0] == "sent" and not hits[one]} == set()
    assert {rows[one][0] for one in rows if not rows[one][1]} == {"sent"}


def _kill_at_random(worker: int, dice: random.Random) -> None:
    ends = time.monotonic() + CHAOS_SECONDS
    while time.monotonic() < ends:
        time.sleep(dice.uniform(0.3, 2.0))
        family = sorted(descendants(worker))
        if family:
            os.kill(dice.choice(family), signal.SIGKILL)


def _message_id(request: bytes) -> str:
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    return str(body["metadata"]["message_id"])
