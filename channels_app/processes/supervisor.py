"""Keeps a set of children running and ends all of them, whatever happens."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from channels_app.processes import kernel
from channels_app.processes.child import Child, Command
from channels_app.processes.output import Printer
from channels_app.processes.strays import Strays
from channels_app.processes.streams import Streams

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
POLL_SECONDS = 0.1
SECOND_INTERRUPT_AFTER = 1.0
KILL_SECONDS = 2.0


@dataclass(frozen=True)
class Stopping:
    """How to stop: what comes first, and how long to wait for it and the children.

    `begin_drain` is called at once, even while a tick runs, so it must be quick.
    """

    begin_drain: Callable[[], None] = lambda: None
    is_drained: Callable[[], bool] = lambda: True
    drain_seconds: float = 0.0
    grace_seconds: float = 19.0


class Supervisor:
    """Runs children until it is told to stop; a child may be added at any time."""

    def __init__(
        self,
        printer: Printer,
        *,
        name: str,
        stopping: Stopping | None = None,
        on_line: Callable[[str, bytes], None] = lambda name, line: None,
    ) -> None:
        self.children: list[Child] = []
        self._printer = printer
        self._name = name
        self._stopping = stopping or Stopping()
        self._on_line = on_line
        self._streams = Streams()
        self._strays = Strays()
        self._stop_asked_at: float | None = None
        self._is_hurried = False

    def add(self, command: Command) -> Child:
        child = Child(command)
        self.children.append(child)
        return child

    def say(self, text: str) -> None:
        self._printer.say(self._name, text)

    def run(self, tick: Callable[[], None] = lambda: None, every: float = 0.5) -> None:
        """Keep the children running, calling `tick` in between, until told to stop."""
        kernel.adopt_orphans()
        self._listen_to_signals()
        next_tick = time.monotonic()
        while self._stop_asked_at is None:
            self._start_due_children()
            if time.monotonic() >= next_tick:
                tick()
                next_tick = time.monotonic() + every
            self._wait(max(0.0, next_tick - time.monotonic()))
        self._stop_all()

    def _listen_to_signals(self) -> None:
        self._streams.wake_on_signals()
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in STOP_SIGNALS:
            if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN):
                signal.signal(number, self._on_stop_signal)

    def _on_stop_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
            self._stopping.begin_drain()
        elif number == signal.SIGINT:
            self._is_hurried = now - self._stop_asked_at > SECOND_INTERRUPT_AFTER

    def _start_due_children(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.is_due(now):
                child.start()
                self._listen_to(child)

    def _listen_to(self, child: Child) -> None:
        def deliver(line: bytes) -> None:
            self._printer.line(child.name, line)
            self._on_line(child.name, line)

        if child.output is not None:
            self._streams.listen_to(child.output, deliver)

    def _wait(self, seconds: float) -> None:
        """Pass on output and look after the dead until something else is to do."""
        self._streams.wait(seconds)
        while (dead := kernel.next_dead_child()) is not None:
            self._reap(dead)
            self._strays.look([child.pid for child in self.children])
        self._strays.kill_overdue()

    def _reap(self, dead: int) -> None:
        child = next((child for child in self.children if child.pid == dead), None)
        if child is None:
            os.waitpid(dead, 0)
            return
        output = child.output
        status = child.bury()
        if output is not None:
            self._streams.finish(output)
        if self._stop_asked_at is None:
            self._report_end(child, status)
        if not child.command.restarts:
            self.children.remove(child)

    def _report_end(self, child: Child, status: int) -> None:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if child.due_at is not None:
            pause = child.due_at - time.monotonic()
            self.say(f"{child.name} ended with {how}; starts again in {pause:.1f} s")
        elif status != 0:
            self.say(f"{child.name} ended with {how}")

    def _stop_all(self) -> None:
        self.say("stopping")
        self._wait_until(self._is_drained, self._stopping.drain_seconds)
        for child in self.children:
            child.tell(signal.SIGTERM)
        self._wait_until(self._is_quiet, self._stopping.grace_seconds)
        self._kill_children()
        self._wait_until(self._has_no_strays, KILL_SECONDS)

    def _kill_children(self) -> None:
        for child in filter(lambda child: child.is_running, self.children):
            self.say(f"{child.name} did not stop in time and is killed")
            child.kill()
        self._wait_until(self._is_quiet, KILL_SECONDS, even_if_hurried=True)

    def _is_drained(self) -> bool:
        return self._is_quiet() or self._stopping.is_drained()

    def _is_quiet(self) -> bool:
        return not any(child.is_running for child in self.children)

    def _has_no_strays(self) -> bool:
        self._strays.look([child.pid for child in self.children])
        self._strays.kill_all()
        return not self._strays

    def _wait_until(
        self,
        is_done: Callable[[], bool],
        seconds: float,
        *,
        even_if_hurried: bool = False,
    ) -> None:
        deadline = time.monotonic() + seconds
        while not is_done() and time.monotonic() < deadline:
            if self._is_hurried and not even_if_hurried:
                return
            self._wait(POLL_SECONDS)
