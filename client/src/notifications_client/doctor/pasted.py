"""Reads a request as somebody pastes it: raw HTTP, or a curl command line."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from notifications_client.words import say

_REQUEST_LINE = re.compile(r"([A-Za-z]+)\s+(\S+)(?:\s+HTTP/[\d.]+)?\s*")
_HEADER = re.compile(r"([A-Za-z0-9-]+)\s*:[ \t]*(.*)")
_BODY_OPTIONS = (
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--json",
)


class PasteError(ValueError):
    """The text is no request that can be read; it says what is missing."""


@dataclass(frozen=True)
class Pasted:
    """A request as it was sent. Header names are in lower case.

    `bodies` holds what the body can have been: where no Content-Length says so, a line
    end at the end of a paste may be the editor's.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    bodies: tuple[bytes, ...] = (b"",)

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


def read_paste(pasted: bytes) -> Pasted:
    """Return the request in a text. Raises PasteError."""
    text = pasted.decode("utf-8", "surrogateescape").lstrip("\ufeff \t\r\n")
    if not text:
        raise PasteError(say("There is no request in the text: it is empty."))
    return _of_curl(text) if text.startswith("curl") else _of_http(text)


def _of_http(text: str) -> Pasted:
    head, _, rest = _split(text)
    lines = re.split(r"\r?\n", head)
    first = _REQUEST_LINE.fullmatch(lines[0])
    if first is None:
        raise PasteError(
            say(
                "The first line must be like “{example}”.",
                example="POST /api/… HTTP/1.1",
            )
        )
    headers = {}
    for line in filter(None, lines[1:]):
        header = _HEADER.fullmatch(line)
        if header is None:
            raise PasteError(say("“{line}” is no header.", line=_shortened(line)))
        headers[header[1].lower()] = header[2].rstrip()
    return Pasted(first[1], _target_of(first[2]), headers, _bodies(rest, headers))


def _split(text: str) -> tuple[str, str, str]:
    found = re.search(r"\r?\n\r?\n", text)
    if found is None:
        return text.rstrip("\r\n"), "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _target_of(address: str) -> str:
    """Return the path with its query, as it is on the request line."""
    if "://" not in address:
        return address
    rest = address.split("://", 1)[1]
    parts = urlsplit(address)
    path = rest[len(parts.netloc) :].split("#", 1)[0]
    return path if path.startswith("/") else f"/{path}"


def _bodies(text: str, headers: Mapping[str, str]) -> tuple[bytes, ...]:
    body = text.encode("utf-8", "surrogateescape")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) <= len(body):
        return (body[: int(length)],)
    bare = re.sub(rb"\r?\n\Z", b"", body)
    return (bare,) if bare == body else (bare, body)


class _CurlParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PasteError(say("The curl command cannot be read: {why}.", why=message))


def _of_curl(text: str) -> Pasted:
    try:
        words = shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "))
    except ValueError as error:
        raise PasteError(
            say("The curl command cannot be read: {why}.", why=error)
        ) from None
    found, others = _curl_parser().parse_known_args(words[1:])
    addresses = [found.url, *(word for word in others if "/" in word)]
    address = next((item for item in addresses if item), "")
    if not address:
        raise PasteError(say("The curl command has no address."))
    if any(item.startswith("@") for item in found.data):
        raise PasteError(
            say(
                "The body is in a file that the doctor does not see: paste it in place "
                "of @file."
            )
        )
    headers = {}
    for line in found.header:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = "&".join(found.data).encode("utf-8", "surrogateescape")
    method = found.request or ("POST" if found.data else "GET")
    return Pasted(method, _target_of(address), headers, (body,))


def _curl_parser() -> argparse.ArgumentParser:
    parser = _CurlParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-X", "--request", default="")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument(*_BODY_OPTIONS, dest="data", action="append", default=[])
    parser.add_argument("--url", default="")
    return parser


def _shortened(line: str) -> str:
    return line if len(line) <= 40 else line[:40] + "…"
