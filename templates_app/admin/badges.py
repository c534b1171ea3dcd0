"""Small coloured words for lists and pages: a colour never stands without its text."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise


def badge(text: StrOrPromise, name: str) -> SafeString:
    """Return a badge; `name` ends the class that the stylesheet colours."""
    return format_html('<span class="nt-badge nt-{}">{}</span>', name, text)


def channel_badge(channel_type: str) -> SafeString:
    """Return the badge of a kind of channel, under its product name."""
    return badge(channel_type.capitalize(), f"channel-{channel_type}")


def channel_badges(channel_types: list[str]) -> SafeString:
    """Return the badges of several kinds in one line."""
    badges = [channel_badge(kind) for kind in channel_types]
    return format_html('<span class="nt-badges">{}</span>', SafeString("").join(badges))


def yes_badge(is_on: bool, on: StrOrPromise, off: StrOrPromise) -> SafeString:
    """Return a green `on` or a grey `off`."""
    return badge(on, "good") if is_on else badge(off, "plain")
