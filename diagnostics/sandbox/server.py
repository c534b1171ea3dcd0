"""Runs the sandbox: in a thread for tests, or as a process of its own."""

import contextlib
import socket
import threading
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from socketserver import TCPServer

from diagnostics.sandbox.behaviour import Behaviour
from diagnostics.sandbox.connection import Connection
from diagnostics.sandbox.inbox import Inbox
from diagnostics.sandbox.switchboard import Switchboard, is_loopback

POLL_SECONDS = 0.1
STOP_SECONDS = 5


class SandboxServer(ThreadingHTTPServer):
    """One thread per connection; what they share is the switchboard."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, host: str, port: int, board: Switchboard) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.board = board
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__((host, port), partial(Connection, board))

    def server_bind(self) -> None:
        # The parent would look up this machine's name, which can take seconds.
        TCPServer.server_bind(self)
        self.server_port = int(self.server_address[1])

    def process_request_thread(
        self,
        request: socket.socket | tuple[bytes, socket.socket],
        client_address: tuple[str, int],
    ) -> None:
        thread = threading.current_thread()
        if isinstance(request, socket.socket):
            self._open[thread] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(thread, None)

    def end_connections(self) -> None:
        """Let every connection finish its answer, but read no further request."""
        self.board.stop_waiting()
        for thread, connection in list(self._open.items()):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join(STOP_SECONDS)
        self.board.close()


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that is listening."""

    url: str
    inbox: Inbox
    behaviour: Behaviour
    _server: SandboxServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Take no more requests, end those that hang, free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()
        self._thread.join()


def start_in_thread(
    port: int = 0, *, limits: bool = True, host: str = "127.0.0.1"
) -> RunningSandbox:
    """Start listening and return at once; port 0 takes a free one."""
    board = Switchboard(limits=limits, loopback=is_loopback(host))
    try:
        server = SandboxServer(host, port, board)
    except (OSError, OverflowError):
        board.close()
        raise
    thread = threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": POLL_SECONDS},
        name="sandbox",
        daemon=True,
    )
    thread.start()
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{server.server_port}"
    return RunningSandbox(url, board.inbox, board.behaviour, server, thread)
