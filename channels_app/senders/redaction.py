"""Take secrets out of text that a provider sent back, before anybody sees it."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, urlsplit

HIDDEN = "[hidden]"

# Providers quote the request in their errors: addresses, paths, tokens, headers.
_LOOKS_SECRET = (
    re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+", re.IGNORECASE),
    re.compile(r"/(?:open-apis/bot|services|hook|triggers)/[^\s\"'<>]+", re.IGNORECASE),
    re.compile(r"\b(?:bot)?[0-9]{4,}:[\w-]{6,}"),
    re.compile(r"\b(?:whsec_|whsk_|xox[a-z]-|xapp-)[^\s\"'<>]+", re.IGNORECASE),
    re.compile(r"\b(?:bearer|basic)\s+[\w.~+/=:-]{4,}", re.IGNORECASE),
)
_NAMED_SECRET = re.compile(
    r"(?<![a-z])(authorization|api[-_]?key|access[-_]?token|token|secret|password|sign(?:ature)?|x-[a-z0-9-]+)"
    r"([\"']?\s*[:=]\s*[\"']?)(?!\[hidden\])[^\s\"',;&}]+",
    re.IGNORECASE,
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without the secrets given and without what looks like one."""
    if not text:
        return text
    for spelling in _all_spellings(tuple(secrets)):
        text = text.replace(spelling, HIDDEN)
    for pattern in _LOOKS_SECRET:
        text = pattern.sub(HIDDEN, text)
    return _NAMED_SECRET.sub(rf"\1\2{HIDDEN}", text)


@lru_cache(maxsize=256)
def _all_spellings(secrets: tuple[str, ...]) -> list[str]:
    """Return all ways to write the secrets, the longest first."""
    found = {spelling for secret in secrets for spelling in _spellings(secret)}
    return sorted(found, key=len, reverse=True)


def _spellings(secret: str) -> Iterator[str]:
    if not secret:
        return
    yield secret
    yield quote(secret, safe="", errors="replace")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield from _path_of(secret)


def _path_of(secret: str) -> Iterator[str]:
    try:
        parts = urlsplit(secret)
    except ValueError:
        return
    if parts.scheme in {"http", "https"} and len(parts.path) > 1:
        yield parts.path
