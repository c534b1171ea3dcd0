"""Waits for the output of children and for signals, in one place."""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable
from typing import IO

from channels_app.processes.output import LineSplitter

CHUNK = 65536


class Streams:
    """The pipes of the children and the pipe that signals wake us by."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._splitters: dict[int, LineSplitter] = {}

    def wake_on_signals(self) -> None:
        """Let each handled signal end the current `wait`."""
        read_end, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        self._selector.register(read_end, selectors.EVENT_READ)

    def listen_to(self, pipe: IO[bytes], deliver: Callable[[bytes], None]) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._splitters[pipe.fileno()] = LineSplitter(deliver)
        self._selector.register(pipe.fileno(), selectors.EVENT_READ)

    def wait(self, seconds: float) -> None:
        """Deliver what the children write until a signal comes or time is up."""
        for key, _ in self._selector.select(seconds):
            if self._deliver(key.fd) == b"":
                self._selector.unregister(key.fd)

    def finish(self, pipe: IO[bytes]) -> None:
        """Deliver what is left in the pipe of a dead child and forget it."""
        while self._deliver(pipe.fileno()):
            pass
        self._splitters.pop(pipe.fileno()).finish()
        if pipe.fileno() in self._selector.get_map():
            self._selector.unregister(pipe.fileno())
        pipe.close()

    def _deliver(self, fd: int) -> bytes | None:
        """Return what was read: nothing at the end, None when it must be waited for."""
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return None
        if fd in self._splitters:
            self._splitters[fd].feed(data)
        return data
