"""Form fields that every sender needs: links, plain texts, choices in any case."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

_NOT_IN_A_LINK = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"\ud800-\udfff\u2028\u2029]")


class TextField(forms.CharField):
    """Text, and nothing that merely can be written as text."""

    def to_python(self, value: object) -> str | None:
        if isinstance(value, dict | list | bool):
            raise ValidationError(_("Enter a text."), code="invalid")
        return super().to_python(value)


class LinkField(TextField):
    """An http or https address with a host and without user name or password."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 2048, **options})

    def validate(self, value: str) -> None:
        super().validate(value)
        problem = link_problem(value) if value else None
        if problem:
            raise ValidationError(problem, code="invalid")


class AnyCaseChoiceField(forms.ChoiceField):
    """A choice written in any case; the cleaned value is the one we list."""

    def __init__(
        self, *, choices: Sequence[tuple[str, StrOrPromise]], **options: Any
    ) -> None:
        super().__init__(choices=choices, **options)
        self.spellings = {value.lower(): value for value, _label in choices}

    def to_python(self, value: object) -> str:
        text = "" if value is None else str(value).strip()
        return self.spellings.get(text.lower(), text)


def link_problem(link: str) -> StrOrPromise | None:
    """Return what is wrong with the address, or None."""
    if _NOT_IN_A_LINK.search(link):
        return _("An address holds no spaces, quotes or control characters.")
    parts = _split(link)
    if parts is None:
        return _("This is not an address. Copy it again, whole.")
    if parts.scheme not in {"http", "https"}:
        return _("The address must begin with https:// (or http://).")
    if "@" in parts.netloc:
        return _("Take user name and password out of the address.")
    return None if parts.hostname else _("The address has no host.")


def _split(link: str) -> SplitResult | None:
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def host_of(link: str) -> str:
    parts = _split(link)
    return (parts.hostname or "") if parts else ""


def origin_of(link: str) -> str:
    """Return scheme, host and port: what a receiver's limits are counted by."""
    parts = _split(link)
    if parts is None:
        return link
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def unencrypted_warnings(link: str) -> list[StrOrPromise]:
    """Return a warning when an address is http, as anybody between can read it."""
    if urlsplit(link).scheme != "http":
        return []
    return [
        _(
            "The address begins with http://: message and secret travel unencrypted. "
            "Use https:// unless the receiver is on this machine."
        )
    ]
