"""Telegram's MarkdownV2, read the way its server reads it, refusals included."""

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

_RESERVED = frozenset(b"_*[]()~`>#+-=|{}.!\n")
_RESERVED_IN_CODE = frozenset(b"`")
_CODE = ("Code", "Pre", "PreCode")

# What ends an entity, and how many bytes after the first one its end mark has.
_ENDS = {
    "Bold": (b"*", 0),
    "Italic": (b"_", 0),
    "Underline": (b"__", 1),
    "Strikethrough": (b"~", 0),
    "Spoiler": (b"||", 1),
    "Code": (b"`", 0),
    "Pre": (b"```", 2),
    "PreCode": (b"```", 2),
    "TextUrl": (b"]", 0),
    "CustomEmoji": (b"]", 0),
}
_STARTS = (
    (b"__", "Underline"),
    (b"_", "Italic"),
    (b"*", "Bold"),
    (b"~", "Strikethrough"),
    (b"||", "Spoiler"),
    (b"[", "TextUrl"),
    (b"![", "CustomEmoji"),
    (b"`", "Code"),
)


@dataclass(frozen=True)
class _Open:
    kind: str
    argument: str
    offset: int
    byte_offset: int
    begins_at: int


def parse_markdown_v2(text: str) -> Parsed:
    """Return the plain text and its entities; raise EntityError as Telegram would."""
    return _Reader(text.encode()).read()


def skip_line_break(source: bytes, at: int) -> int:
    """Step over one line break, which may be two different bytes."""
    first, second = source[at : at + 1], source[at + 1 : at + 2]
    if first not in (b"\n", b"\r"):
        return at
    return at + 2 if second in (b"\n", b"\r") and first != second else at + 1


