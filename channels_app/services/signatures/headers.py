"""The headers of a request that this product itself sends to its API."""

from __future__ import annotations

import time

from channels_app.services.signatures.signature import payload_of, sign


def signed_headers(
    secret: str, method: str, target: str, body: bytes = b""
) -> dict[str, str]:
    """Return the headers that sign a request now, in version 1.

    `target` is the path with its query, as it stands on the request line.
    """
    stamp = str(time.time_ns() // 1_000_000)
    payload = payload_of(method, body, target.encode())
    return {"X-Timestamp": stamp, "X-Signature": sign(secret, stamp, payload)}
