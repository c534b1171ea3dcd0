"""Callers on kept connections: `python -m bench.load JSON`, prints figures as JSON.

Every request is signed before the clock starts, so that the callers cost little.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """One connection: what it waits for, and since when."""

    socket: socket.socket
    sent_at: float = 0.0
    buffer: bytes = b""


@dataclass
class Tally:
    """What came of the requests."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


def signed_requests(
    *, path: str, secret: str, count: int, users: int, batch: int
) -> list[bytes]:
    """Return requests, each with a body and a signature of its own."""
    made = []
    for number in range(count):
        body = json.dumps(_body(number, users, batch), ensure_ascii=False).encode()
        stamp = str(time.time_ns() // 1_000_000)
        signature = hmac.digest(secret.encode(), stamp.encode() + body, hashlib.sha256)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Timestamp: {stamp}\r\nX-Signature: {signature.hex()}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def _body(number: int, users: int, batch: int) -> dict[str, object]:
    if not batch:
        return _notification(number, users)
    first = number * batch
    return {
        "notifications": [_notification(first + n, users) for n in range(batch)],
    }


def _notification(number: int, users: int) -> dict[str, object]:
    text = f"Order {number} of Zoë 张三 has been shipped and will arrive on Monday. "
    return {
        "user_id": f"u{number % users}",
        "channels": ["webhook"],
        "custom_content": {"subject": "Shipped", "content": text * 3},
        "metadata": {"order": number},
    }


def run(port: int, requests: list[bytes], connections: int, seconds: float) -> Tally:
    """Keep every connection busy for so many seconds, or until nothing is left."""
    tally, left = Tally(), iter(requests)
    selector = selectors.DefaultSelector()
    for _number in range(connections):
        line = Line(socket.create_connection(("127.0.0.1", port)))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line.socket, selectors.EVENT_READ, line)
        _send(line, left)
    end = time.monotonic() + seconds
    while selector.get_map() and time.monotonic() < end + 20:
        for key, _events in selector.select(0.5):
            is_over = time.monotonic() >= end
            if not _receive(key.data, tally) or is_over or not _send(key.data, left):
                _drop_when_done(selector, key.data)
    return tally


def _drop_when_done(selector: selectors.BaseSelector, line: Line) -> None:
    if not line.sent_at:
        selector.unregister(line.socket)
        line.socket.close()


def _send(line: Line, left: Iterator[bytes]) -> bool:
    if line.sent_at:
        return True
    request = next(left, None)
    if request is None:
        return False
    line.sent_at = time.monotonic()
    line.socket.sendall(request)
    return True


def _receive(line: Line, tally: Tally) -> bool:
    """Read; return whether the connection is still good."""
    chunk = line.socket.recv(262144)
    if not chunk:
        line.sent_at = 0.0
        tally.statuses["closed"] += 1
        return False
    line.buffer += chunk
    head, separator, rest = line.buffer.partition(b"\r\n\r\n")
    if not separator or len(rest) < _length(head):
        return True
    tally.statuses[head[9:12].decode()] += 1
    tally.latencies.append(time.monotonic() - line.sent_at)
    line.buffer, line.sent_at = b"", 0.0
    return b"connection: close" not in head.lower()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"content-length:")
    return int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


def main() -> None:
    """Read what to do from the command line and print what came of it."""
    asked = json.loads(sys.argv[1])
    requests = signed_requests(
        path=asked["path"],
        secret=asked["secret"],
        count=asked["count"],
        users=asked["users"],
        batch=asked.get("batch", 0),
    )
    started = time.monotonic()
    tally = run(asked["port"], requests, asked["connections"], asked["seconds"])
    seconds = time.monotonic() - started
    ordered = sorted(tally.latencies) or [0.0]
    result = {
        "count": len(tally.latencies),
        "seconds": seconds,
        "p50": ordered[len(ordered) // 2],
        "p95": ordered[int(len(ordered) * 0.95)],
        "statuses": dict(tally.statuses),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
