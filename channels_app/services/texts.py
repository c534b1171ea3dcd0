"""What a database can store of a JSON value."""

from __future__ import annotations

import re
from collections.abc import Mapping

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def is_storable(value: object) -> bool:
    """Say whether no text in it has NUL or a lone surrogate; PostgreSQL takes neither."""
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, Mapping):
        return all(is_storable(k) and is_storable(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(is_storable(part) for part in value)
    return True
