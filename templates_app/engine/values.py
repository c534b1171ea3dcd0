"""How a JSON value is written into a text, and into JSON."""

import json
import math
import re

from django.utils.translation import gettext as _

from templates_app.engine.errors import RenderError

# PostgreSQL stores no NUL, and a lone surrogate cannot be sent as UTF-8.
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

_encoder = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str
)


class EscapedHtml(str):
    """Text that has been through the escape filter already."""

    __slots__ = ()


def clean_text(text: str) -> str:
    """Replace what no database or provider can take."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSENDABLE.sub(_REPLACEMENT, text)


def clean_value(value: object) -> object:
    """Give a value that can be written as JSON and sent as UTF-8."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(item) for item in value]
    return value


def to_json(value: object) -> str:
    """Write a clean value as compact JSON."""
    return _encoder.encode(value)


def value_to_json(value: object) -> str:
    """Write any value as compact JSON; raises RenderError if that cannot be done."""
    try:
        return to_json(clean_value(value))
    except (RecursionError, ValueError) as exc:
        raise _unwritable() from exc


def to_text(value: object) -> str:
    """Write a value as text: null as nothing, all else but text as JSON does."""
    kind = type(value)
    if kind is str:
        return clean_text(str(value))
    if kind is int:
        return _digits(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool | float | dict | list | tuple):
        return value_to_json(value)
    return clean_text(str(value))


def _digits(value: object) -> str:
    try:
        return str(value)
    except ValueError as exc:
        raise _unwritable() from exc


def _unwritable() -> RenderError:
    return RenderError(
        "value_unwritable",
        _("A value is nested too deeply, or a number in it is too long."),
        _("Flatten it, or send the number as a text."),
    )
