"""Reads a request as somebody pastes it: raw HTTP, or a curl command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

LARGEST_PASTE = 256 * 1024
_REQUEST_LINE = re.compile(r"([A-Za-z]+)\s+(/\S*|https?://\S+)(?:\s+HTTP/[\d.]+)?")
_HEADER = re.compile(r"([A-Za-z0-9-]+)\s*:[ \t]*(.*)")
_SHOWN_OF_A_LINE = 40


class NotARequestError(ValueError):
    """The text is no request that can be read; it says why, and what is wanted."""


@dataclass(frozen=True)
class PastedRequest:
    """A request as it was sent. Header names are in lower case.

    Programs that show text add and change line ends, so that the body is known by its
    Content-Length only; without one there are several.
    """

    method: str
    target: bytes
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """Return a header's value; empty when it is not there."""
        return self.headers.get(name.lower(), "")

    @property
    def content_length(self) -> int | None:
        """What the request says that its body's length is, if it says so."""
        said = self.header("Content-Length")
        return int(said) if re.fullmatch(r"[0-9]{1,12}", said) else None

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """What the body can have been, the likeliest first."""
        length = self.content_length
        if length is None:
            return tuple(dict.fromkeys(_line_ends_of(self.body)))
        # A server reads as much as the header says.
        return self._of_declared_length or (self.body[:length],)

    @property
    def is_length_right(self) -> bool:
        """Whether a body of the length that is declared was pasted."""
        return self.content_length is None or bool(self._of_declared_length)

    @property
    def _of_declared_length(self) -> tuple[bytes, ...]:
        found = dict.fromkeys(_line_ends_of(self.body, is_more=True))
        return tuple(body for body in found if len(body) == self.content_length)


def _line_ends_of(body: bytes, *, is_more: bool = False) -> Iterator[bytes]:
    unix = body.replace(b"\r\n", b"\n")
    for text in (unix, body, unix.replace(b"\n", b"\r\n")):
        bare = re.sub(rb"\r?\n\Z", b"", text)
        yield bare
        yield text
        if is_more:
            bare = text.rstrip(b"\r\n")
            yield from (bare, bare + b"\n", bare + b"\r\n")


def read_http(text: str) -> PastedRequest:
    """Return the request in raw HTTP. Raises NotARequestError."""
    head, body = _split(text)
    lines = [_plain(line) for line in head.splitlines()]
    first = _REQUEST_LINE.fullmatch(lines[0])
    if first is None:
        raise NotARequestError(
            _(
                "The first line is neither like “%(example)s” nor a curl command: "
                "paste the whole request with its headers."
            )
            % {"example": "POST /api/notifications/send HTTP/1.1"}
        )
    headers = dict(_header(encodable(line)) for line in lines[1:] if line)
    raw = body.encode("utf-8", "surrogateescape")
    return PastedRequest(first[1].upper(), target_of(first[2]), headers, raw)


def _split(text: str) -> tuple[str, str]:
    found = re.search(r"\r?\n(?:>?[ \t]*)\r?\n", text)
    if found is None:
        return text.rstrip(), ""
    return text[: found.start()], text[found.end() :]


def _plain(line: str) -> str:
    """Return a line of the head without the mark that `curl -v` puts before it."""
    return line.strip().removeprefix(">").strip()


def _header(line: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(line)
    if found is None:
        shown = line[:_SHOWN_OF_A_LINE] + ("…" if len(line) > _SHOWN_OF_A_LINE else "")
        raise NotARequestError(
            _("“%(line)s” is no header: an empty line ends the headers.")
            % {"line": shown}
        )
    return found[1].lower(), found[2].rstrip()


def encodable(text: str) -> str:
    """Return a text without the marks that stand for bytes which are no UTF-8."""
    return text.encode("utf-8", "replace").decode()


def target_of(address: str) -> bytes:
    """Return the path with its query as it is on the request line."""
    path = address.split("#", 1)[0]
    if "://" in path.split("?", 1)[0]:
        rest = path.split("://", 1)[1]
        start = re.search(r"[/?]", rest)
        path = rest[start.start() :] if start else "/"
    target = path if path.startswith("/") else f"/{path}"
    return target.encode("utf-8", "surrogateescape")
