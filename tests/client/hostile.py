"""A small HTTP server that does as it is told: refuses, breaks off, dawdles, lies."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESULT = {
    "channelType": "webhook",
    "status": "pending",
    "messageId": "m1",
    "message_id": "m1",
    "userId": "u1",
    "logId": 1,
}
ACCEPTED = {"success": True, "request_id": "r1", "results": [RESULT]}


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


Reaction = Callable[["Handler"], None]


def answer(status: int = 202, body: object = ACCEPTED, **headers: str) -> Reaction:
    """React with a status, JSON or text, and headers (an underscore is a hyphen)."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def react(handler: "Handler") -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send_response_only(status)
        for name, value in {"Date": formatdate(usegmt=True), **given}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return react


def refusal(status: int, code: str, **headers: str) -> Reaction:
    body = {
        "success": False,
        "error": "No.",
        "code": code,
        "hint": "Do.",
        "request_id": "r",
    }
    return answer(status, body, **headers)


def break_off(handler: "Handler") -> None:
    """Read the request and close the connection without a word."""
    handler.close_connection = True


def break_off_within(handler: "Handler") -> None:
    """Close the connection in the middle of an answer."""
    handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{")
    handler.close_connection = True


def reset(handler: "Handler") -> None:
    """Reset the connection."""
    linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def say_nothing(handler: "Handler") -> None:
    """Keep the caller waiting until the test is over."""
    handler.server.is_over.wait(60)
    handler.close_connection = True


def drip(handler: "Handler") -> None:
    """Answer byte by byte: no single wait is long, the whole is endless."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        while not handler.server.is_over.wait(0.02):
            handler.wfile.write(b"x")
    except OSError:
        return


def then_close(reaction: Reaction) -> Reaction:
    """React, say that the connection stays open, and close it all the same."""

    def react(handler: "Handler") -> None:
        reaction(handler)
        handler.close_connection = True

    return react


class Server(ThreadingHTTPServer):
    """The server: takes its reactions in turn, the last one for all that follow."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *reactions: Reaction) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reactions = list(reactions) or [answer()]
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.is_over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def connections(self) -> int:
        return len({seen.connection for seen in self.seen})

    def seen_on(self, handler: "Handler") -> Seen:
        """Return the request that a handler is answering."""
        port = handler.client_address[1]
        with self.lock:
            return [seen for seen in self.seen if seen.connection == port][-1]

    def next_reaction(self, seen: Seen) -> Reaction:
        with self.lock:
            self.seen.append(seen)
            return (
                self.reactions.pop(0) if len(self.reactions) > 1 else self.reactions[0]
            )


class Handler(BaseHTTPRequestHandler):
    """Reads a request and reacts."""

    server: Server
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        port = self.client_address[1]
        seen = Seen(self.command, self.path, dict(self.headers), body, port)
        self.server.next_reaction(seen)(self)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def hostile(
    *reactions: Reaction, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(*reactions)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()
