"""Reads a request from a curl command line, as documentation and browsers give them."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from typing import NoReturn

from django.utils.translation import gettext as _

from channels_app.services.signatures.pasted import (
    LARGEST_PASTE,
    NotARequestError,
    PastedRequest,
    encodable,
    read_http,
    target_of,
)

_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_FILES = ("-F", "--form", "-T", "--upload-file", "--data-urlencode", "-K", "--config")
_FLAGS = ("-s", "-S", "-k", "-i", "-v", "-L", "-f", "-g", "-N", "-#")
_WITH_VALUE = (
    *("-o", "--output", "-u", "--user", "-A", "--user-agent", "-e", "--referer"),
    *("-b", "--cookie", "-m", "--max-time", "--connect-timeout", "--retry", "-x"),
    *("--proxy", "--cacert", "--cert", "--key", "-w", "--write-out", "--resolve"),
)
# What bash makes of a text like $'two\nlines'; browsers copy commands with these.
_ANSI_C = re.compile(r"(?<=\s)\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_UNIT = r"u[0-9a-fA-F]{4}"
_ESCAPE = re.compile(rf"((?:\\{_UNIT})+)|\\(x[0-9a-fA-F]{{2}}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b"}
_VARIABLE = re.compile(r"\$[A-Za-z_{(]|`")


def read_request(pasted: str) -> PastedRequest:
    """Return the request in a text: raw HTTP or curl. Raises NotARequestError."""
    text = re.sub(r"\A(?:[\ufeff\s]|\$ )+", "", pasted)
    if not text:
        raise NotARequestError(_("The text is empty: paste a whole request."))
    if len(text) > LARGEST_PASTE:
        raise NotARequestError(
            _("The text is too long: up to %(kib)d KiB are looked at.")
            % {"kib": LARGEST_PASTE // 1024}
        )
    return _read_curl(text) if re.match(r"curl(\.exe)?\s", text) else read_http(text)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _unreadable(message)


def _unreadable(why: object) -> NotARequestError:
    return NotARequestError(
        _("The curl command cannot be read: %(why)s.") % {"why": encodable(str(why))}
    )


def _read_curl(text: str) -> PastedRequest:
    found, others = _parser().parse_known_args(_words(text)[1:])
    if found.file or any(item.startswith("@") for item in found.data):
        raise NotARequestError(
            _(
                "The command takes the body from a file or makes it itself: paste the "
                "body in place of that, or what `curl -v` shows as raw HTTP."
            )
        )
    address = _address(found.url, others)
    headers = _headers(found.header, address)
    data = "&".join(found.data)
    if found.get and data:
        address, data = f"{address}{'&' if '?' in address else '?'}{data}", ""
    default = "HEAD" if found.head else "POST" if data else "GET"
    body = data.encode("utf-8", "surrogateescape")
    method = encodable(found.request or default).upper()
    return PastedRequest(method, target_of(address), headers, body)


def _words(text: str) -> list[str]:
    joined = text.replace("\\\r\n", " ").replace("\\\n", " ")
    try:
        return shlex.split(_ANSI_C.sub(_without_escapes, joined))
    except ValueError as error:
        raise _unreadable(error) from error


def _without_escapes(quoted: re.Match[str]) -> str:
    return shlex.quote(_ESCAPE.sub(_character, quoted[1]))


def _character(escape: re.Match[str]) -> str:
    units, code = escape.groups()
    if units:
        # Browsers write what lies beyond 16 bits as two units of UTF-16.
        raw = bytes.fromhex(units.replace("\\u", ""))
        return raw.decode("utf-16-be", "replace")
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)


def _address(url: str, others: Sequence[str]) -> str:
    candidates = [url, *(word for word in others if not word.startswith("-"))]
    found = [word for word in candidates if "://" in word] or candidates
    address = next((word for word in found if "/" in word), "")
    if not address:
        raise NotARequestError(_("The curl command has no address."))
    return address if "://" in address else f"http://{address}"


def _headers(given: Sequence[str], address: str) -> dict[str, str]:
    place = re.split(r"[/?#]", address.split("://", 1)[1], maxsplit=1)[0]
    headers = {"host": encodable(place.rpartition("@")[2])}
    for line in given:
        name, _colon, value = encodable(line).partition(":")
        headers[name.strip().lower()] = value.strip()
    for name in ("x-timestamp", "x-signature", "x-nonce", "x-key-id"):
        if _VARIABLE.search(headers.get(name, "")):
            raise NotARequestError(
                _(
                    "A header is a variable of the shell: paste what was really sent, "
                    "as `curl -v` shows it."
                )
            )
    return headers


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    add = parser.add_argument
    add("-X", "--request", default="")
    add("-H", "--header", action="append", default=[])
    add(*_DATA, dest="data", action="append", default=[])
    add(*_FILES, dest="file", action="append", default=[])
    add("-G", "--get", action="store_true")
    add("-I", "--head", action="store_true")
    add("--url", default="")
    for flag in _FLAGS:
        add(flag, dest="flags", action="store_true")
    add(*_WITH_VALUE, dest="ignored", action="append")
    return parser
