"""What a delivery that failed begins anew with, and how fast many of them may go."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now

from channels_app.delivery.destinations import Destination
from channels_app.delivery.taking import rate_of
from channels_app.models import Priority, Status, UserConfig

# The rest of a destination's allowance is left to what is fresh.
SHARE_OF_RATE = 0.5


def fresh_start() -> dict[str, Any]:
    """Return the columns of a delivery that begins anew, if need be at a new config."""
    still_ahead = When(expires_at__gt=Now(), then=F("expires_at"))
    held = When(status=Status.UNKNOWN, then=Value(True))
    return {
        "config": Coalesce(F("config_id"), Subquery(current_configs())),
        "send_at": Case(When(send_at__gt=Now(), then=F("send_at")), default=Now()),
        "next_attempt_at": Case(
            When(send_at__gt=Now(), then=F("send_at")), default=Now()
        ),
        "settled_at": None,
        "expires_at": Case(still_ahead, default=None),
        "retry_count": 0,
        "crash_count": 0,
        "cancel_requested": False,
        "may_duplicate": Case(held, default=F("may_duplicate")),
        "error_code": "",
        "error": "",
    }


def fresh_start_of_many() -> dict[str, Any]:
    """Return the same for one of many at once, which nothing fresh is to wait for.

    It gives up its ordering key: the next of the key would wait for all of them.
    """
    return {**fresh_start(), "priority": Priority.LOW, "ordering_key": ""}


def current_configs() -> QuerySet[UserConfig, Any]:
    """Return the subquery of the config that a delivery's user has there now."""
    same = UserConfig.objects.filter(
        client=OuterRef("client_id"),
        user_id=OuterRef("user_id"),
        channel_type=OuterRef("channel_type"),
    )
    return same.values("pk")[:1]


def interval_of(channel_type: str, route: int, sends_per_minute: int | None) -> float:
    """Return the seconds between two replayed sends to a destination."""
    config = Destination(route, {}, sends_per_minute=sends_per_minute)
    rate = rate_of(channel_type, config)
    return rate.interval / SHARE_OF_RATE if rate else 0.0
