"""One connection: reads requests, writes answers, and misbehaves on the wire."""

import contextlib
import logging
import selectors
import socket
import struct
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from urllib.parse import unquote, urlsplit

from diagnostics.sandbox.behaviour import Switch
from diagnostics.sandbox.exchange import Reply, Request, json_reply
from diagnostics.sandbox.providers import BY_NAME
from diagnostics.sandbox.switchboard import Switchboard

logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
IDLE_SECONDS = 75
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DRIPS = 20


class BadBodyError(ValueError):
    """The body cannot be read: too large, or its framing is broken."""


class Connection(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive; everything else is decided by the switchboard."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(
        self,
        board: Switchboard,
        request: socket.socket,
        client_address: tuple[str, int],
        server: BaseServer,
    ) -> None:
        self.board = board
        super().__init__(request, client_address, server)

    def log_message(self, *args: object) -> None:
        # The request line holds credentials: only what the inbox keeps is shown.
        logger.debug("%s from %s", self.command, self.client_address[0])

    def handle(self) -> None:
        # A caller that goes away in mid-request is nobody's fault here.
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def answer_any(self) -> None:
        """Answer a request of any method."""
        try:
            request = self._request()
        except BadBodyError as error:
            self.close_connection = True
            self._write(json_reply(413, {"error": str(error)}, None))
            return
        provider_name, _, rest = request.path.partition("/")
        provider = BY_NAME.get(provider_name)
        if provider is None:
            self._write(self.board.desk.answer(request))
            return
        outcome = self.board.reception.receive(provider, replace(request, path=rest))
        self._give(outcome.reply, outcome.switch)

    def _request(self) -> Request:
        target = urlsplit(self.path)
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        return Request(
            method=self.command,
            path=unquote(target.path).lstrip("/"),
            query=target.query,
            headers=headers,
            body=self._body(),
            now=time.time(),
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunked_body()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
            raise BadBodyError(f"The body must be {MAX_BODY} bytes at most.")
        return self.rfile.read(int(length))

    def _chunked_body(self) -> bytes:
        body = b""
        while size := self._chunk_size():
            if len(body) + size > MAX_BODY:
                raise BadBodyError(f"The body must be {MAX_BODY} bytes at most.")
            body += self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(8192).strip():
            continue
        return body

    def _chunk_size(self) -> int:
        line = self.rfile.readline(64).partition(b";")[0].strip()
        try:
            return int(line, 16)
        except ValueError as error:
            raise BadBodyError("A chunk has no length.") from error

    # Answers

    def _give(self, reply: Reply, switch: Switch) -> None:
        match switch.mode:
            case "hang":
                self._hang(switch.seconds)
            case "reset":
                self._reset()
            case "slow":
                self._write(reply, drip_seconds=switch.drip)
            case _:
                self._write(reply)

    def _write(self, reply: Reply, *, drip_seconds: float = 0) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        body = b"" if self.command == "HEAD" else reply.body
        if drip_seconds:
            self._drip(body, drip_seconds)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // DRIPS))
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        self.wfile.flush()
        for piece in pieces:
            if self.board.stopping.wait(seconds / len(pieces)):
                self.close_connection = True
                return
            self.wfile.write(piece)
            self.wfile.flush()

    def _hang(self, seconds: float | None) -> None:
        """Say nothing until the time is up, the caller leaves, or the sandbox stops."""
        self.close_connection = True
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.connection, selectors.EVENT_READ)
            waiting.register(self.board.stop_signal, selectors.EVENT_READ)
            waiting.select(seconds)

    def _reset(self) -> None:
        # Lingering for zero seconds makes the kernel send RST instead of FIN.
        self.close_connection = True
        no_linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        self.rfile.close()
        self.connection.close()


# The parent looks up a method of this name for each HTTP method.
for _method in METHODS:
    setattr(Connection, f"do_{_method}", Connection.answer_any)
