"""A receiver that costs nearly nothing: `python -m bench.sink PORT LATENCY_MS`.

One thread and epoll. It answers 200 after the latency; whatever is sent to /hang is
answered after 30 s. It listens on every loopback address, so that one process stands
for many destinations.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections import deque

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
HANG_SECONDS = 30.0


class Sink:
    """All connections of a receiver and the answers that are yet to be given."""

    def __init__(self, port: int, latency: float) -> None:
        self._latency = latency
        self._selector = selectors.DefaultSelector()
        self._door = socket.create_server(("0.0.0.0", port), backlog=4096)
        self._door.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ)
        self._buffers: dict[socket.socket, bytes] = {}
        self._soon: deque[tuple[float, socket.socket]] = deque()
        self._late: deque[tuple[float, socket.socket]] = deque()

    def run(self) -> None:
        """Answer until killed."""
        while True:
            for key, _events in self._selector.select(self._patience()):
                if key.fileobj is self._door:
                    self._let_in()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
            self._answer(self._soon)
            self._answer(self._late)

    def _patience(self) -> float | None:
        due = [queue[0][0] for queue in (self._soon, self._late) if queue]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _let_in(self) -> None:
        try:
            while True:
                guest, _address = self._door.accept()
                guest.setblocking(False)
                guest.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._buffers[guest] = b""
                self._selector.register(guest, selectors.EVENT_READ)
        except BlockingIOError:
            return

    def _read(self, guest: socket.socket) -> None:
        try:
            chunk = guest.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._selector.unregister(guest)
            del self._buffers[guest]
            guest.close()
            return
        buffer = self._buffers[guest] + chunk
        while (end := _end_of_request(buffer)) is not None:
            self._queue(guest, buffer)
            buffer = buffer[end:]
        self._buffers[guest] = buffer

    def _queue(self, guest: socket.socket, request: bytes) -> None:
        path = request[: request.find(b"\r\n")]
        now = time.monotonic()
        if b" /hang" in path:
            self._late.append((now + HANG_SECONDS, guest))
        elif b" /now" in path or not self._latency:
            _send(guest)
        else:
            self._soon.append((now + self._latency, guest))

    def _answer(self, queue: deque[tuple[float, socket.socket]]) -> None:
        now = time.monotonic()
        while queue and queue[0][0] <= now:
            _send(queue.popleft()[1])


def _send(guest: socket.socket) -> None:
    try:
        guest.send(ANSWER)
    except OSError:
        return  # it went away; nobody waits for this answer


def _end_of_request(buffer: bytes) -> int | None:
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = 0
    found = buffer[:head].lower().find(b"content-length:")
    if found >= 0:
        length = int(buffer[found + 15 : head].split(b"\r\n", 1)[0])
    end = head + 4 + length
    return end if len(buffer) >= end else None


if __name__ == "__main__":
    Sink(int(sys.argv[1]), float(sys.argv[2]) / 1000).run()
