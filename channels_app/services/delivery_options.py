"""How one config's deliveries are sent: paused, at which rate, with which retries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from channels_app.models import UserConfig

MOST_WAITS = 20
LONGEST_WAIT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class DeliveryOptions:
    """What an operator may set for one config; None leaves it to the defaults."""

    is_paused: bool = False
    sends_per_minute: int | None = None
    retry_schedule: list[int] | None = None


def check_waits(waits: object) -> None:
    """Refuse a retry schedule that is not a list of sensible waits. Raises ValueError."""
    if waits is None:
        return
    is_list = isinstance(waits, list) and len(waits) <= MOST_WAITS
    if not is_list or not all(map(_is_wait, waits if isinstance(waits, list) else [])):
        raise ValueError(
            _("Write at most 20 waits in seconds, each up to a day, such as [10, 60].")
        )


def _is_wait(value: object) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and 1 <= int(str(value)) <= LONGEST_WAIT_SECONDS


def change_options(*, config: UserConfig, options: DeliveryOptions) -> None:
    """Store a config's options. Raises ValueError for a schedule that is none."""
    check_waits(options.retry_schedule)
    UserConfig.objects.filter(pk=config.pk).update(
        is_paused=options.is_paused,
        sends_per_minute=options.sends_per_minute,
        retry_schedule=options.retry_schedule,
        version=F("version") + 1,
    )
