"""What the watchdog says of a cluster, as tables; no process, no clock."""

import pytest

from channels_app.tasks.watchdog import Sight, Watchdog, Word

STARTED = 1000.0


def watched(*canaries: float) -> Watchdog:
    """Return a watchdog of a cluster to which canaries went so long after its start."""
    watchdog = Watchdog()
    watchdog.begin(STARTED)
    for seconds in canaries:
        watchdog.sent(STARTED + seconds)
    return watchdog


@pytest.mark.parametrize(
    ("sight", "after", "word"),
    [
        (Sight(own_silence=4.0), 64.0, Word.FINE),
        (Sight(own_silence=13.0), 63.0, Word.FINE),
        (Sight(own_silence=30.0), 80.0, Word.WEDGED),
        (Sight(own_silence=None), 80.0, Word.WEDGED),
        (Sight(own_silence=30.0, others_silence=1.0), 80.0, Word.BURST),
        (Sight(own_silence=30.0, others_silence=60.0), 80.0, Word.WEDGED),
        (Sight(own_silence=30.0, is_occupied=True), 80.0, Word.FINE),
    ],
)
def test_a_cluster_is_judged_by_its_silence(
    sight: Sight, after: float, word: Word
) -> None:
    watchdog = watched(0, 50, 55, 60)
    assert watchdog.judge(sight, STARTED + after) is word


def test_a_new_cluster_may_start_first() -> None:
    watchdog = watched(0, 5, 10)
    assert watchdog.judge(Sight(), STARTED + 26) is Word.FINE
    assert watchdog.judge(Sight(), STARTED + 31) is Word.WEDGED


def test_nobody_is_blamed_for_canaries_that_were_never_sent() -> None:
    assert watched().judge(Sight(own_silence=300.0), STARTED + 400) is Word.FINE


def test_nothing_counts_against_a_cluster_from_before_it_was_forgiven() -> None:
    watchdog = watched(50, 55, 60)
    watchdog.begin(STARTED + 80)
    assert watchdog.judge(Sight(own_silence=40.0), STARTED + 80) is Word.FINE


def test_one_burst_is_given_time_and_then_the_silence_counts() -> None:
    watchdog, sight = watched(50), Sight(own_silence=40.0, others_silence=1.0)
    assert watchdog.judge(sight, STARTED + 63) is Word.BURST
    assert watchdog.judge(sight, STARTED + 66) is Word.FINE
    assert watchdog.judge(sight, STARTED + 69) is Word.WEDGED


def test_a_cluster_that_answers_the_burst_lives() -> None:
    watchdog = watched(50)
    silent = Sight(own_silence=40.0, others_silence=1.0)
    assert watchdog.judge(silent, STARTED + 63) is Word.BURST
    answered = Sight(own_silence=1.0, others_silence=1.0)
    assert watchdog.judge(answered, STARTED + 69) is Word.FINE


def test_an_acknowledgement_is_missed_when_it_lacks_twice() -> None:
    watchdog, sight = watched(60), Sight(own_silence=1.0, is_unacknowledged=True)
    assert watchdog.judge(sight, STARTED + 80) is Word.FINE
    assert watchdog.judge(Sight(own_silence=2.0), STARTED + 81) is Word.FINE
    assert watchdog.judge(sight, STARTED + 82) is Word.FINE
    assert watchdog.judge(sight, STARTED + 83) is Word.UNACKNOWLEDGED


def test_a_time_in_which_nobody_could_work_or_look_does_not_count() -> None:
    watchdog = watched(50, 55)
    assert watchdog.judge(Sight(own_silence=1.0), STARTED + 56) is Word.FINE
    watchdog.excuse(100.0)
    assert watchdog.judge(Sight(own_silence=102.0), STARTED + 157) is Word.FINE
    watchdog.sent(STARTED + 160)
    assert watchdog.judge(Sight(own_silence=1.0), STARTED + 162) is Word.FINE


def test_a_missing_acknowledgement_must_lack_twice_after_such_a_time() -> None:
    watchdog, sight = watched(60), Sight(own_silence=1.0, is_unacknowledged=True)
    watchdog.judge(sight, STARTED + 80)
    watchdog.excuse(100.0)
    assert watchdog.judge(sight, STARTED + 181) is Word.FINE


def test_a_cluster_that_stays_silent_after_such_a_time_is_wedged() -> None:
    watchdog = watched(50, 55)
    watchdog.excuse(100.0)
    assert watchdog.judge(Sight(own_silence=140.0), STARTED + 162) is Word.FINE
    assert watchdog.judge(Sight(own_silence=146.0), STARTED + 166) is Word.WEDGED
