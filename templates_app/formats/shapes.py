"""Looks at parsed JSON content whose values are not known yet."""

from typing import TypeGuard

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error
from templates_app.engine.values import to_json


def is_open(value: object) -> bool:
    """Tell whether a value is only known when it is rendered."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


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


def too_large(data: object, limit: int) -> list[Problem]:
    """Report JSON content that is over the provider's limit before any value."""
    size = len(to_json(data).encode("utf-8", "replace"))
    return text_too_large(size, limit)


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
