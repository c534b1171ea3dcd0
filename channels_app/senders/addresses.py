"""Mail addresses in forms: one, or a list, with or without names."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import formataddr, getaddresses

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MOST_ADDRESSES = 50

Addresses = str | list[str]


def split_addresses(value: object) -> list[str]:
    """Return the addresses in a text or a list of texts; empty if there are none."""
    texts = value if isinstance(value, list) else [value]
    given = [text for text in texts if isinstance(text, str) and text.strip()]
    pairs = getaddresses(given)
    return [formataddr(pair, "utf-8") if pair[0] else pair[1] for pair in pairs]


class AddressesField(forms.Field):
    """One address or several: a text with commas, or a list. It keeps its shape."""

    def __init__(self, *, most: int = MOST_ADDRESSES, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.most = most

    def prepare_value(self, value: object) -> object:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: object) -> Addresses | None:
        if value in self.empty_values:
            return None
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise ValidationError(_("Enter an address or a list of them."))
        texts = [str(part).strip() for part in parts]
        if not all(text.isprintable() for text in texts):
            raise ValidationError(
                _("An address is one line without control characters.")
            )
        return texts if isinstance(value, list) else texts[0]

    def validate(self, value: Addresses | None) -> None:
        super().validate(value)
        if value is not None:
            self._check(_pairs(value))

    def _check(self, pairs: Iterable[tuple[str, str]]) -> None:
        addresses = [address for _name, address in pairs]
        if not addresses or len(addresses) > self.most:
            message = _("Enter 1 to %(most)d addresses.") % {"most": self.most}
            raise ValidationError(message)
        for address in addresses:
            validate_email(address)


def _pairs(value: Addresses) -> list[tuple[str, str]]:
    return getaddresses(value if isinstance(value, list) else [value])
