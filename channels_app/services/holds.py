"""What would hold up a delivery that were accepted now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from channels_app.delivery.destinations import destination_hash, opened
from channels_app.delivery.taking import rate_of
from channels_app.models import Breaker, RateLimit, UserConfig
from channels_app.selectors.clock import database_seconds
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.selectors.waiting import DESTINATION


@dataclass(frozen=True)
class Hold:
    """The code of what holds a channel config up, and until when, if that is known."""

    code: str
    until: datetime | None = None


def holds_on(configs: Collection[UserConfig]) -> Mapping[int, Hold]:
    """Return what holds configs up, by their ids; nothing for those that may send.

    As in the engine, an order of a person comes before a breaker, that before a limit.
    """
    states = _Moment.of(configs)
    found = {config.pk: states.hold_on(config) for config in configs}
    return {pk: hold for pk, hold in found.items() if hold is not None}


@dataclass(frozen=True)
class _Moment:
    """Breakers by config and limits by destination, at one time of the database's."""

    present: float
    breakers: Mapping[int, float]
    limits: Mapping[str, float]
    destinations: Mapping[int, str]

    @classmethod
    def of(cls, configs: Collection[UserConfig]) -> _Moment:
        destinations = {config.pk: destination_hash(config) for config in configs}
        names = {DESTINATION + name for name in destinations.values() if name}
        breakers = Breaker.objects.filter(pk__in=destinations, open_until__isnull=False)
        limits = RateLimit.objects.filter(name__in=names)
        return cls(
            database_seconds(),
            {breaker.pk: breaker.open_until or 0.0 for breaker in breakers},
            dict(limits.values_list("name", "until")),
            destinations,
        )

    def hold_on(self, config: UserConfig) -> Hold | None:
        if not is_on("sending"):
            return Hold("sending_paused")
        if config.channel_type in held_kinds():
            return Hold("channel_kind_paused")
        if config.is_paused:
            return Hold("config_paused")
        return self._breaker(config) or self._limit(config)

    def _breaker(self, config: UserConfig) -> Hold | None:
        until = self.breakers.get(config.pk)
        return None if until is None else Hold("breaker_open", _time(until))

    def _limit(self, config: UserConfig) -> Hold | None:
        until = self.limits.get(DESTINATION + self.destinations[config.pk], 0.0)
        rate = rate_of(config.channel_type, opened(config))
        free_at = until - (rate.tolerance if rate else 0.0)
        if free_at <= self.present:
            return None
        return Hold("limit_reached", _time(free_at))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
