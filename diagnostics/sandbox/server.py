"""Runs the sandbox: in a thread for tests, or as a process of its own."""

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

POLL_SECONDS = 0.25


class SandboxServer(ThreadingHTTPServer):
    """One thread per connection; what they share is the switchboard."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, host: str, port: int, board: Switchboard) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.board = board
        super().__init__((host, port), partial(Connection, board))

    def server_bind(self) -> None:
        # The parent would look up this machine's name, which can take seconds.
        TCPServer.server_bind(self)
        self.server_port = int(self.server_address[1])


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
        self._server.board.stop_waiting()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_in_thread(
    port: int = 0, *, limits: bool = True, host: str = "127.0.0.1"
) -> RunningSandbox:
    """Start listening and return at once; port 0 takes a free one."""
    board = Switchboard(limits=limits, loopback=is_loopback(host))
    server = SandboxServer(host, port, board)
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
