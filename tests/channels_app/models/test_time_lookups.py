"""Times compare alike whoever wrote them, with a fraction of a second or without."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from channels_app.models import NotificationLog, Status
from channels_app.models.sql import is_postgres
from channels_app.services.bulk_replay import ReplayFilter
from channels_app.services.replay_plans import ready_logs
from tests.channels_app.rows import default_client, make_config, make_log

pytestmark = pytest.mark.django_db

SECOND = datetime(2026, 3, 4, 5, 6, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


def settle_at(text: str) -> NotificationLog:
    """Make a failed delivery whose times stand in the database as written here."""
    client = default_client()
    log = make_log(
        client, config=make_config(client), status=Status.FAILED, content="hello"
    )
    suffix = "+00" if is_postgres() else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notification_logs SET settled_at = %s WHERE id = %s",
            [text + suffix, log.pk],
        )
    return log


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04 05:06:09", SECOND),
        ("2026-03-04 05:06:09.000", SECOND),
        ("2026-03-04 05:06:09.000000", SECOND),
        ("2026-03-04 05:06:09.120", SECOND + 120 * TICK),
        ("2026-03-04 05:06:09.120000", SECOND + 120 * TICK),
    ],
)
def test_a_time_is_neither_before_nor_after_itself(text: str, moment: datetime) -> None:
    settle_at(text)
    found = {
        word: NotificationLog.objects.filter(**{f"settled_at__{word}": bound}).exists()
        for word, bound in [
            ("lt", moment),
            ("lte", moment),
            ("gt", moment),
            ("gte", moment),
        ]
    }
    assert found == {"lt": False, "lte": True, "gt": False, "gte": True}


@pytest.mark.parametrize("fraction", ["", ".000", ".000000", ".001", ".999"])
def test_a_time_is_between_its_neighbours(fraction: str) -> None:
    settle_at(f"2026-03-04 05:06:09{fraction}")
    logs = NotificationLog.objects
    assert logs.filter(
        settled_at__gt=SECOND - TICK, settled_at__lt=SECOND + 1000 * TICK
    )
    assert not logs.filter(settled_at__lte=SECOND - TICK)
    assert not logs.filter(settled_at__gte=SECOND + 1000 * TICK)


def test_a_replay_takes_what_failed_in_its_very_second() -> None:
    log = settle_at("2026-03-04 05:06:09.000")
    assert list(ready_logs(ReplayFilter(include_old=True), SECOND, [log.pk])) == [log]
