"""Deliveries as the engine's tests need them, stored the way the product stores them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from channels_app.delivery.claims import Claim
from channels_app.delivery.intake import Entry, store_entries
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.taking import Wanted, take
from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    NotificationLog,
    Secret,
    UserConfig,
)
from channels_app.models.ids import new_message_id


def default_client() -> ApiClient:
    # A test that commits empties the tables, the migrations' rows included.
    client, _created = ApiClient.objects.get_or_create(
        key_id=DEFAULT_KEY_ID, defaults={"name": "Default"}
    )
    return client


def webhook_config(url: str, **fields: Any) -> UserConfig:
    values = {
        "client": default_client(),
        "user_id": "u1",
        "channel_type": "webhook",
        "public_data": {"webhook_url": url, "method": "POST"},
        "secret_data": Secret({"secret": "canary-secret"}),
    }
    return UserConfig.objects.create(**{**values, **fields})


def new_delivery(config: UserConfig | None, **fields: Any) -> NewDelivery:
    delivery = NewDelivery(
        message_id=new_message_id(),
        request_id="r1",
        client_id=default_client().pk,
        config_id=config.pk if config else None,
        user_id="u1",
        channel_type=config.channel_type if config else "webhook",
        template_key="",
        template_version=None,
        subject="Hello",
        content="It works.",
        content_type="text",
        variables={},
        metadata={"order": "Zoë 张三"},
        is_test=False,
        status="pending",
        priority=1,
        destination="d",
        shard=0,
        guarantee="at_least_once",
        error_code="",
        error="",
        send_at=None,
        expires_at=None,
    )
    return replace(delivery, **fields)


def store(
    delivery: NewDelivery, after_commit: Callable[[], None] = lambda: None
) -> int:
    """Store one delivery as a notification of its own; return its id."""
    entry = Entry([delivery], lambda _stored: "")
    return store_entries([entry], after_commit=after_commit).ids[delivery.message_id]


def stored(config: UserConfig | None, **fields: Any) -> NotificationLog:
    """Store one delivery and return its row."""
    return NotificationLog.objects.get(pk=store(new_delivery(config, **fields)))


def make_due(log: NotificationLog) -> None:
    """Let the wait for the next try be over."""
    NotificationLog.objects.filter(pk=log.pk).update(
        next_attempt_at=Now() - timedelta(seconds=1)
    )


def let_lease_end(log: NotificationLog) -> None:
    """Let the lease of a claimed delivery be over."""
    NotificationLog.objects.filter(pk=log.pk).update(
        lease_until=Now() - timedelta(seconds=1)
    )


def claim(*, limit: int, worker: str, held_kinds: Collection[str] = ()) -> list[Claim]:
    """Take what is due, suspects one by one, without a limit on a destination's share."""
    claims: list[Claim] = []
    while len(claims) < limit:
        left = limit - len(claims)
        taken = take(Wanted(left, worker, held_kinds, is_alone=True))
        claims += taken.claims
        if not taken.is_suspect:
            break
    return claims
