"""Fills and empties the database."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.management import call_command
from django.db import connection

from channels_app.delivery.intake import Entry, store_entries
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.slots import ensure_slots
from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    NotificationLog,
    Secret,
    Status,
    UserConfig,
)
from channels_app.models.ids import new_message_id
from channels_app.services.switches import set_switch

CONTENT = "Order 4711 of Zoë 张三 has been shipped and will arrive on Monday. " * 3
STORED_AT_ONCE = 1000
SECRETS: dict[str, Any] = {
    "secret_data": Secret({"secret": "whsec_c2FuZGJveC13ZWJob29r"})
}


def migrate() -> None:
    """Make the tables."""
    call_command("migrate", verbosity=0)
    ensure_slots(1)


def switch(*, name: str, is_on: bool) -> None:
    """Turn a switch."""
    set_switch(name=name, is_enabled=is_on, changed_by="bench")


def clear() -> None:
    """Remove deliveries and configs."""
    tables = ("delivery_attempts", "notification_logs", "used_signatures")
    breakers = [t for t in connection.introspection.table_names() if "breaker" in t]
    with connection.cursor() as cursor:
        for table in (*tables, *breakers, "user_configs"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE pump_slots SET woken_until = NULL, running_until = NULL")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def kept() -> dict[str, int]:
    """Return how many deliveries are stored, and how many of them were sent."""
    stored = NotificationLog.objects
    return {
        "stored": stored.count(),
        "sent": stored.filter(status=Status.SENT).count(),
    }


def configs(*, port: int, count: int, hanging: int = 0) -> None:
    """Make one user with a webhook for each destination; the first ones hang."""
    client = ApiClient.objects.get(key_id=DEFAULT_KEY_ID)
    UserConfig.objects.bulk_create(
        UserConfig(
            client=client,
            user_id=f"u{number}",
            channel_type="webhook",
            public_data={
                "webhook_url": f"http://127.0.0.{number + 1}:{port}/{path}",
                "method": "POST",
            },
            **SECRETS,
        )
        for number in range(count)
        for path in ["hang" if number < hanging else "hook"]
    )


def deliveries(*, port: int, count: int, destinations: int, hanging: int = 0) -> None:
    """Store deliveries that are due, spread evenly over the destinations."""
    clear()
    configs(port=port, count=destinations, hanging=hanging)
    made = list(UserConfig.objects.order_by("id"))
    for start in range(0, count, STORED_AT_ONCE):
        numbers = range(start, min(count, start + STORED_AT_ONCE))
        made_now = [_delivery(made[number % len(made)]) for number in numbers]
        entry = Entry(made_now, lambda _stored: "")
        store_entries([entry], after_commit=lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _delivery(config: UserConfig) -> NewDelivery:
    address = str(config.public_data["webhook_url"])
    name = hashlib.sha256(address.rpartition("/")[0].encode()).hexdigest()[:32]
    return NewDelivery(
        message_id=new_message_id(),
        request_id="bench",
        client_id=config.client_id,
        config_id=config.pk,
        user_id=config.user_id,
        channel_type=config.channel_type,
        template_key="",
        template_version=None,
        subject="Shipped",
        content=CONTENT,
        content_type="text",
        variables={},
        metadata={"order": 4711},
        is_test=False,
        status="pending",
        priority=1,
        destination=name,
        shard=0,
        guarantee="at_least_once",
        error_code="",
        error="",
        send_at=None,
        expires_at=None,
    )
