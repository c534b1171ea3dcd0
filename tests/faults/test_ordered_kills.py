"""Ordering keys while senders are killed: each key arrives in the order of acceptance."""

import os
import re
import signal
import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from tests.channels_app.delivery.receivers import OK, receiver
from tests.faults.account import Account, wait_until_settled
from tests.faults.installed import GUARANTEES, both_users, installed
from tests.faults.queries import execute, query
from tests.journeys.calls import Api
from tests.processes import is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.faults

PER_KEY = 16
KEYS = [(user, number) for user in GUARANTEES for number in range(3)]
KILLS = 4
BETWEEN_KILLS = 8
ANSWERS_AFTER = 0.1
BUSY = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
SENDING = "SELECT worker FROM notification_logs WHERE status = 'sending'"
LONG_AGO = "2020-01-01 00:00:00"
TRIES = """
    SELECT log.message_id, min(try.started_at), max(try.ended_at)
    FROM delivery_attempts AS try JOIN notification_logs AS log ON log.id = try.log_id
    GROUP BY log.message_id"""


@dataclass(frozen=True)
class Arrival:
    """A request as it came; `number` is its place in its key."""

    number: int
    is_taken: bool


@dataclass
class Ordered:
    """A receiver that fails the first try of every fourth, elsewhere in each key."""

    arrivals: dict[str, list[Arrival]] = field(
        default_factory=lambda: defaultdict(list)
    )
    lock: threading.Lock = field(default_factory=threading.Lock)
    never: threading.Event = field(default_factory=threading.Event)

    def behave(self, connection: socket.socket, request: bytes) -> bool:
        found = re.search(rb"of (\w+-(\d)) is (\d+)", request)
        assert found
        key, number = found[1].decode(), int(found[3])
        with self.lock:
            is_first = number not in self.numbers(key)
            fails = is_first and (number + int(found[2])) % 4 == 1
            self.arrivals[key].append(Arrival(number, not fails))
        self.never.wait(ANSWERS_AFTER)
        connection.sendall(BUSY if fails else OK)
        return True

    def numbers(self, key: str) -> list[int]:
        return [one.number for one in self.arrivals[key]]


def test_each_key_arrives_in_the_order_of_acceptance_whoever_is_killed(
    tmp_path: Path,
) -> None:
    installation = installed(tmp_path, RETRY_SCHEDULE="1,1,1,1,1,1", WORKERS="3")
    environment, ledger = installation.environment, Ordered()
    with receiver(ledger.behave) as there, installation.started() as service:
        both_users(service.api, there.url)
        with ThreadPoolExecutor(len(KEYS)) as pool:
            sent = [pool.submit(_send, service.api, *key) for key in KEYS]
            for _number in range(KILLS):
                there.wait_for_requests(len(there.requests) + BETWEEN_KILLS)
                _kill_one_that_sends(environment)
        accepted = {name: ids for one in sent for name, ids in [one.result()]}
        account = wait_until_settled(environment)
    assert account.marked() | account.having("unknown")
    times = {row[0]: (row[1], row[2]) for row in query(environment, TRIES)}
    for key, ids in accepted.items():
        _must_have_come_in_order(ledger.arrivals[key], ids, account)
        for earlier, later in pairwise(times[one] for one in ids):
            assert later[0] >= earlier[1], key
    hits = _hits(ledger, accepted)
    account.must_balance({one for ids in accepted.values() for one in ids}, hits)


def _send(api: Api, user: str, number: int) -> tuple[str, list[str]]:
    """Send one after the other under one key; return its name and the message ids."""
    key = f"{user}-{number}"
    ids = [
        api.send(
            user_id=user,
            ordering_key=key,
            custom_content={"content": f"of {key} is {place}"},
        )
        for place in range(PER_KEY)
    ]
    return key, [one for found in ids for one in found]


def _kill_one_that_sends(environment: Mapping[str, str]) -> None:
    """Kill a task process with sends in flight; its leases end at once."""

    def sending() -> list[tuple[int, str]]:
        names = {row[0] for row in query(environment, SENDING)}
        pids = {name: name.rpartition("-")[2] for name in names}
        found = [(int(pid), name) for name, pid in pids.items() if pid.isdigit()]
        # A claim may be committed after the death of who made it.
        return [one for one in found if is_alive(one[0])]

    process, name = wait_until(sending, "one sends")[0]
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not is_alive(process), "it is dead")
    execute(
        environment,
        f"UPDATE notification_logs SET lease_until = '{LONG_AGO}'"
        f" WHERE status = 'sending' AND worker = '{name}'",
    )


def _must_have_come_in_order(
    arrivals: list[Arrival], ids: list[str], account: Account
) -> None:
    marked, unknown = account.marked(), account.having("unknown")
    taken = list(dict.fromkeys(one.number for one in arrivals if one.is_taken))
    assert taken == sorted(taken)
    assert {n for n, one in enumerate(ids) if one not in unknown} <= set(taken)
    once = [one.number for one in arrivals if ids[one.number] not in marked]
    assert once == sorted(once)


def _hits(ledger: Ordered, accepted: Mapping[str, list[str]]) -> Counter[str]:
    return Counter(
        accepted[key][one.number]
        for key, arrivals in ledger.arrivals.items()
        for one in arrivals
        if one.is_taken
    )
