"""What a body may have been when it was signed: the same JSON, written differently."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

_LARGEST_TO_REORDER = 4 * 1024
_MOST_KEYS_TO_REORDER = 5
_SPACINGS: tuple[tuple[tuple[str, str], int | None], ...] = (
    ((",", ":"), None),
    ((", ", ": "), None),
    ((",", ": "), 2),
    ((",", ": "), 4),
)


def other_json(body: bytes) -> Iterator[bytes]:
    """Give the JSON of a body with other spacing, escaping and order of keys."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    for form in _orders(value, len(body)):
        for ascii_only, (separators, indent) in itertools.product(
            (False, True), _SPACINGS
        ):
            text = json.dumps(
                form, ensure_ascii=ascii_only, separators=separators, indent=indent
            )
            yield text.encode("utf-8", "surrogatepass")


def _orders(value: object, size: int) -> Iterator[object]:
    yield value
    yield json.loads(json.dumps(value, sort_keys=True))
    if not isinstance(value, dict) or len(value) > _MOST_KEYS_TO_REORDER:
        return
    if size <= _LARGEST_TO_REORDER:
        for items in itertools.permutations(value.items()):
            yield dict(items)
