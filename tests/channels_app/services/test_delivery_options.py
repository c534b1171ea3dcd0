"""What an operator may set for one config's deliveries."""

import pytest

from channels_app.models import UserConfig
from channels_app.services.delivery_options import (
    DeliveryOptions,
    change_options,
    check_waits,
)
from tests.channels_app.delivery.deliveries import webhook_config


@pytest.mark.parametrize("waits", [None, [], [1], [10, 60, 86400], list(range(1, 21))])
def test_sensible_waits_are_taken(waits: object) -> None:
    check_waits(waits)


@pytest.mark.parametrize(
    "waits", ["10", [0], [-1], [1.5], [True], ["10"], [86401], list(range(1, 22)), {}]
)
def test_other_waits_are_refused(waits: object) -> None:
    with pytest.raises(ValueError, match="waits in seconds"):
        check_waits(waits)


@pytest.mark.django_db
def test_options_are_stored_and_move_the_version() -> None:
    config = webhook_config("https://receiver.example/")
    change_options(config=config, options=DeliveryOptions(True, 30, [5, 10]))
    stored = UserConfig.objects.get()
    assert (stored.is_paused, stored.sends_per_minute) == (True, 30)
    assert stored.retry_schedule == [5, 10]
    assert stored.version == config.version + 1
