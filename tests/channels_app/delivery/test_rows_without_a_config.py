"""A row whose config is gone or cannot be opened: settled with its code, drain goes on."""

from __future__ import annotations

import pytest
from django.db import connection

from channels_app.delivery.carrier import Carrier
from channels_app.delivery.pump import Pump, PumpOptions
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.receivers import OK, answering, receiver

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_config_that_is_gone_or_unreadable_settles_and_stops_nobody(
    carrier: Carrier,
) -> None:
    with receiver(answering(OK)) as there:
        gone = webhook_config(there.url, user_id="gone")
        broken = webhook_config(there.url, user_id="broken")
        logs = [stored(config) for config in (gone, broken)]
        logs.append(stored(webhook_config(there.url, user_id="well")))
        gone.delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE user_configs SET secret_data = %s WHERE id = %s",
                ["not a secret", broken.pk],
            )
        Pump(carrier, PumpOptions("w", linger=0.0)).run()
    for log in logs:
        log.refresh_from_db()
    assert [(log.status, log.error_code) for log in logs] == [
        ("failed", "config_missing"),
        ("failed", "config_unreadable"),
        ("sent", ""),
    ]
    assert len(there.requests) == 1
