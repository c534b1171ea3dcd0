"""Values as people type them: times, objects, name=value pairs."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from notifications_client.reading import parsed_time
from notifications_client.words import say

_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class WrongValueError(ValueError):
    """A value on the command line that cannot be meant."""


def moment(text: str) -> datetime:
    """Return a time: ISO 8601, or 30m, 2h, 7d for that long ago."""
    ago = _AGO.fullmatch(text)
    if ago:
        length = timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.now(timezone.utc) - length
    try:
        has_zone = re.search(r"(Z|[+-]\d{2}:?\d{2})$", text[10:]) is not None
        found = parsed_time(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            say(
                "“{text}” is no time: write 2026-01-31T12:00, or 2h for two hours ago",
                text=text,
            )
        ) from None
    return found if has_zone else found.replace(tzinfo=None).astimezone()


def json_object(option: str, text: str | None) -> Mapping[str, object] | None:
    """Return an object from JSON. Raises WrongValueError."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WrongValueError(
            say(
                "{option} must be a JSON object: {example}",
                option=option,
                example='{"name": "value"}',
            )
        )
    return found


def pairs(option: str, given: Sequence[str]) -> dict[str, object]:
    """Return name=value pairs; a value that is JSON is taken as such."""
    found: dict[str, object] = {}
    for item in given:
        name, mark, value = item.partition("=")
        if not name or not mark:
            raise WrongValueError(
                say(
                    "{option} must be name=value, not “{text}”.",
                    option=option,
                    text=item,
                )
            )
        found[name] = _value(value)
    return found


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value