def code_language(source: bytes, at: int) -> tuple[str, int]:
    """Read the language after an opening fence; return it and where it ends."""
    end = at
    while end < len(source) and not is_space(source[end]) and source[end] != ord("`"):
        end += 1
    if end in (at, len(source)) or source[end] == ord("`"):
        return "", at
    return source[at:end].decode("utf-8", "replace"), end


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.out = Output()
        self.open: list[_Open] = []
        self.entities: list[Entity] = []
        self.in_quote = False
        self.may_quote = True

    def read(self) -> Parsed:
        while self.at < len(self.source):
            self._step()
        self._end_of_text()
        text = self.out.data.decode("utf-8", "replace")
        return Parsed(text, in_order(self.entities))

    def _is(self, mark: bytes) -> bool:
        return self.source.startswith(mark, self.at)

    def _step(self) -> None:
        byte = self.source[self.at]
        if self._is_escape():
            self._put_escaped()
        elif byte not in self._reserved():
            self._put_plain(byte)
        elif self._ends_here():
            self._end()
        else:
            self._begin(byte)

    def _is_escape(self) -> bool:
        following = self.source[self.at + 1 : self.at + 2]
        return self._is(b"\\") and bool(following) and 1 <= following[0] <= 126

    def _reserved(self) -> frozenset[int]:
        in_code = bool(self.open) and self.open[-1].kind in _CODE
        return _RESERVED_IN_CODE if in_code else _RESERVED

    def _put_escaped(self) -> None:
        byte = self.source[self.at + 1]
        self.out.put(byte)
        self.at += 2
        if byte != ord("\r"):
            self.may_quote = byte == ord("\n")

    def _put_plain(self, byte: int) -> None:
        self.out.put(byte)
        self.at += 1
        if byte != ord("\r"):
            self.may_quote = False

    # Beginnings

    def _begin(self, byte: int) -> None:
        if byte == ord("\n"):
            self.out.put(byte)
            self.at += 1
            self.may_quote = True
        elif byte == ord(">"):
            self._begin_quote()
        elif self._is(b"```"):
            self._begin_fence()
        else:
            self._begin_span(byte)

    def _begin_span(self, byte: int) -> None:
        for mark, kind in _STARTS:
            if self._is(mark):
                self._push(kind, self.at)
                self.at += len(mark)
                return
        raise _reserved(byte)

    def _begin_quote(self) -> None:
        if not self.may_quote:
            raise _reserved(ord(">"))
        if not self.in_quote:
            self.in_quote = True
            self._push("BlockQuote", self.at)
        self.at += 1

    def _begin_fence(self) -> None:
        begins = self.at
        language, self.at = code_language(self.source, begins + 3)
        self.at = skip_line_break(self.source, self.at)
        self._push("PreCode" if language else "Pre", begins, language)

    def _push(self, kind: str, byte_offset: int, argument: str = "") -> None:
        opened = _Open(kind, argument, self.out.utf16, byte_offset, len(self.out.data))
        self.open.append(opened)

    # Ends

    def _ends_here(self) -> bool:
        if not self.open:
            return False
        if self.in_quote and self._is(b"\n") and not self._is(b"\n>"):
            return True
        kind = self.open[-1].kind
        if kind == "BlockQuote":
            return False
        if kind == "Italic" and self._is(b"__"):
            return False
        return self._is(_ENDS[kind][0])

    def _end(self) -> None:
        if self._is(b"\n"):
            self._end_quote()
            return
        opened = self.open.pop()
        self.at += 1 + _ENDS[opened.kind][1]
        match opened.kind:
            case "TextUrl":
                self._add_link(opened)
            case "CustomEmoji":
                self._add_emoji(opened)
            case _:
                self._add(opened, opened.kind, opened.argument)

    def _end_quote(self) -> None:
        kind = "BlockQuote"
        if self._spoiler_mark_ends_quote():
            self.open.pop()
            kind = "ExpandableBlockQuote"
        if self.open[-1].kind != "BlockQuote":
            raise _no_end(self.open[-1])
        self.in_quote = False
        self.may_quote = True
        self.out.put(ord("\n"))
        self.at += 1
        self._add(self.open.pop(), kind)

    def _spoiler_mark_ends_quote(self) -> bool:
        # A quote that ends in a lone `||` is an expandable one.
        last = self.open[-1]
        if last.kind != "Spoiler":
            return False
        between = self.source[last.byte_offset + 2 : self.at]
        return between in (b"", b"\r")

    def _add(self, opened: _Open, kind: str, argument: str = "") -> None:
        length = self.out.utf16 - opened.offset
        if length:
            self.entities.append(Entity(kind, opened.offset, length, argument))

    def _add_link(self, opened: _Open) -> None:
        if self._is(b"("):
            url = self._read_url("a URL")
        else:
            url = self.out.data[opened.begins_at :].decode("utf-8", "replace")
        length = self.out.utf16 - opened.offset
        entity = link_entity(opened.offset, length, url) if length else None
        if entity:
            self.entities.append(entity)

    def _add_emoji(self, opened: _Open) -> None:
        if not self._is(b"("):
            raise EntityError("Custom emoji entity must contain a tg://emoji URL")
        url = self._read_url("a custom emoji URL")
        self._add(opened, "CustomEmoji", _emoji_id(url))

    def _read_url(self, what: str) -> str:
        self.at += 1
        begins, url = self.at, bytearray()
        while self.at < len(self.source) and not self._is(b")"):
            self.at += 1 if self._is_escape() else 0
            url.append(self.source[self.at])
            self.at += 1
        if not self._is(b")"):
            raise EntityError(f"Can't find end of {what} at byte offset {begins}")
        self.at += 1
        return url.decode("utf-8", "replace")

    def _end_of_text(self) -> None:
        if self.in_quote:
            kind = "BlockQuote"
            last = self.open[-1]
            if last.kind == "Spoiler" and last.byte_offset == len(self.source) - 2:
                self.open.pop()
                kind = "ExpandableBlockQuote"
            if self.open[-1].kind == "BlockQuote":
                self._add(self.open.pop(), kind)
        if self.open:
            raise _no_end(self.open[-1])


def _reserved(byte: int) -> EntityError:
    return EntityError(
        f"Character '{chr(byte)}' is reserved and must be escaped "
        "with the preceding '\\'"
    )


def _no_end(opened: _Open) -> EntityError:
    return EntityError(
        f"Can't find end of {opened.kind} entity at byte offset {opened.byte_offset}"
    )


def _emoji_id(url: str) -> str:
    scheme, _, rest = url.partition(":")
    if scheme.lower() != "tg":
        raise EntityError("Custom emoji URL must have scheme tg")
    host, _, query = rest.partition("#")[0].removeprefix("//").partition("?")
    if host.rstrip("/").lower() != "emoji":
        raise EntityError('Custom emoji URL must have host "emoji"')
    fields = [pair.partition("=") for pair in query.split("&")]
    found = [value for name, _, value in fields if name == "id"]
    if not found:
        raise EntityError("Custom emoji URL must have an emoji identifier")
    if not found[0].isascii() or not found[0].isdigit() or found[0].startswith("0"):
        raise EntityError("Invalid custom emoji identifier specified")
    return found[0]
