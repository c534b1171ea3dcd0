"""The ticker's rounds go on, whatever a round meets."""

import logging
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from channels_app.tasks.rounds import Rounds

pytestmark = pytest.mark.django_db


class Script:
    """A ticker that does in each round what it was told beforehand."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self._outcomes: Iterator[Exception | None] = iter(outcomes)
        self.starts = 0
        self.ticks = 0

    def start(self) -> None:
        self.starts += 1

    def tick(self) -> None:
        self.ticks += 1
        if outcome := next(self._outcomes):
            raise outcome


def test_an_error_is_logged_and_counted_and_the_next_round_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script(ValueError("odd"), None)
    rounds = Rounds(script.start, script.tick)
    rounds.next()
    rounds.next()
    assert (script.ticks, rounds.errors, rounds.has_succeeded) == (2, 1, True)
    assert "Round 1 of the ticker failed." in caplog.text


def test_it_starts_until_one_round_has_succeeded() -> None:
    script = Script(ValueError("odd"), None, None)
    rounds = Rounds(script.start, script.tick)
    for _ in range(3):
        rounds.next()
    assert script.starts == 2


def test_a_lost_database_is_logged_once_and_tried_at_growing_intervals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = OperationalError("server closed the connection")
    script = Script(lost, lost, lost, None)
    now = 0.0
    rounds = Rounds(script.start, script.tick, clock=lambda: now)
    tried_after = []
    while not rounds.has_succeeded:
        before = script.ticks
        rounds.next()
        if script.ticks > before:
            tried_after.append(now)
        now += 1.0
    assert tried_after == [0.0, 1.0, 3.0, 7.0]
    lines = [(r.levelno, r.getMessage()) for r in caplog.records]
    assert lines == [
        (
            logging.ERROR,
            "The database cannot be used, trying again: server closed the connection",
        ),
        (logging.WARNING, "The database is back after 3 tries."),
    ]
