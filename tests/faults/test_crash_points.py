"""A process that ends at any named point loses nothing and repeats nothing in secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_app.delivery.crash_points import EXIT_STATUS
from tests.channels_app.delivery.receivers import OK, Receiver, answering, receiver
from tests.faults.queries import query
from tests.faults.steps import Engine
from tests.faults.steps import engine as loaded_engine
from tests.notifications_site.programs import migrate, settings_for

pytestmark = pytest.mark.faults

# The step that crashes, the point; then, for each guarantee, the status, the hits and
# whether the delivery is marked as one that may have arrived twice.
SENT, AGAIN = ("sent", 1, False), ("sent", 2, True)
HELD_UNSENT, HELD_SENT = ("unknown", 0, False), ("unknown", 1, False)
TABLE = [
    ("accept", "after_accept_commit", SENT, SENT),
    ("pump", "after_claim_commit", ("sent", 1, True), HELD_UNSENT),
    ("pump", "before_connect", ("sent", 1, True), HELD_UNSENT),
    ("pump", "after_bytes", AGAIN, HELD_SENT),
    ("pump", "after_reply", AGAIN, HELD_SENT),
    ("pump", "mid_recording", AGAIN, HELD_SENT),
    ("pump", "after_recording", SENT, SENT),
    ("later", "in_reaper", ("sent", 1, True), HELD_UNSENT),
]
CASES = [
    (step, point, guarantee, end)
    for step, point, repeated, held in TABLE
    for guarantee, end in (("at_least_once", repeated), ("at_most_once", held))
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    made = settings_for(tmp_path, OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8")
    migrate(made)
    return made


@pytest.fixture
def engine(environment: dict[str, str]) -> Iterator[Engine]:
    with loaded_engine(environment) as made:
        yield made


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver(answering(OK)) as running:
        yield running


@pytest.mark.parametrize(("crashing", "point", "guarantee", "end"), CASES)
def test_every_point_has_its_exact_end(
    environment: dict[str, str],
    engine: Engine,
    there: Receiver,
    crashing: str,
    point: str,
    guarantee: str,
    end: tuple[str, int, bool],
) -> None:
    accept = ("accept", there.url, guarantee)
    if crashing == "accept":
        assert engine.step(*accept, crash=point) == EXIT_STATUS
    else:
        assert engine.step(*accept) == 0
    if crashing == "later":
        assert engine.step("pump", crash="after_claim_commit") == EXIT_STATUS
    if crashing != "accept":
        assert engine.step(crashing, crash=point) == EXIT_STATUS
    assert engine.step("later") == 0
    ((status, may_duplicate),) = query(
        environment, "SELECT status, may_duplicate FROM notification_logs"
    )
    assert (status, len(there.requests), bool(may_duplicate)) == end
    ((open_attempts,),) = query(
        environment, "SELECT count(*) FROM delivery_attempts WHERE outcome = 'sending'"
    )
    assert open_attempts == 0


@pytest.mark.parametrize("guarantee", ["at_least_once", "at_most_once"])
def test_an_accept_that_ends_before_its_commit_has_stored_nothing(
    environment: dict[str, str], engine: Engine, there: Receiver, guarantee: str
) -> None:
    accept = ("accept", there.url, guarantee)
    assert engine.step(*accept, crash="before_accept_commit") == EXIT_STATUS
    assert query(environment, "SELECT count(*) FROM notification_logs") == [(0,)]
    assert engine.step(*accept) == 0
    assert engine.step("later") == 0
    ends = query(environment, "SELECT status, may_duplicate FROM notification_logs")
    assert [(status, bool(twice)) for status, twice in ends] == [("sent", False)]
    assert len(there.requests) == 1


@pytest.mark.parametrize("guarantee", ["at_least_once", "at_most_once"])
def test_a_replay_that_is_killed_is_run_again_and_sends_each_once(
    environment: dict[str, str], engine: Engine, there: Receiver, guarantee: str
) -> None:
    assert engine.step("fail", there.url, guarantee, "5") == 0
    assert engine.step("replay", crash="in_replay") == EXIT_STATUS
    queued = "SELECT count(*) FROM notification_logs WHERE status = 'pending'"
    assert query(environment, queued) == [(2,)]
    assert engine.step("pump") == 0
    assert engine.step("replay") == 0
    assert engine.step("later") == 0
    ends = "SELECT status, may_duplicate, count(*) FROM notification_logs GROUP BY 1, 2"
    assert query(environment, ends) == [("sent", False, 5)]
    assert len(there.requests) == 5
    for number in range(5):
        assert any(f"It is {number}.".encode() in sent for sent in there.requests)
    records = "SELECT queued, finished_at IS NULL FROM bulk_replays ORDER BY id"
    assert query(environment, records) == [(2, True), (3, False)]
