"""The border to JSON: reads fields with their types, and says which one is not as it should."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from notifications_client.errors import Problem, UnexpectedAnswerError
from notifications_client.words import say

_FRACTION = re.compile(r"\.(\d+)")


class Row:
    """An object of an answer. A field that is absent or null reads as nothing."""

    def __init__(self, value: object, name: str = "") -> None:
        if not isinstance(value, Mapping):
            raise wrong_answer(name or "JSON")
        self.fields: Mapping[str, object] = value

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise wrong_answer(name)
        return value

    def number(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int)
        ):
            raise wrong_answer(name)
        return value

    def flag(self, name: str) -> bool:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise wrong_answer(name)
        return bool(value)

    def time(self, name: str) -> datetime | None:
        text = self.text(name)
        try:
            return parsed_time(text) if text else None
        except ValueError:
            raise wrong_answer(name) from None

    def mapping(self, name: str) -> Mapping[str, object]:
        value = self.fields.get(name)
        return {} if value is None else Row(value, name).fields

    def row(self, name: str) -> Row:
        return Row(self.fields.get(name), name)

    def rows(self, name: str) -> tuple[Row, ...]:
        return tuple(Row(item, name) for item in self._items(name))

    def texts(self, name: str) -> tuple[str, ...]:
        items = self._items(name)
        if not all(isinstance(item, str) for item in items):
            raise wrong_answer(name)
        return tuple(str(item) for item in items)

    def _items(self, name: str) -> list[object]:
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong_answer(name)
        return value


def parsed_time(text: str) -> datetime:
    """Return an aware time; Python before 3.11 reads fewer forms than the service writes."""
    even = _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), text)
    if even.endswith(("Z", "z")):
        even = even[:-1] + "+00:00"
    found = datetime.fromisoformat(even)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def wrong_answer(name: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(
        Problem(
            say("The answer is not as expected: “{name}”.", name=name),
            code="unexpected_answer",
            hint=say("Check the address, and whether client and service fit together."),
        )
    )
