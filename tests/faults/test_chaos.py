"""Random kills and pauses of everything under load, then the account.

Two ledgers are kept outside: the caller's list of what was accepted, and the receiver's
list of what it took. CHAOS_SECONDS sets how long it lasts, CHAOS_SEED repeats a run.
"""

import contextlib
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, receiver
from tests.faults.account import wait_until_settled
from tests.faults.callers import Callers, Ledger, calling
from tests.faults.families import parts, pumping
from tests.faults.hits import message_id_in
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.scene import telling
from tests.journeys.service import Service
from tests.processes import is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

CHAOS_SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
LONGEST_PAUSE = 3.0 if CHAOS_SECONDS < 60 else 25.0
BUSY = "one that sends"
PARTS = (
    "web",
    "web process",
    "supervisor",
    "main",
    "sentinel",
    "of the cluster",
    "of the cluster",
    BUSY,
    BUSY,
)
STRIKES = [(part, how) for part in PARTS for how in (signal.SIGKILL, signal.SIGSTOP)]
# An open breaker pauses for 30 s, and for 60 and 120 s where its probes draw a bad roll.
BREAKERS_CLOSE_WITHIN = 240.0
BAD = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"


class HostileReceiver:
    """Sometimes answers 500, sometimes takes the message and breaks the connection."""

    def __init__(self, dice: random.Random) -> None:
        self.taken: Counter[str] = Counter()
        self._dice = dice
        self._lock = threading.Lock()

    def behave(self, connection: socket.socket, request: bytes) -> bool:
        with self._lock:
            roll = self._dice.random()
            if roll >= 0.03:
                self.taken[message_id_in(request)] += 1
        if 0.03 <= roll < 0.06:
            return False
        connection.sendall(BAD if roll < 0.03 else OK)
        return True


class Chaos:
    """Strikes at a random process every second or so; heals what it paused."""

    def __init__(self, service: Service, dice: random.Random) -> None:
        self.strikes: Counter[str] = Counter()
        self._service = service
        self._dice = dice
        self._bag: list[tuple[str, signal.Signals]] = []
        self._paused: dict[int, float] = {}

    def reign(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        try:
            while time.monotonic() < ends:
                time.sleep(self._dice.uniform(0.2, 1.4))
                self._strike()
                self._heal(time.monotonic())
        finally:
            self._heal(float("inf"))

    def _strike(self) -> None:
        self._bag = self._bag or self._dice.sample(STRIKES, len(STRIKES))
        name, how = self._bag.pop()
        found = self._candidates(name)
        if not found:
            return
        victim = self._dice.choice(found)
        self.strikes[f"{how.name} {name}"] += 1
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, how)
        if how == signal.SIGSTOP:
            pause = self._dice.uniform(0.3, LONGEST_PAUSE)
            self._paused[victim] = time.monotonic() + pause

    def _candidates(self, name: str) -> list[int]:
        ours = parts(self._service.process.pid)
        if name != BUSY:
            return ours.get(name, [])
        busy = pumping(self._service.installation.environment)
        return [p for p in busy if p in ours.get("of the cluster", []) and is_alive(p)]

    def _heal(self, now: float) -> None:
        for process in [p for p, until in self._paused.items() if until <= now]:
            del self._paused[process]
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _under_load(chaos: Chaos, service: Service) -> Ledger:
    with (
        telling(service.installation.environment),
        calling(Callers(service.api, list(GUARANTEES))) as ledger,
    ):
        chaos.reign(CHAOS_SECONDS)
    return ledger


def _wait_until_whole(service: Service) -> None:
    """Wait until all that was killed is back, with two task processes."""

    def is_whole() -> bool:
        found = parts(service.process.pid)
        return "web process" in found and len(found.get("of the cluster", ())) == 4

    with telling(service.installation.environment):
        wait_until(is_whole, "it is whole", 60)


def test_chaos_loses_nothing_repeats_nothing_unmarked_and_holds_what_is_to_be_held(
    tmp_path: Path,
) -> None:
    seed = int(os.environ.get("CHAOS_SEED", time.time_ns() % 1_000_000))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - a failure is to be repeated
    installation = installed(tmp_path, RETRY_SCHEDULE="1,1,1,1,1,1")
    hostile = HostileReceiver(random.Random(seed))
    with receiver(hostile.behave) as there, installation.started() as service:
        both_users(service.api, there.url)
        chaos = Chaos(service, random.Random(seed))
        ledger = _under_load(chaos, service)
        print(dict(chaos.strikes), ledger.repeats)  # noqa: T201
        account = wait_until_settled(installation.environment, BREAKERS_CLOSE_WITHIN)
        _wait_until_whole(service)
    account.must_balance(ledger.message_ids, hostile.taken)
    assert ledger.unanswered == set()
    assert len(ledger.accepted) == len(account.rows)
    assert account.held()
