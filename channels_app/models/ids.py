"""Message ids: unique, and sorted by the time they were made (UUID version 7)."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_message_id() -> str:
    """Return a fresh UUIDv7 (RFC 9562) in its 36-character form."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = random >> 68 & 0xFFF
    low = random & 0x3FFF_FFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    return str(UUID(int=value))
