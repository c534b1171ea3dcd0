"""Telegram's first Markdown: no nesting, escapes outside entities only."""

from diagnostics.sandbox.entities import (
    Entity,
    EntityError,
    Output,
    Parsed,
    in_order,
    link_entity,
)
from diagnostics.sandbox.markdown_v2 import code_language, skip_line_break

_KINDS = {b"_": "Italic", b"*": "Bold", b"`": "Code"}
_MARKS = b"_*`["


def parse_markdown(text: str) -> Parsed:
    """Return the plain text and its entities; raise EntityError as Telegram would."""
    return _Reader(text.encode()).read()


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.out = Output()
        self.entities: list[Entity] = []

    def read(self) -> Parsed:
        while self.at < len(self.source):
            byte = self.source[self.at]
            following = self.source[self.at + 1 : self.at + 2]
            if byte == ord("\\") and following and following in _MARKS:
                self.out.put(following[0])
                self.at += 2
            elif byte in _MARKS:
                self._read_entity(bytes([byte]))
            else:
                self.out.put(byte)
                self.at += 1
        text = self.out.data.decode("utf-8", "replace")
        return Parsed(text, in_order(self.entities))

    def _read_entity(self, mark: bytes) -> None:
        if self.source.startswith(b"```", self.at):
            self._read_fence()
        elif mark == b"[":
            self._read_link()
        else:
            begins = self.at
            offset, _ = self._take(begins + 1, mark, begins)
            self._add(_KINDS[mark], offset)

    def _read_fence(self) -> None:
        begins = self.at
        language, start = code_language(self.source, begins + 3)
        start = skip_line_break(self.source, start)
        offset, _ = self._take(start, b"```", begins)
        self._add("PreCode" if language else "Pre", offset, language)

    def _read_link(self) -> None:
        offset, url = self._take(self.at + 1, b"]", self.at)
        if self.source.startswith(b"(", self.at):
            end = self.source.find(b")", self.at)
            end = len(self.source) if end < 0 else end
            url = self.source[self.at + 1 : end]
            self.at = end + 1
        length = self.out.utf16 - offset
        entity = link_entity(offset, length, url.decode("utf-8", "replace"))
        if entity and length:
            self.entities.append(entity)

    def _take(self, start: int, end_mark: bytes, begins: int) -> tuple[int, bytes]:
        end = self.source.find(end_mark, start)
        if end < 0:
            raise EntityError(
                f"Can't find end of the entity starting at byte offset {begins}"
            )
        offset = self.out.utf16
        self.out.put_all(self.source[start:end])
        self.at = end + len(end_mark)
        return offset, self.source[start:end]

    def _add(self, kind: str, offset: int, argument: str = "") -> None:
        length = self.out.utf16 - offset
        if length:
            self.entities.append(Entity(kind, offset, length, argument))
