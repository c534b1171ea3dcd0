"""The method and headers of a request as libcurl wants them, or a refusal."""

from __future__ import annotations

import re

from channels_app.senders.contract import OutgoingRequest

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")

# The connection sets these itself; from outside they would let a request be
# read as two, or the answer be packed beyond its limit.
OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class RequestInvalidError(Exception):
    """Raised when a request cannot be written as HTTP. Nothing was sent."""


def checked_method(request: OutgoingRequest) -> str:
    """Return the method, upper case."""
    if not _TOKEN.fullmatch(request.method):
        raise RequestInvalidError("The method is not a word.")
    return request.method.upper()


def header_lines(request: OutgoingRequest) -> list[bytes]:
    """Return the header lines for libcurl, which drops those without a value."""
    lines = [_line(name, value) for name, value in request.headers]
    if not any(name.lower() == "content-type" for name, _value in request.headers):
        lines.append(b"Content-Type:")  # or libcurl claims a form
    return [*lines, b"Accept-Encoding: identity", b"Expect:"]


def _line(name: str, value: str) -> bytes:
    if not _TOKEN.fullmatch(name):
        raise RequestInvalidError("A header has a name that HTTP forbids.")
    if name.lower() in OWN_HEADERS:
        raise RequestInvalidError(f"The header {name} is set by the connection itself.")
    if _FORBIDDEN_IN_VALUE.search(value):
        raise RequestInvalidError(f"The header {name} contains a control character.")
    text = value.strip()
    return (f"{name}: {text}" if text else f"{name};").encode()
