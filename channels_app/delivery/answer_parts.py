"""Collects an answer as it comes in, up to its limits."""

from __future__ import annotations

from datetime import UTC, datetime

from channels_app.senders.contract import Answer

MAX_BODY_BYTES = 65_536
MAX_HEADER_BYTES = 65_536
MAX_HEADERS = 100


class AnswerParts:
    """The header lines and body of one answer. What exceeds a limit is left out."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._chunks: list[bytes] = []
        self._header_bytes = 0
        self._body_bytes = 0
        self._is_head_complete = False
        self.is_cut = False

    def add_header(self, line: bytes) -> None:
        """Take one line. A status line starts anew: 1xx answers come before the real one."""
        if line.startswith(b"HTTP/") and b":" not in line.split(b" ", 1)[0]:
            self._lines, self._header_bytes = [], 0
            self._is_head_complete = False
        elif line in (b"\r\n", b"\n"):
            self._is_head_complete = True
        elif not self._is_head_complete and self._has_room(line):
            self._lines.append(line)
            self._header_bytes += len(line)

    def add_body(self, chunk: bytes) -> int | None:
        """Take a piece of the body; 0 tells libcurl that it is enough."""
        self._chunks.append(chunk[: MAX_BODY_BYTES - self._body_bytes])
        self._body_bytes += len(self._chunks[-1])
        if len(self._chunks[-1]) == len(chunk):
            return None
        self.is_cut = True
        return 0

    def answer(self, status: int) -> Answer:
        """Return what has been received."""
        headers: dict[str, str] = {}
        for line in self._lines:
            name, colon, value = line.decode("latin-1").partition(":")
            key, text = name.strip().lower(), value.strip()
            if colon:
                headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return Answer(status, datetime.now(UTC), headers, b"".join(self._chunks))

    def _has_room(self, line: bytes) -> bool:
        return (
            len(self._lines) < MAX_HEADERS
            and self._header_bytes + len(line) <= MAX_HEADER_BYTES
        )
