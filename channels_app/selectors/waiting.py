"""Why a delivery that has not failed still waits: somebody's order, or a limit."""

from __future__ import annotations

from channels_app.models import WAITING, Breaker, NotificationLog, RateLimit, Status
from channels_app.selectors.clock import database_seconds
from channels_app.selectors.switches import held_kinds, is_on

# The name under which the engine keeps a destination's limit.
DESTINATION = "destination:"


def reason_of_waiting(log: NotificationLog) -> str | None:
    """Return the code of what holds a waiting delivery up; None: it is due or planned.

    An order of an operator comes before a breaker, and that before a limit.
    """
    if log.status not in WAITING:
        return None
    if not is_on("sending"):
        return "sending_paused"
    if log.channel_type in held_kinds():
        return "channel_kind_paused"
    if log.config is not None and log.config.is_paused:
        return "config_paused"
    return _held_by(log)


def earlier_of_key(log: NotificationLog) -> str | None:
    """Return the message id of the first delivery that an ordered one waits for."""
    if not log.ordering_key or log.config_id is None:
        return None
    earlier = NotificationLog.objects.filter(
        config_id=log.config_id,
        ordering_key=log.ordering_key,
        client_id=log.client_id,
        pk__lt=log.pk,
        status__in=[*WAITING, Status.SENDING],
    )
    return earlier.order_by("pk").values_list("message_id", flat=True).first()


def _held_by(log: NotificationLog) -> str | None:
    present = database_seconds()
    open_breakers = Breaker.objects.filter(pk=log.config_id, open_until__isnull=False)
    if log.config_id is not None and open_breakers.exists():
        return "breaker_open"
    limits = RateLimit.objects.filter(
        name=f"{DESTINATION}{log.destination}", until__gt=present
    )
    if log.has_slot or (log.destination and limits.exists()):
        return "limit_reached"
    return "earlier_of_key" if earlier_of_key(log) else None
