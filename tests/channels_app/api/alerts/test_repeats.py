"""Alerts that are posted again, and those that have changed."""

import pytest
from django.conf import LazySettings

from channels_app.models import NotificationLog
from tests.channels_app.api.alerts.posts import body_of, data_of

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("ops")
def test_posted_again_nothing_is_sent_again() -> None:
    body = body_of("grafana/partly_resolved.json")
    first = data_of(body)
    again = data_of({**body, "alerts": body["alerts"][::-1]})
    assert again["message_ids"] == first["message_ids"]
    assert all(row["deduplicated"] for row in again["notification_status"])
    assert NotificationLog.objects.count() == 3


@pytest.mark.usefixtures("ops")
def test_whatever_has_changed_is_sent() -> None:
    body = body_of("grafana/firing.json")
    firing = body["alerts"][0]
    ended = {**firing, "status": "resolved", "endsAt": "2025-03-04T10:02:33Z"}
    for changed in (
        body,
        {**body, "alerts": [firing]},
        {**body, "alerts": [{**firing, "startsAt": "2025-03-04T12:00:00Z"}]},
        {**body, "alerts": [ended], "status": "resolved"},
        {**body, "groupKey": "another"},
    ):
        rows = data_of(changed, X_Notification_Channels="lark")["notification_status"]
        assert not any("deduplicated" in row for row in rows)
    assert NotificationLog.objects.count() == 5


@pytest.mark.usefixtures("ops")
def test_without_a_window_each_post_is_sent(settings: LazySettings) -> None:
    settings.ALERT_REPEAT_SECONDS = 0
    for _again in range(2):
        data_of(body_of("grafana/firing.json"), X_Notification_Channels="lark")
    assert NotificationLog.objects.count() == 2


@pytest.mark.usefixtures("ops")
def test_an_end_that_moves_while_it_fires_is_no_change() -> None:
    body = body_of("alertmanager/firing.json")
    data_of(body)
    body["alerts"][0]["endsAt"] = "2099-01-01T00:00:00Z"
    data_of(body)
    assert NotificationLog.objects.count() == 3
