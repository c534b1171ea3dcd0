from datetime import timedelta
from typing import Any

import pytest

from channels_app.models import NotificationLog, Outcome, Status
from channels_app.selectors.timelines import timeline_of
from tests.channels_app.rows import NOON, default_client, make_attempt, make_log

pytestmark = pytest.mark.django_db


def events(log: NotificationLog) -> list[str]:
    return [event["event"] for event in timeline_of(log, list(log.attempts.all()))]


def test_a_delivery_that_got_through_at_the_second_try() -> None:
    sent_at = NOON + timedelta(minutes=2, seconds=1)
    log = make_log(
        default_client(), status=Status.SENT, sent_at=sent_at, settled_at=sent_at
    )
    make_attempt(log, 1, error_code="server_error", error="500", http_status=500)
    make_attempt(log, 2, outcome=Outcome.OK, latency_ms=80, http_status=200)
    timeline = timeline_of(log, list(log.attempts.all()))
    assert [event["event"] for event in timeline] == [
        "accepted",
        "attempt_started",
        "attempt_ended",
        "attempt_started",
        "attempt_ended",
        "sent",
    ]
    assert timeline[2]["error_code"] == "server_error"
    assert timeline[4]["latency_ms"] == 80
    times = [event["at"] for event in timeline]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"status": Status.RETRYING}, "retry_planned"),
        ({"status": Status.UNKNOWN}, "held"),
        ({"status": Status.FAILED, "error_code": "x"}, "failed"),
        ({"status": Status.CANCELLED}, "cancelled"),
        ({"status": Status.EXPIRED}, "expired"),
        ({"status": Status.SENDING}, "attempt_ended"),
    ],
)
def test_the_last_event_says_how_it_stands(fields: dict[str, Any], last: str) -> None:
    log = make_log(default_client(), **fields)
    make_attempt(log, 1)
    assert events(log)[-1] == last


def test_one_that_is_under_way_has_no_end_yet() -> None:
    log = make_log(default_client(), status=Status.SENDING)
    make_attempt(log, 1, outcome=Outcome.SENDING, ended_at=None)
    assert events(log) == ["accepted", "attempt_started"]


def test_one_for_later_says_when() -> None:
    due = NOON + timedelta(days=1)
    log = make_log(default_client(), next_attempt_at=due)
    last = timeline_of(log, [])[-1]
    assert (last["event"], last["due_at"]) == ("scheduled", due)


def test_one_that_just_waits_is_merely_accepted() -> None:
    assert events(make_log(default_client())) == ["accepted"]
