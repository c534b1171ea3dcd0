"""Fills an installation with what a backup holds: `python -m tests.faults.backup_stock N`.

There are N deliveries, and a tenth as many templates and channel configs.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from channels_app.models import DeliveryAttempt, NotificationLog  # noqa: E402
from channels_app.models.ids import new_message_id  # noqa: E402
from tests.channels_app.delivery.deliveries import default_client  # noqa: E402
from tests.diagnostics.backup.stock import (  # noqa: E402
    fill,
    make_config,
    make_template,
)

STATUSES = ("sent", "failed", "pending", "sent", "unknown")


def main(count: int) -> None:
    fill()
    client = default_client()
    for number in range(count // 10):
        make_config(client, f"many-{number}")
        make_template(f"many-{number}", f"Number {number}: {{{{id}}}}")
    now = timezone.now()
    logs = NotificationLog.objects.bulk_create(
        NotificationLog(
            client=client,
            message_id=new_message_id(),
            request_id=f"r{number}",
            user_id=f"many-{number}",
            channel_type="webhook",
            content=f"Message {number}",
            status=STATUSES[number % len(STATUSES)],
            attempt_no=1,
            created_at=now,
            next_attempt_at=now,
        )
        for number in range(count)
    )
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(log=log, number=1, outcome="ok", started_at=now) for log in logs
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
