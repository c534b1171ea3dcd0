"""Receivers on the loopback that speak raw sockets, well or badly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, bytes], bool]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """A listening socket with what it has seen. `behave` answers one request.

    A behaviour returns whether the connection stays open for the next request.
    """

    behave: Behaviour
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/hook"

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._serve_requests(connection)
        with self.changed:
            self.closed += 1
            self.changed.notify_all()

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self.tls is None:
            return connection
        with connection:
            return self.tls.wrap_socket(connection, server_side=True)

    def _serve_requests(self, connection: socket.socket) -> None:
        with self._secured(connection) as talking:
            while request := read_request(talking):
                with self.changed:
                    self.requests.append(request)
                    self.changed.notify_all()
                if not self.behave(talking, request):
                    return

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have been read."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= count, 30)

    def wait_until_closed(self, count: int) -> None:
        """Wait until so many connections have been closed from this side."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.closed >= count, 30)


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body; empty when the peer has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return b""
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def receiver(
    behave: Behaviour,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Receiver]:
    """Run a receiver until the test is done with it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=512) as listener:
        running = Receiver(behave, host, tls, port=listener.getsockname()[1])
        threading.Thread(target=running.serve, args=(listener,), daemon=True).start()
        try:
            yield running
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def answering(raw: bytes, *, stays_open: bool = True) -> Behaviour:
    """Answer every request with these bytes."""

    def behave(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(raw)
        return stays_open

    return behave


def answering_after(may_answer: threading.Event) -> Behaviour:
    """Answer every request well, but none before the event."""

    def behave(connection: socket.socket, _request: bytes) -> bool:
        may_answer.wait(60)
        connection.sendall(OK)
        return True

    return behave


def resetting(connection: socket.socket, _request: bytes) -> bool:
    """Break the connection without an answer."""
    linger_zero = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
    return False


def hanging(connection: socket.socket, _request: bytes) -> bool:
    """Never answer; ends when the caller hangs up."""
    while connection.recv(65536):
        pass
    return False


def endless(connection: socket.socket, _request: bytes) -> bool:
    """Send small chunks for ever, each well below the body's limit."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    )
    connection.settimeout(0.02)
    while True:
        try:
            if not connection.recv(1024):
                return False
        except TimeoutError:
            connection.sendall(b"1\r\nx\r\n")


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port on which nothing listens, held so that nobody else takes it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
