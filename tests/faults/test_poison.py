"""A message that ends whatever process sends it: given up, and the others arrive."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.floods import LOOPBACK, flood
from tests.faults.hits import hits_of
from tests.faults.queries import query
from tests.notifications_site.programs import ROOT, manage, settings_for

pytestmark = pytest.mark.faults

POISONED = {"DJANGO_SETTINGS_MODULE": "tests.faults.poisoned.settings", **LOOPBACK}
EACH = 10
MOST_CRASHES = 3


def test_a_poisoned_message_is_given_up_and_takes_no_other_with_it(
    tmp_path: Path,
) -> None:
    environment = settings_for(tmp_path, **POISONED)
    manage("migrate", "-v0", environment=environment)
    with receiver(answering(OK)) as there:
        good = flood(environment, there.url, EACH)
        assert _step(environment, "accept", there.url, "at_least_once", "poison") == 0
        good |= flood(environment, there.url, EACH)
        ends = [_step(environment, "pump")]
        while ends[-1] and len(ends) <= MOST_CRASHES:
            ends.append(_step(environment, "later"))
        hits = hits_of(there)
    assert [end == 0 for end in ends] == [False, False, False, True]
    rows = query(
        environment, "SELECT message_id, status, error_code FROM notification_logs"
    )
    assert [row[1:] for row in rows if row[0] not in good] == [("failed", "crashed")]
    assert {row[1:] for row in rows if row[0] in good} == {("sent", "")}
    assert set(hits) == good


def _step(environment: Mapping[str, str], *words: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.engine", *words],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode
