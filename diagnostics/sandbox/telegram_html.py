"""Telegram's HTML: its few tags, read and refused the way its server does."""

import re
from dataclasses import dataclass

from diagnostics.sandbox.entities import (
    Entity,
    EntityError,
    Output,
    Parsed,
    in_order,
    is_space,
    link_entity,
)

_KINDS = {
    "b": "Bold",
    "strong": "Bold",
    "i": "Italic",
    "em": "Italic",
    "u": "Underline",
    "ins": "Underline",
    "s": "Strikethrough",
    "strike": "Strikethrough",
    "del": "Strikethrough",
    "tg-spoiler": "Spoiler",
    "span": "Spoiler",
    "tg-emoji": "CustomEmoji",
    "a": "TextUrl",
    "pre": "Pre",
    "code": "Code",
    "blockquote": "BlockQuote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*));?")
_NAME_END = frozenset(b"=>/\"'")
_TOKEN = re.compile(rb"[0-9A-Za-z.-]*")
_ATTRIBUTES = {
    ("a", "href"): "",
    ("code", "class"): "language-",
    ("span", "class"): "tg-",
    ("tg-emoji", "emoji-id"): "",
}


@dataclass(frozen=True)
class _Tag:
    name: str
    argument: str
    offset: int
    begins_at: int


