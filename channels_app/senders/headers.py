"""A person's own HTTP headers: read from lines or a mapping, and made harmless."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import ConfigData

Headers = tuple[tuple[str, str], ...]

MOST = 32
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,4096}")
# These belong to the connection, and are set by whoever carries the request.
_OF_THE_CONNECTION = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class HeaderError(ValueError):
    """Raised for a header that must not be sent. Holds its line, not its value."""


def read_headers(value: object, reserved: frozenset[str] = frozenset()) -> Headers:
    """Return headers from a mapping or from lines “Name: value”.

    Raises HeaderError on a line break in a value, on names that belong to the
    connection or are reserved, and on what HTTP cannot carry.
    """
    headers = tuple((name.strip(), text.strip(" \t")) for name, text in _pairs(value))
    if len(headers) > MOST:
        raise HeaderError(len(headers))
    for number, (name, text) in enumerate(headers, start=1):
        is_ours = name.lower() in _OF_THE_CONNECTION | reserved
        if is_ours or not _NAME.fullmatch(name) or not _VALUE.fullmatch(text):
            raise HeaderError(number)
    return headers


def _pairs(value: object) -> Iterable[tuple[str, str]]:
    if not value:
        return []
    if isinstance(value, Mapping):
        return [_text_pair(name, text) for name, text in value.items()]
    if isinstance(value, str):
        lines = value.replace("\r\n", "\n").split("\n")
        return [_line_pair(line) for line in lines if line.strip()]
    raise HeaderError(0)


def _text_pair(name: object, text: object) -> tuple[str, str]:
    if not isinstance(name, str) or isinstance(text, bool):
        raise HeaderError(0)
    if not isinstance(text, str | int | float):
        raise HeaderError(0)
    return name, str(text)


def _line_pair(line: str) -> tuple[str, str]:
    name, colon, text = line.partition(":")
    return (name, text) if colon else ("", text)


class HeadersField(forms.Field):
    """Own headers, as lines or as a mapping; the cleaned value is a mapping."""

    widget = forms.Textarea

    def __init__(
        self, *, reserved: frozenset[str] = frozenset(), **options: Any
    ) -> None:
        super().__init__(**options)
        self.reserved = reserved

    def to_python(self, value: object) -> ConfigData:
        try:
            headers = read_headers(value, self.reserved)
        except HeaderError as error:
            raise ValidationError(
                _(
                    "Write one header a line, “Name: value”, in plain ASCII. Host, "
                    "Content-Length, Connection and webhook-… are set by us."
                ),
                code="invalid",
            ) from error
        return dict(headers)

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return "\n".join(f"{name}: {text}" for name, text in value.items())
