"""Letting deliveries wait: all, one kind of channel, or one config. Nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F

from channels_app.models import UserConfig
from channels_app.selectors.backlog import waiting_count
from channels_app.selectors.switches import KIND_SWITCHES, is_on
from channels_app.services.switches import set_switch
from channels_app.tasks.wake import wake_quietly


@dataclass(frozen=True)
class SendingState:
    """What waits by order, and how many deliveries wait for whatever reason.

    `waiting` is counted up to QUEUE_MAX_DEPTH.
    """

    is_sending: bool
    paused_kinds: tuple[str, ...]
    paused_configs: tuple[int, ...]
    waiting: int

    @property
    def is_anything_paused(self) -> bool:
        return not self.is_sending or bool(self.paused_kinds or self.paused_configs)


def sending_state() -> SendingState:
    """Return what is paused now."""
    paused = UserConfig.objects.filter(is_paused=True).values_list("pk", flat=True)
    return SendingState(
        is_sending=is_on("sending"),
        paused_kinds=tuple(kind for kind in KIND_SWITCHES if not is_on(kind)),
        paused_configs=tuple(paused[:1000]),
        waiting=waiting_count(at_most=settings.QUEUE_MAX_DEPTH),
    )


def pause_sending(*, by: str, kind: str | None = None, note: str = "") -> None:
    """Let everything wait, or one kind. Raises UnknownSwitchError."""
    set_switch(name=kind or "sending", is_enabled=False, changed_by=by, note=note)


def resume_sending(*, by: str, kind: str | None = None, note: str = "") -> None:
    """Let everything, or one kind, go on. Raises UnknownSwitchError."""
    set_switch(name=kind or "sending", is_enabled=True, changed_by=by, note=note)
    wake_quietly()


def pause_config(*, config_id: int) -> bool:
    """Let the deliveries of one config wait; False when there is no such config."""
    return _set_paused(config_id, is_paused=True)


def resume_config(*, config_id: int) -> bool:
    """Let one config go on. What waited begins within a quarter of a minute."""
    return _set_paused(config_id, is_paused=False)


def _set_paused(config_id: int, *, is_paused: bool) -> bool:
    found = UserConfig.objects.filter(pk=config_id)
    return bool(found.update(is_paused=is_paused, version=F("version") + 1))
