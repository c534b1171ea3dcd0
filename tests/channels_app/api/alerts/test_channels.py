"""The channels that alerts go to."""

import pytest

from tests.channels_app.api.alerts.posts import body_of, data_of, post

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("ops")
@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("lark", ["lark"]),
        (" Lark , webhook ,", ["lark", "webhook"]),
        ("", ["lark", "telegram", "webhook"]),
        (",", ["lark", "telegram", "webhook"]),
    ],
)
def test_the_header_names_the_channels(header: str, kinds: list[str]) -> None:
    data = data_of(body_of("grafana/firing.json"), X_Notification_Channels=header)
    assert [row["channelType"] for row in data["notification_status"]] == kinds


@pytest.mark.usefixtures("ops")
def test_one_misspelled_channel_loses_no_alert() -> None:
    data = data_of(
        body_of("grafana/firing.json"), X_Notification_Channels="lark,webhok"
    )
    lark, unknown = data["notification_status"]
    assert (lark["status"], unknown["status"]) == ("pending", "failed")
    assert (unknown["channelType"], unknown["code"]) == (
        "webhok",
        "INVALID_CHANNEL_TYPE",
    )
    assert len(data["message_ids"]) == 1


@pytest.mark.usefixtures("ops")
def test_without_any_channel_that_exists_it_is_refused() -> None:
    answer = post(body_of("grafana/firing.json"), X_Notification_Channels="webhok")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CHANNEL_TYPE")


def test_a_receiver_that_is_no_user_is_refused() -> None:
    answer = post(body_of("grafana/firing.json"))
    assert (answer.status_code, answer.json()["code"]) == (400, "USER_NO_CHANNELS")
