"""How a value is written so that each dialect shows it exactly as it was given."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

Escape = Callable[[str], str]

_MARKDOWN_V2 = {ord(char): f"\\{char}" for char in r"_*[]()~`>#+-=|{}.!" + "\\"}
_MARKDOWN_LEGACY = {ord(char): f"\\{char}" for char in "_*`["}
_HTML = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("'"): "&#39;",
}
_SLACK = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}

# Lark markdown has no backslash escape in card JSON 1.0; it documents HTML
# entities for showing a character that would otherwise be markup. The colon is in
# the list because :OK: is an emoji and https:// becomes a link.
_LARK = {ord(char): f"&#{ord(char)};" for char in "&<>*_~`[]()#+-!|:$\\\"'"}

# Lark has no escape in plain text, so the tag is broken by an invisible character.
# A "<" or "<a" at the very end could be completed by whatever is inserted next.
_LARK_AT = re.compile(r"<(?=\s*+(?:/\s*+)?+(?:at(?!\w)|a?\Z))", re.IGNORECASE)
_ZERO_WIDTH_SPACE = "\u200b"


def plain(text: str) -> str:
    """Leave the text alone: the place has no markup."""
    return text


def escape_markdown_v2(text: str) -> str:
    """Escape for Telegram's MarkdownV2, outside and inside its entities."""
    return text.translate(_MARKDOWN_V2)


def escape_markdown_legacy(text: str) -> str:
    """Escape for Telegram's older Markdown, which knows four special characters."""
    return text.translate(_MARKDOWN_LEGACY)


def escape_html(text: str) -> str:
    """Escape for HTML text and for quoted HTML attributes."""
    return text.translate(_HTML)


def escape_slack(text: str) -> str:
    """Escape for Slack's mrkdwn: no mention, no link, no channel-wide ping."""
    return text.translate(_SLACK)


def escape_lark_markdown(text: str) -> str:
    """Escape for Lark's markdown elements and lark_md texts."""
    return text.translate(_LARK)


def neutralise_lark_at(text: str) -> str:
    """Keep the look of an <at> tag in Lark plain text, without its ping."""
    return _LARK_AT.sub("<" + _ZERO_WIDTH_SPACE, text)


def escape_markdown_link(text: str) -> str:
    """Escape for the target of a [text](target) link where no backslash works."""
    return quote(text, safe="%!#$&'*+,/:;=?@[]~")


def escape_slack_link(text: str) -> str:
    """Escape for a value that opens a <...>: a web address, never a mention."""
    if text[:1] in {"!", "@", "#"}:
        text = quote(text[0], safe="") + text[1:]
    return escape_slack(text).replace("|", "%7C")


@dataclass(frozen=True)
class LinkPlace:
    """Where a dialect expects an address, and how a value is written there."""

    opens: re.Pattern[str]
    escape: Escape


_MARKDOWN_LINK = LinkPlace(re.compile(r"\]\([^()\s]*\Z"), escape_markdown_link)
_SLACK_LINK = LinkPlace(re.compile(r"<\Z"), escape_slack_link)

# In these dialects the target of a link is read raw: an escape meant for text would
# become a part of the address.
_LINK_PLACES: Mapping[Escape, LinkPlace] = MappingProxyType(
    {
        escape_lark_markdown: _MARKDOWN_LINK,
        escape_markdown_legacy: _MARKDOWN_LINK,
        escape_slack: _SLACK_LINK,
    }
)
_CONSTRUCT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def link_places(before: str) -> frozenset[Escape]:
    """Name the dialects in which the text before a value opens a link target."""
    written = _CONSTRUCT.sub("", before)
    return frozenset(
        text_escape
        for text_escape, place in _LINK_PLACES.items()
        if place.opens.search(written)
    )


def link_escape(text_escape: Escape) -> Escape:
    """Give the escape for link targets in the dialect of `text_escape`."""
    return _LINK_PLACES[text_escape].escape
