"""The texts that a JSON body may have had before it was written anew."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

_LARGEST_BODY_TO_REORDER = 4 * 1024
_MOST_KEYS_TO_REORDER = 5


def other_json(body: bytes) -> Iterator[bytes]:
    """Give other texts of a JSON body; none for one that is not JSON."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for form in _orders(value, len(body)):
        for ascii_only in (False, True):
            yield from _spacings(form, ascii_only=ascii_only)


def _orders(value: object, size: int) -> Iterator[object]:
    """Give a JSON value with its keys as sent, sorted, and in other orders."""
    yield value
    yield json.loads(json.dumps(value, sort_keys=True))
    if not isinstance(value, dict) or len(value) > _MOST_KEYS_TO_REORDER:
        return
    if size <= _LARGEST_BODY_TO_REORDER:
        for items in itertools.permutations(value.items()):
            yield dict(items)


def _spacings(value: object, *, ascii_only: bool) -> Iterator[bytes]:
    for separators, indent in (
        ((",", ":"), None),
        ((", ", ": "), None),
        ((",", ": "), 2),
        ((",", ": "), 4),
    ):
        text = json.dumps(
            value, ensure_ascii=ascii_only, separators=separators, indent=indent
        )
        yield text.encode("utf-8", "surrogatepass")
