"""Small coloured words for lists and pages: a colour never stands without its text."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django_stubs_ext import StrOrPromise


def badge(text: StrOrPromise, name: str) -> SafeString:
    """Return a badge; `name` ends the class that the stylesheet colours."""
    return format_html('<span class="nt-badge nt-{}">{}</span>', name, text)


def channel_badge(channel_type: str) -> SafeString:
    """Return the badge of a kind of channel, under its product name."""
    return badge(channel_type.capitalize(), f"channel-{channel_type}")


def channel_badges(channel_types: list[str]) -> SafeString:
    """Return the badges of several kinds in one line."""
    return in_a_row(channel_badge(kind) for kind in channel_types)


def in_a_row(badges: Iterable[SafeString]) -> SafeString:
    """Return badges side by side."""
    joined = format_html_join("", "{}", ((badge,) for badge in badges))
    return format_html('<span class="nt-badges">{}</span>', joined)


def moment(at: datetime) -> SafeString:
    """Return a time that breaks between its date and its hour only."""
    local = localtime(at)
    return format_html(
        '<span class="nt-when">{}</span> <span class="nt-when">{}</span>',
        date_format(local, "DATE_FORMAT"),
        date_format(local, "TIME_FORMAT"),
    )


def yes_badge(is_on: bool, on: StrOrPromise, off: StrOrPromise) -> SafeString:
    """Return a green `on` or a grey `off`."""
    return badge(on, "good") if is_on else badge(off, "plain")