def parse_html(text: str) -> Parsed:
    """Return the plain text and its entities; raise EntityError as Telegram would."""
    return _Reader(text.encode()).read()


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.out = Output()
        self.open: list[_Tag] = []
        self.entities: list[Entity] = []

    def read(self) -> Parsed:
        while self.at < len(self.source):
            if self._peek() == ord("<"):
                self._read_tag()
            else:
                self._read_character()
        if self.open:
            name = self.open[-1].name
            raise EntityError(
                f'Can\'t find end tag corresponding to start tag "{name}"'
            )
        return Parsed(
            _as_text(bytes(self.out.data)), in_order(map(_bare, self.entities))
        )

    def _peek(self) -> int:
        return self.source[self.at] if self.at < len(self.source) else 0

    def _read_character(self) -> None:
        self.out.put_all(self._decode_one())

    def _decode_one(self) -> bytes:
        decoded = b"" if self._peek() != ord("&") else self._read_reference()
        if decoded:
            return decoded
        self.at += 1
        return self.source[self.at - 1 : self.at]

    def _read_reference(self) -> bytes:
        found = _REFERENCE.match(self.source, self.at)
        character = _referred(found) if found else ""
        if found and character:
            self.at = found.end()
        return character.encode("utf-8", "surrogatepass")

    def _skip_spaces(self) -> None:
        while self.at < len(self.source) and is_space(self._peek()):
            self.at += 1

    def _read_tag(self) -> None:
        begins = self.at
        self.at += 1
        if self._peek() == ord("/"):
            self._read_end_tag(begins)
        else:
            self._read_start_tag(begins)

    # Start tags

    def _read_start_tag(self, begins: int) -> None:
        while not is_space(self._peek()) and self._peek() != ord(">"):
            self.at += 1
        if not self._peek():
            raise EntityError(f"Unclosed start tag at byte offset {begins}")
        name = self.source[begins + 1 : self.at].decode("utf-8", "replace").lower()
        if name not in _KINDS:
            raise EntityError(f'Unsupported start tag "{name}" at byte offset {begins}')
        argument = self._read_attributes(name, begins)
        if name == "span" and argument != "spoiler":
            raise EntityError(
                f'Tag "span" must have class "tg-spoiler" at byte offset {begins}'
            )
        tag = _Tag(name, argument, self.out.utf16, len(self.out.data))
        self.open.append(tag)

    def _read_attributes(self, tag: str, begins: int) -> str:
        argument = ""
        self._skip_spaces()
        while self._peek() != ord(">"):
            name, value = self._read_attribute(tag, begins)
            if tag == "blockquote" and name == "expandable":
                argument = "1"
            elif value is not None and (tag, name) in _ATTRIBUTES:
                prefix = _ATTRIBUTES[tag, name]
                known = value.startswith(prefix)
                argument = value.removeprefix(prefix) if known else argument
            self._skip_spaces()
        self.at += 1
        return argument

    def _read_attribute(self, tag: str, begins: int) -> tuple[str, str | None]:
        start = self.at
        while not is_space(self._peek()) and self._peek() not in _NAME_END:
            self.at += 1
        name = self.source[start : self.at].decode("utf-8", "replace")
        if not name:
            raise EntityError(
                f'Empty attribute name in the tag "{tag}" at byte offset {begins}'
            )
        self._skip_spaces_in_tag(tag, begins)
        if self._peek() != ord("="):
            return name, None
        self.at += 1
        self._skip_spaces_in_tag(tag, begins)
        value = self._read_value()
        if not self._peek():
            raise EntityError(f"Unclosed start tag at byte offset {begins}")
        return name, value

    def _skip_spaces_in_tag(self, tag: str, begins: int) -> None:
        self._skip_spaces()
        if not self._peek():
            raise EntityError(f'Unclosed start tag "{tag}" at byte offset {begins}')

    def _read_value(self) -> str:
        quote = self._peek()
        if quote not in b"\"'":
            return self._read_token()
        self.at += 1
        value = bytearray()
        while self.at < len(self.source) and self._peek() != quote:
            value += self._decode_one()
        self.at += 1
        return value.decode("utf-8", "replace")

    def _read_token(self) -> str:
        begins = self.at
        found = _TOKEN.match(self.source, begins)
        self.at = found.end() if found else begins
        if not is_space(self._peek()) and self._peek() != ord(">"):
            raise EntityError(f"Unexpected end of name token at byte offset {begins}")
        return self.source[begins : self.at].decode("ascii").lower()

    # End tags

    def _read_end_tag(self, begins: int) -> None:
        if not self.open:
            raise EntityError(f"Unexpected end tag at byte offset {begins}")
        while not is_space(self._peek()) and self._peek() != ord(">"):
            self.at += 1
        name = self.source[begins + 2 : self.at].decode("utf-8", "replace").lower()
        self._skip_spaces()
        if self._peek() != ord(">"):
            raise EntityError(f"Unclosed end tag at byte offset {begins}")
        self.at += 1
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise EntityError(
                f"Unmatched end tag at byte offset {begins}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        self._add(tag)

    def _add(self, tag: _Tag) -> None:
        length = self.out.utf16 - tag.offset
        entity = self._entity(tag, length) if length else None
        if entity:
            self.entities.append(entity)

    def _entity(self, tag: _Tag, length: int) -> Entity | None:
        kind = _KINDS[tag.name]
        if kind == "TextUrl":
            inner = self.out.data[tag.begins_at :].decode("utf-8", "replace")
            return link_entity(tag.offset, length, tag.argument or inner)
        if kind == "CustomEmoji" and not _is_emoji_id(tag.argument):
            raise EntityError("Invalid custom emoji identifier specified")
        if kind == "BlockQuote":
            kind = "ExpandableBlockQuote" if tag.argument else kind
            return Entity(kind, tag.offset, length)
        if kind in ("Pre", "Code"):
            return self._code_entity(kind, tag, length)
        argument = tag.argument if kind == "CustomEmoji" else ""
        return Entity(kind, tag.offset, length, argument)

    def _code_entity(self, kind: str, tag: _Tag, length: int) -> Entity:
        # `pre` and `code` around the very same text make one block with a language.
        last = self.entities[-1] if self.entities else None
        partner = "Code" if kind == "Pre" else "Pre"
        if last and (last.kind, last.offset, last.length) == (
            partner,
            tag.offset,
            length,
        ):
            language = last.argument or tag.argument
            if language:
                self.entities.pop()
                return Entity("PreCode", tag.offset, length, language)
        return Entity(kind, tag.offset, length, tag.argument)


def _referred(found: re.Match[bytes]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name, "")
    code = int(hexadecimal or b"0", 16) if decimal is None else int(decimal or b"0")
    length = len(found[0].removesuffix(b";"))
    return chr(code) if 0 < code < 0x10FFFF and length < 10 else ""


def _as_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise EntityError(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ) from error


def _is_emoji_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) != 0


def _bare(entity: Entity) -> Entity:
    if entity.kind in ("Code", "Pre"):
        return Entity(entity.kind, entity.offset, entity.length)
    return entity
