from datetime import timedelta

import pytest
from django.utils import timezone

from channels_app.models import Outcome, Status
from channels_app.selectors.throughput import dead_letters, sent_last_minute
from tests.channels_app.rows import default_client, make_attempt, make_log

pytestmark = pytest.mark.django_db


def test_only_what_was_accepted_in_the_last_minute_counts() -> None:
    log, now = make_log(default_client()), timezone.now()
    make_attempt(log, 1, outcome=Outcome.OK, ended_at=now - timedelta(seconds=90))
    make_attempt(log, 2, outcome=Outcome.FAILED, ended_at=now)
    make_attempt(log, 3, outcome=Outcome.OK, ended_at=now - timedelta(seconds=20))
    make_attempt(log, 4, outcome=Outcome.SENDING, ended_at=None)
    assert sent_last_minute() == 1


def test_what_failed_or_is_held_lies_dead() -> None:
    client = default_client()
    for status in Status:
        make_log(client, status=status)
    assert dead_letters() == 2
