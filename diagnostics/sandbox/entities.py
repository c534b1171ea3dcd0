"""Telegram's text entities: the values, their order, and what becomes of the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

# Telegram counts offsets in UTF-16 units; a character outside the BMP is two.
_FOUR_BYTE_LEAD = 0xF0

# Among entities over the same stretch, Telegram lists the outer kind first.
_ORDER = {
    "BlockQuote": 0,
    "ExpandableBlockQuote": 0,
    "PreCode": 10,
    "Pre": 11,
    "Code": 20,
    "TextUrl": 49,
    "MentionName": 49,
    "Bold": 90,
    "Italic": 91,
    "Underline": 92,
    "Strikethrough": 93,
    "Spoiler": 94,
    "CustomEmoji": 99,
}

_USER_LINK = re.compile(r"tg:(?://)?user/?\?id=([1-9][0-9]*)", re.IGNORECASE)
_WHITESPACE = " \t\n\v\f\r"


class EntityError(ValueError):
    """The markup does not parse; the text is what Telegram says about it."""


@dataclass(frozen=True)
class Entity:
    """A marked stretch of text, in UTF-16 units; kinds are named as the server does."""

    kind: str
    offset: int
    length: int
    argument: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True)
class Parsed:
    """Plain text and the entities over it."""

    text: str
    entities: tuple[Entity, ...] = ()


class Output:
    """The plain text so far, with its length in UTF-16 units."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.utf16 = 0

    def put(self, byte: int) -> None:
        """Append one byte of UTF-8; continuation bytes add no length."""
        if byte & 0xC0 != 0x80:
            self.utf16 += 2 if byte >= _FOUR_BYTE_LEAD else 1
        self.data.append(byte)

    def put_all(self, data: bytes) -> None:
        for byte in data:
            self.put(byte)


def is_space(byte: int) -> bool:
    """The server's notion, which takes the end of the text for a space."""
    return byte in b" \t\r\n\v\0"


def utf16_length(text: str) -> int:
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def utf16_slice(text: str, start: int, end: int) -> str:
    units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return units.decode("utf-16-le", "replace")


def in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Sort as Telegram lists them: by place, the longer first."""
    return tuple(
        sorted(entities, key=lambda e: (e.offset, -e.length, _ORDER.get(e.kind, 50)))
    )


def linked_user(url: str) -> str:
    """Return the user id of a `tg://user?id=` address, else nothing."""
    found = _USER_LINK.fullmatch(url)
    return found[1] if found else ""


def checked_link(url: str) -> str:
    """Return the address as Telegram keeps it, or nothing where it drops the link."""
    url = url.strip()
    if url.lower().startswith(("tg:", "ton:", "tonsite:")):
        return url
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or ("." not in host and ":" not in host):
        return ""
    rest = parts.geturl().partition("://")[2]
    if not parts.path:
        rest = f"{parts.netloc}/{rest[len(parts.netloc) :]}"
    query = "?" if url.endswith("?") and not rest.endswith("?") else ""
    return f"{parts.scheme}://{rest}{query}"


def link_entity(offset: int, length: int, url: str) -> Entity | None:
    """Make the entity of a link: a mention, an address, or nothing at all."""
    user = linked_user(url)
    if user:
        return Entity("MentionName", offset, length, user)
    address = checked_link(url)
    return Entity("TextUrl", offset, length, address) if address else None


def trimmed(parsed: Parsed) -> Parsed:
    """Cut the white space around the text, as the server does before it counts."""
    text = parsed.text.rstrip(_WHITESPACE)
    end = utf16_length(text)
    first = min((e.offset for e in parsed.entities), default=end)
    cut = min(len(text) - len(text.lstrip(_WHITESPACE)), first)
    kept = tuple(
        replace(e, offset=e.offset - cut, length=min(e.end, end) - e.offset)
        for e in parsed.entities
        if e.offset < end and e.length > 0
    )
    return Parsed(text[cut:], kept)
