"""Callers that keep a ledger of what was accepted, and ask again when nobody answers."""

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.journeys.calls import SEND, Answer, Api

PAUSE = 0.02
PAUSE_AFTER_FAILURE = 0.2
PATIENCE = 60.0
TRY_AGAIN = {409, 500, 502, 503, 504}


@dataclass
class Ledger:
    """The message ids of each key's 202, and the keys that never got one."""

    accepted: dict[str, list[str]] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    repeats: int = 0

    @property
    def message_ids(self) -> set[str]:
        return {one for ids in self.accepted.values() for one in ids}


@dataclass
class Callers:
    """Threads that send to some users in turn until they are told to stop.

    `is_patient`: after the stop, they still ask until every key has its 202.
    """

    api: Api
    users: Sequence[str]
    ledger: Ledger = field(default_factory=Ledger)
    stop: threading.Event = field(default_factory=threading.Event)
    is_patient: bool = True

    def run(self, name: str) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self.send(f"{name}-{number}", self.users[number % len(self.users)])
            self.stop.wait(PAUSE)

    def send(self, key: str, user: str) -> None:
        """Ask until there is a 202, and enter it into the ledger."""
        self.ledger.unanswered.add(key)
        gives_up_at = float("inf")
        while (answer := self.ask(key, user)) is None or answer.status in TRY_AGAIN:
            self.ledger.repeats += 1
            if self.stop.is_set():
                if not self.is_patient:
                    return
                gives_up_at = min(gives_up_at, time.monotonic() + PATIENCE)
                last = answer and (answer.status, answer.body)
                assert time.monotonic() < gives_up_at, f"{key} got no 202 but {last}"
            self.stop.wait(PAUSE_AFTER_FAILURE)
        assert answer.status == 202, answer.body.decode()
        ids = [result["message_id"] for result in answer.json()["results"]]
        self.ledger.accepted[key] = ids
        self.ledger.unanswered.remove(key)

    def ask(self, key: str, user: str) -> Answer | None:
        """Send once under a key; return None when the connection breaks."""
        form = {
            "user_id": user,
            "custom_content": {"content": key},
            "idempotency_key": key,
        }
        try:
            return self.api.call("POST", SEND, form)
        except (OSError, http.client.HTTPException):
            return None


@contextmanager
def calling(callers: Callers, threads: int = 2) -> Iterator[Ledger]:
    """Let the callers send while the block runs; then each key gets its answer."""
    with ThreadPoolExecutor(threads) as pool:
        running: list[Future[None]] = [
            pool.submit(callers.run, f"caller{number}") for number in range(threads)
        ]
        try:
            yield callers.ledger
        finally:
            callers.stop.set()
    for one in running:
        one.result()
