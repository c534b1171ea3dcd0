"""What every connection of one running sandbox shares."""

import ipaddress
import socket
import threading

from diagnostics.sandbox.behaviour import Behaviour
from diagnostics.sandbox.desk import Desk
from diagnostics.sandbox.inbox import Inbox
from diagnostics.sandbox.providers import BY_NAME
from diagnostics.sandbox.reception import Reception


class Switchboard:
    """Inbox, switches and rules, with the signal that ends all waiting."""

    def __init__(self, *, limits: bool, loopback: bool) -> None:
        self.inbox = Inbox()
        self.behaviour = Behaviour(BY_NAME)
        self.reception = Reception(self.inbox, self.behaviour, limits=limits)
        self.desk = Desk(self.inbox, self.behaviour, loopback=loopback)
        self.stopping = threading.Event()
        self.stop_signal, self._stop_sender = socket.socketpair()

    def stop_waiting(self) -> None:
        """Wake every connection that hangs or drips."""
        self.stopping.set()
        self._stop_sender.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.stop_signal.close()
        self._stop_sender.close()


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
