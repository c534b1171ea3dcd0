"""The admin's first page: the last hour in figures, and the last deliveries."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.selectors.overview import (
    ChannelFigures,
    DeliveryLine,
    last_deliveries,
    last_hour,
)

DELIVERIES = "admin:channels_app_notificationlog_changelist"
LAST_DELIVERIES = 10


@dataclass(frozen=True)
class Tile:
    """One figure with its name, where it leads, and how it is to be felt."""

    title: str
    figure: str
    link: str
    tone: str


@dataclass(frozen=True)
class Dashboard:
    """All that the page shows."""

    tiles: tuple[Tile, ...]
    channels: tuple[ChannelFigures, ...]
    deliveries: tuple[DeliveryLine, ...]
    is_capped: bool


def dashboard(user: User | AnonymousUser) -> Dashboard | None:
    """Return the page's figures, or None for a user who may not see deliveries."""
    if not user.has_perm("channels_app.view_notificationlog"):
        return None
    hour = last_hour()
    return Dashboard(
        tiles=(
            _tile(_("Accepted"), hour.accepted, "", "plain", hour.is_capped),
            _tile(_("Sent"), hour.sent, "sent", "good", hour.is_capped),
            _tile(_("Failed"), hour.failed, "failed", "bad", hour.is_capped),
            _tile(_("Waiting now"), hour.waiting, "pending", "busy", False),
        ),
        channels=hour.channels,
        deliveries=last_deliveries(LAST_DELIVERIES),
        is_capped=hour.is_capped,
    )


def _tile(title: str, count: int, status: str, tone: str, is_capped: bool) -> Tile:
    query = f"?status__exact={status}" if status else ""
    figure = f"{count:,}+" if is_capped else f"{count:,}"
    shown = tone if count or tone in {"plain", "good"} else "plain"
    return Tile(title, figure, reverse(DELIVERIES) + query, shown)
