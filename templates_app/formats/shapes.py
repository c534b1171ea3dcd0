"""Looks at parsed JSON content whose values are not known yet."""

import re
from collections.abc import Callable, Iterator
from typing import TypeGuard

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error, warning
from templates_app.engine.values import to_json

_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENING = re.compile(r"\{[{%#]")


def constructs(text: str) -> Iterator[tuple[int, int]]:
    """Give start and end of each insert, block and comment, in one pass."""
    at = 0
    never: set[str] = set()
    while found := _OPENING.search(text, at):
        closing = _CLOSINGS[found[0]]
        end = -1 if closing in never else text.find(closing, found.end())
        if end < 0:
            never.add(closing)
            at = found.end()
        else:
            at = end + 2
            yield found.start(), at


def without_constructs(text: str, instead: Callable[[str], str]) -> str:
    """Give the text with something else in the place of its constructs."""
    pieces: list[str] = []
    at = 0
    for start, end in constructs(text):
        pieces += [text[at:start], instead(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def fixed_length(text: str) -> int:
    """Count the characters that are there whatever the values are."""
    return len(without_constructs(text, lambda _found: ""))


def is_open(value: object) -> bool:
    """Tell whether a value is only known when it is rendered."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_part(value: object) -> bool:
    """Tell whether a value is an object, or can become one."""
    return is_object(value) or is_open(value)


def not_an_object(example: str) -> Problem:
    """Report JSON content that is not an object."""
    return error(
        "not_an_object",
        _("The JSON must be an object."),
        _("Write it in braces, for example %(example)s.") % {"example": example},
    )


def missing_part(where: str, example: str) -> Problem:
    """Report a part that the provider insists on."""
    return error(
        "part_missing",
        _("“%(part)s” is missing.") % {"part": where.strip("/").replace("/", ".")},
        _("Add it, for example %(example)s.") % {"example": example},
        where,
    )


def not_a_list(where: str) -> Problem:
    """Report a part that the provider wants as a list."""
    return error(
        "not_a_list",
        _("“%(part)s” must be a list.") % {"part": where.rpartition("/")[2]},
        _("Write it in square brackets."),
        where,
    )


def not_a_text(where: str) -> Problem:
    """Report a part that the provider wants as a text."""
    return error(
        "not_a_text",
        _("“%(part)s” must be a text.") % {"part": where.rpartition("/")[2]},
        _("Write it in quotes."),
        where,
    )


def open_part(where: str) -> Problem:
    """Warn of a part that is only known when it is sent."""
    return warning(
        "part_open",
        _("“%(part)s” comes from a value whole: it cannot be checked before.")
        % {"part": where.rpartition("/")[2]},
        _("Write the part itself and put values into its texts."),
        where,
    )


def too_large(data: object, limit: int) -> list[Problem]:
    """Report JSON content that is over the provider's limit before any value.

    Text inside inserts does not count: a value may be shorter than its name.
    """
    written = without_constructs(to_json(data), lambda _found: "")
    return text_too_large(len(written.encode("utf-8", "replace")), limit)


def text_too_large(size: int, limit: int) -> list[Problem]:
    """Report content that is over the provider's limit in bytes."""
    if size <= limit:
        return []
    return [
        error(
            "content_too_large",
            _("The content has %(size)d bytes; the channel takes %(limit)d.")
            % {"size": size, "limit": limit},
            _("Shorten it."),
        )
    ]
