"""Drives many libcurl transfers from one thread; it sleeps while nothing happens."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator

import pycurl

_EVENTS = {
    pycurl.POLL_IN: selectors.EVENT_READ,
    pycurl.POLL_OUT: selectors.EVENT_WRITE,
    pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE,
}


class Wire:
    """A libcurl multi handle with its selector and timer.

    Only `wake` may be called from another thread.
    """

    def __init__(self, connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._sleeper, self._waker = socket.socketpair()
        self._sleeper.setblocking(False)
        self._waker.setblocking(False)
        self._selector.register(self._sleeper, selectors.EVENT_READ)
        self._watched: set[int] = set()
        self._timer_due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, connections)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)

    def add(self, curl: pycurl.Curl) -> None:
        """Start a transfer."""
        self._multi.add_handle(curl)

    def remove(self, curl: pycurl.Curl) -> None:
        """Take a finished or abandoned transfer out."""
        self._multi.remove_handle(curl)

    def wake(self) -> None:
        """Make `turn` return soon."""
        try:
            self._waker.send(b"\0")
        except BlockingIOError:
            return  # it is full of wake-ups already

    def turn(self, limit: float | None) -> Iterator[tuple[pycurl.Curl, int, str]]:
        """Sleep until something happens, act on it; yield finished transfers."""
        for key, events in self._selector.select(self._patience(limit)):
            if key.fileobj is self._sleeper:
                self._sleeper.recv(4096)
            else:
                self._multi.socket_action(key.fd, events)
        if self._timer_due is not None and self._timer_due <= time.monotonic():
            self._timer_due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        return self._finished()

    def close(self) -> None:
        """Close all connections. Waits for lookups that still hang."""
        self._multi.close()
        self._selector.close()
        self._sleeper.close()
        self._waker.close()

    def _patience(self, limit: float | None) -> float | None:
        if self._timer_due is None:
            return limit
        wait = max(0.0, self._timer_due - time.monotonic())
        return wait if limit is None else min(wait, limit)

    def _finished(self) -> Iterator[tuple[pycurl.Curl, int, str]]:
        _more, succeeded, failed = self._multi.info_read()
        for curl in succeeded:
            yield curl, pycurl.E_OK, ""
        yield from failed

    def _on_timer(self, milliseconds: int) -> None:
        self._timer_due = (
            None if milliseconds < 0 else time.monotonic() + milliseconds / 1000
        )

    def _on_socket(
        self, event: int, fd: int, _multi: pycurl.CurlMulti, _data: object
    ) -> None:
        if event == pycurl.POLL_REMOVE:
            self._watched.discard(fd)
            self._selector.unregister(fd)
        elif fd in self._watched:
            self._selector.modify(fd, _EVENTS[event])
        else:
            self._watched.add(fd)
            self._selector.register(fd, _EVENTS[event])
