"""The last hour's figures: right, and at a cost that the log's length does not change."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.models import Status
from channels_app.selectors import overview
from channels_app.selectors.overview import last_hour
from tests.channels_app.rows import NOON, default_client, make_log

pytestmark = pytest.mark.django_db


def at(minutes_ago: int, status: Status, kind: str = "lark") -> None:
    created = NOON - timedelta(minutes=minutes_ago)
    make_log(default_client(), status=status, channel_type=kind, created_at=created)


def test_the_last_hour_is_counted_by_channel_and_what_became_of_it() -> None:
    for status in (Status.SENT, Status.SENT, Status.FAILED, Status.UNKNOWN):
        at(5, status)
    at(5, Status.PENDING, "slack")
    at(61, Status.SENT)
    figures = last_hour(now=NOON)
    assert (figures.accepted, figures.sent, figures.failed) == (5, 2, 2)
    lark, slack = figures.channels
    assert (lark.channel_type, lark.accepted, lark.open) == ("lark", 4, 0)
    assert (slack.channel_type, slack.accepted, slack.open) == ("slack", 1, 1)
    assert not figures.is_capped


def test_of_a_busy_hour_the_newest_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overview, "MOST_COUNTED", 2)
    at(30, Status.FAILED)
    at(2, Status.SENT)
    at(1, Status.SENT)
    figures = last_hour(now=NOON)
    assert (figures.accepted, figures.sent, figures.is_capped) == (2, 2, True)


def test_the_log_is_walked_once_and_not_joined_to_itself() -> None:
    at(5, Status.SENT)
    with CaptureQueriesContext(connection) as captured:
        last_hour(now=NOON)
    counting = captured.captured_queries[0]["sql"]
    assert counting.count('FROM "notification_logs"') == 1
