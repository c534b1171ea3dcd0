"""One request to a provider and the provider's answer, as plain values."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.sandbox.drawing import Seen

Headers = tuple[tuple[str, str], ...]
Fields = Mapping[str, object]

JSON_HEADERS: Headers = (("Content-Type", "application/json; charset=utf-8"),)
TEXT_HEADERS: Headers = (("Content-Type", "text/plain; charset=utf-8"),)

MASK = "***"
_CREDENTIAL = re.compile(
    r"authorization|cookie|token|secret|password|api-?key|^(key|sig|sign)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Request:
    """What came in; `path` begins after the provider's prefix, header names are lower."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    now: float
    serial: int = 1


@dataclass(frozen=True)
class Arrived:
    """What is worth showing of a request: its verdict and what a person would see."""

    accepted: bool
    code: str
    reason: str
    seen: Seen = field(default_factory=Seen)


@dataclass(frozen=True)
class Reply:
    """A provider's answer; without `arrived` it is not shown in the inbox."""

    status: int
    headers: Headers
    body: bytes
    arrived: Arrived | None = None


def json_reply(
    status: int, content: Fields, arrived: Arrived | None, headers: Headers = ()
) -> Reply:
    """Answer with JSON, every character outside ASCII written as itself."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "replace")
    return Reply(status, JSON_HEADERS + headers, body, arrived)


def text_reply(
    status: int, text: str, arrived: Arrived | None, headers: Headers = ()
) -> Reply:
    """Answer with plain text."""
    return Reply(status, TEXT_HEADERS + headers, text.encode(), arrived)


def mask(secret: str) -> str:
    """Show enough of a credential to tell two apart, and no more."""
    return secret[:4] + MASK if len(secret) >= 8 else MASK


def mask_header(name: str, value: str) -> str:
    """Hide the value of a header that carries a credential."""
    return mask(value) if _CREDENTIAL.search(name) else value


def mask_query(query: str) -> str:
    """Hide the values of query fields that carry a credential."""
    pairs = [pair.partition("=") for pair in query.split("&")]
    return "&".join(
        name + sep + (mask(value) if _CREDENTIAL.search(name) else value)
        for name, sep, value in pairs
    )
