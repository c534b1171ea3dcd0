"""A message that ends whatever process sends it: given up, and the others arrive."""

from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, answering, receiver
from tests.faults.floods import LOOPBACK
from tests.faults.hits import hits_of
from tests.faults.queries import query
from tests.faults.steps import engine
from tests.notifications_site.programs import migrate, settings_for

pytestmark = pytest.mark.faults

POISONED = {"DJANGO_SETTINGS_MODULE": "tests.faults.poisoned.settings", **LOOPBACK}
GOOD = [f"It is {number}." for number in range(10)]
MOST_CRASHES = 3


def test_a_poisoned_message_is_given_up_and_takes_no_other_with_it(
    tmp_path: Path,
) -> None:
    environment = settings_for(tmp_path, **POISONED)
    migrate(environment)
    with receiver(answering(OK)) as there, engine(environment) as run:
        for content in (*GOOD, "poison", *GOOD):
            assert run.step("accept", there.url, "at_least_once", content) == 0
        ends = [run.step("pump")]
        while ends[-1] and len(ends) <= MOST_CRASHES:
            ends.append(run.step("later"))
        hits = hits_of(there)
    assert [end == 0 for end in ends] == [False, False, False, True]
    rows = query(
        environment,
        "SELECT message_id, content, status, error_code FROM notification_logs",
    )
    good = {row[0] for row in rows if row[1] != "poison"}
    assert {row[1:] for row in rows if row[0] not in good} == {
        ("poison", "failed", "crashed")
    }
    assert {row[2:] for row in rows if row[0] in good} == {("sent", "")}
    assert set(hits) == good
    assert len(good) == 2 * len(GOOD)
