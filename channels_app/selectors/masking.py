"""Secrets as they may be shown: enough to recognise one, too little to use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MASK = "****"
UNREADABLE = "[cannot be read]"

# Of Telegram's tokens the number before the colon is the bot's public id.
_NUMBERED_FIELD = "bot_token"
_TOKEN = re.compile(r"([0-9]{1,17}):.+", re.DOTALL)


def mask(name: str, value: Any) -> Any:
    """Return a field's masked form: same keys, same host, same bot id, and `****`."""
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    if isinstance(value, str):
        return _mask_text(name, value)
    return value if value is None else MASK


def _mask_text(name: str, text: str) -> str:
    if not text:
        return text
    token = _TOKEN.fullmatch(text) if name == _NUMBERED_FIELD else None
    if token:
        return f"{token[1]}:{MASK}"
    return _mask_link(text) if "://" in text else MASK


def _mask_link(link: str) -> str:
    # In other schemes (Apprise's) the place of the host often holds the token.
    try:
        parts = urlsplit(link)
    except ValueError:
        return MASK
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"{parts.scheme}://{MASK}" if parts.scheme else MASK
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/{MASK}"


def is_masked(value: Any) -> bool:
    """Say whether the value is one that only an answer of ours can contain."""
    if isinstance(value, str):
        return value == UNREADABLE or value.endswith(MASK)
    if isinstance(value, Mapping):
        return any(is_masked(part) for part in value.values())
    return False


def unmask(name: str, sent: Any, stored: Any) -> Any:
    """Put the stored secret where its masked form was sent back unchanged."""
    if isinstance(sent, Mapping) and isinstance(stored, Mapping):
        return {key: _unmask_part(key, part, stored) for key, part in sent.items()}
    if stored is not None and sent == mask(name, stored):
        return stored
    return sent


def _unmask_part(key: str, part: Any, stored: Mapping[str, Any]) -> Any:
    return stored[key] if part == MASK and key in stored else part
