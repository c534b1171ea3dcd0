"""What is switched on and off right now: every process sees a change within a second."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.models import FeatureFlag
from channels_app.models.sql import close_lost_connection

logger = logging.getLogger(__name__)

FRESH_SECONDS = 0.5


@dataclass(frozen=True)
class Switch:
    """One flag: what it does in plain words, and its value when nobody has set it."""

    name: str
    title: StrOrPromise
    meaning: StrOrPromise
    default: bool


def _kind_switch(name: str, title: StrOrPromise) -> Switch:
    return Switch(
        name,
        title,
        _("Off: deliveries of this kind wait; nothing is lost."),
        settings.FEATURES[name],
    )


SWITCHES: Mapping[str, Switch] = {
    switch.name: switch
    for switch in (
        Switch(
            "sending",
            _("Sending"),
            _("Off: accepted notifications wait; nothing is lost."),
            True,
        ),
        Switch(
            "maintenance",
            _("Maintenance"),
            _("On: the API takes no notifications and answers 503."),
            settings.MAINTENANCE_MODE,
        ),
        _kind_switch("lark", "Lark"),
        _kind_switch("telegram", "Telegram"),
        _kind_switch("slack", "Slack"),
        _kind_switch("webhook", "Webhook"),
        _kind_switch("email", _("E-mail")),
        _kind_switch("apprise", "Apprise"),
        Switch(
            "retry",
            _("Retries"),
            _("Off: a delivery that fails once has failed."),
            settings.FEATURES["retry"],
        ),
        Switch(
            "cache",
            _("Memory"),
            _(
                "Off: each request reads configs and templates anew; slower, and "
                "nothing else changes."
            ),
            settings.FEATURES["cache"],
        ),
    )
}
KIND_SWITCHES = ("lark", "telegram", "slack", "webhook", "email", "apprise")


class _Memory:
    """The values this process read last, and when."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values: dict[str, bool] = {}
        self.read_at = float("-inf")

    def forget(self) -> None:
        self.read_at = float("-inf")


MEMORY = _Memory()


def switch_values() -> Mapping[str, bool]:
    """Return each switch's value; at most half a second old."""
    with MEMORY.lock:
        if time.monotonic() - MEMORY.read_at > FRESH_SECONDS:
            MEMORY.values = _read()
            MEMORY.read_at = time.monotonic()
        return MEMORY.values


def _read() -> dict[str, bool]:
    """Read the values; while the database is away, the last ones hold."""
    try:
        stored = dict(FeatureFlag.objects.values_list("name", "is_enabled"))
    except (DatabaseError, InterfaceError):
        close_lost_connection()
        logger.warning("The switches cannot be read; the last values hold.")
        stored = MEMORY.values
    return {name: stored.get(name, s.default) for name, s in SWITCHES.items()}


def is_on(name: str) -> bool:
    """Return whether a switch is on."""
    return switch_values()[name]


def held_kinds() -> frozenset[str]:
    """Return the channel kinds whose deliveries wait."""
    values = switch_values()
    return frozenset(kind for kind in KIND_SWITCHES if not values[kind])
