"""What may have crashed whoever sent it is sent alone, so that it takes no other along."""

from __future__ import annotations

import pytest

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.due import CRASHES_ALLOWED
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.taking import Taken, Wanted, take
from channels_app.models import NotificationLog, UserConfig
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.receivers import OK, answering, receiver

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://receiver.example/hook"


def suspect(config: UserConfig, crashes: int = CRASHES_ALLOWED) -> NotificationLog:
    log = stored(config)
    NotificationLog.objects.filter(pk=log.pk).update(crash_count=crashes)
    return log


def taken(*, is_alone: bool) -> Taken:
    return take(Wanted(limit=10, worker="w", is_alone=is_alone))


def test_a_pump_with_nothing_in_flight_takes_one_suspect_and_nothing_else() -> None:
    config = webhook_config(URL)
    stored(config)
    first, _second = suspect(config), suspect(config)
    found = taken(is_alone=True)
    assert ([claim.id for claim in found.claims], found.is_suspect) == (
        [first.pk],
        True,
    )


def test_a_pump_with_others_in_flight_leaves_suspects_where_they_are() -> None:
    config = webhook_config(URL)
    suspect(config)
    others = [stored(config).pk, suspect(config, crashes=1).pk]
    found = taken(is_alone=False)
    assert ([claim.id for claim in found.claims], found.is_suspect) == (others, False)


def test_suspects_and_all_others_are_sent_in_one_run(carrier: Carrier) -> None:
    with receiver(answering(OK)) as there:
        config = webhook_config(there.url)
        logs = [suspect(config), stored(config), suspect(config), stored(config)]
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    assert len(there.requests) == len(logs)
    assert set(NotificationLog.objects.values_list("status", flat=True)) == {"sent"}
