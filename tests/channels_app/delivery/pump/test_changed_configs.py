"""What happened to a config after acceptance settles its delivery."""

from collections.abc import Callable

import pytest
from django.db import connection

from channels_app.delivery.carrier import Carrier
from channels_app.models import NotificationLog, UserConfig
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.pump.pumping import reply, run
from tests.channels_app.delivery.receivers import receiver

pytestmark = pytest.mark.django_db(transaction=True)


def lose_the_key(config: UserConfig) -> None:
    text = "v1:00000000:" + "A" * 40
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE user_configs SET secret_data = %s WHERE id = %s", [text, config.pk]
        )


def switch_off(config: UserConfig) -> None:
    UserConfig.objects.filter(pk=config.pk).update(is_active=False)


def remove(config: UserConfig) -> None:
    UserConfig.objects.filter(pk=config.pk).delete()


def change_kind(config: UserConfig) -> None:
    NotificationLog.objects.update(channel_type="pigeon")


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lose_the_key, "config_unreadable"),
        (switch_off, "channel_disabled"),
        (remove, "config_missing"),
        (change_kind, "sender_unknown"),
    ],
)
def test_what_happened_to_the_config_after_acceptance_settles_the_delivery(
    carrier: Carrier, happens: Callable[[UserConfig], None], code: str
) -> None:
    with receiver(reply("200 OK")) as there:
        config = webhook_config(there.url)
        other = webhook_config(there.url, user_id="u2")
        log = stored(config)
        happens(config)
        good = stored(other)
        run(carrier)
    log.refresh_from_db()
    good.refresh_from_db()
    assert (log.status, log.error_code) == ("failed", code)
    assert good.status == "sent"
