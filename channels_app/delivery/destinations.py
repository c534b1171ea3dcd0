"""Where claimed deliveries go: their configs, opened and ready for a sender."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.models import CannotDecryptError, Secret, UserConfig
from channels_app.senders.contract import ConfigData
from channels_app.senders.registry import SENDERS

NO_FIELDS = "The stored config is not a set of fields."


@dataclass(frozen=True)
class Destination:
    """A channel config as the engine needs it; or `problem`, the code of why not."""

    config_id: int
    data: ConfigData
    version: int = 0
    secrets: tuple[str, ...] = ()
    is_paused: bool = False
    sends_per_minute: int | None = None
    retry_schedule: tuple[int, ...] | None = None
    problem: str = ""
    detail: str = ""

    def __repr__(self) -> str:
        return f"<Destination {self.config_id} {self.problem}>"


def _destination(config: UserConfig) -> Destination:
    if not config.is_active:
        return Destination(
            config.pk, {}, problem="channel_disabled", detail=config.disabled_reason
        )
    return opened(config)


def opened(config: UserConfig) -> Destination:
    """Return a config ready for a sender, be it on or off."""
    try:
        secrets = config.secret_data.reveal() if config.secret_data else {}
    except CannotDecryptError as error:
        return Destination(
            config.pk, {}, problem="config_unreadable", detail=str(error)
        )
    public = config.public_data
    if not (isinstance(public, Mapping) and isinstance(secrets, Mapping)):
        return Destination(config.pk, {}, problem="config_invalid", detail=NO_FIELDS)
    return Destination(
        config.pk,
        {**public, **secrets},
        version=config.version,
        secrets=tuple(_texts(secrets)),
        is_paused=config.is_paused,
        sends_per_minute=config.sends_per_minute,
        retry_schedule=_schedule(config.retry_schedule),
    )


def _schedule(stored: object) -> tuple[int, ...] | None:
    """Return the waits of a config's own; None where there are none to go by."""
    if not isinstance(stored, list):
        return None
    waits = tuple(wait for wait in stored if isinstance(wait, int))
    return waits if len(waits) == len(stored) else None


def destination_hash(config: UserConfig) -> str:
    """Return a hash of what the provider counts its limits by; "" where none is known.

    The pump says what is wrong with a config that cannot be read, with its explanation.
    """
    return hash_of_destination(
        config.channel_type, config.public_data, config.secret_data
    )


def hash_of_destination(
    channel_type: str, public: Mapping[str, Any], secret: Secret | None
) -> str:
    """Return what `destination_hash` does, for the parts of a config."""
    try:
        data = {**public, **(secret.reveal() if secret else {})}
        text = SENDERS[channel_type].destination(data)
    except (CannotDecryptError, KeyError):
        return ""
    return hashlib.sha256(f"{channel_type}:{text}".encode()).hexdigest()[:32]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


def destinations(config_ids: Iterable[int | None]) -> Mapping[int, Destination]:
    """Return the configs of a set of claims by id, in one query.

    A deleted config is not in it. One that cannot be used says why.
    """
    wanted = {config_id for config_id in config_ids if config_id is not None}
    configs = UserConfig.objects.filter(pk__in=wanted)
    return {config.pk: _destination(config) for config in configs}
