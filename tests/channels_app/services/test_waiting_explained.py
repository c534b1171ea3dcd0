"""A delivery that waits without having failed says what holds it up."""

from collections.abc import Callable

import pytest

from channels_app.delivery.breakers import BreakerState, store_states
from channels_app.delivery.throttle import hold
from channels_app.models import NotificationLog, UserConfig
from channels_app.services.explanations import Severity, explain
from channels_app.services.pausing import pause_config, pause_sending
from tests.channels_app.delivery.deliveries import stored, webhook_config

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"


def pause_all(log: NotificationLog) -> None:
    pause_sending(by="test")


def pause_kind(log: NotificationLog) -> None:
    pause_sending(by="test", kind="webhook")


def pause_this_config(log: NotificationLog) -> None:
    pause_config(config_id=UserConfig.objects.get().pk)


def open_breaker(log: NotificationLog) -> None:
    config = UserConfig.objects.get()
    store_states([BreakerState(config.pk, 5, open_seconds=30, pause_left=30.0)])


def hold_destination(log: NotificationLog) -> None:
    hold(log.destination, 60, None)


def give_a_slot(log: NotificationLog) -> None:
    NotificationLog.objects.update(has_slot=True)


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (pause_all, "sending_paused"),
        (pause_kind, "channel_kind_paused"),
        (pause_this_config, "config_paused"),
        (open_breaker, "breaker_open"),
        (hold_destination, "limit_reached"),
        (give_a_slot, "limit_reached"),
    ],
)
def test_what_holds_it_up_is_named_with_its_remedy(
    happens: Callable[[NotificationLog], None], code: str
) -> None:
    log = stored(webhook_config(URL))
    assert explain(log) is None
    happens(log)
    explanation = explain(NotificationLog.objects.get())
    assert explanation is not None
    assert (explanation.id, explanation.severity) == (code, Severity.INFO)
    assert explanation.remedy
    assert "next_try_at" in explanation.evidence
