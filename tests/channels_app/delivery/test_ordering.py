"""An ordering key: its deliveries go out one after another, as they were accepted."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.due import is_anything_due
from channels_app.delivery.intake import Entry, store_entries
from channels_app.delivery.pump import Pump, PumpOptions
from channels_app.delivery.transfer import WireOptions
from channels_app.models import ApiClient, NotificationLog, Status
from channels_app.services.deliveries import (
    cancel_delivery,
    resend_delivery,
    settle_held,
)
from channels_app.services.explanations import explain
from tests.channels_app.delivery.deliveries import (
    claim,
    make_due,
    new_delivery,
    stored,
    webhook_config,
)
from tests.channels_app.delivery.receivers import OK, receiver

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://receiver.example/hook"
BUSY = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"
KEYS = ("a", "b", "c")
PER_KEY = 8


def claimed(limit: int = 64) -> list[int]:
    return [one.id for one in claim(limit=limit, worker="w")]


def settle(log: NotificationLog, status: Status) -> None:
    NotificationLog.objects.filter(pk=log.pk).update(status=status)


def test_one_claim_takes_one_of_each_key_and_all_without_a_key() -> None:
    config = webhook_config(URL)
    first, _second = (stored(config, ordering_key="a") for _ in range(2))
    other, _next = (stored(config, ordering_key="b") for _ in range(2))
    plain = [stored(config).pk for _ in range(2)]
    assert sorted(claimed()) == sorted([first.pk, other.pk, *plain])
    assert not is_anything_due()
    assert claimed() == []


@pytest.mark.parametrize(
    ("status", "goes_on"),
    [
        (Status.SENT, True),
        (Status.FAILED, True),
        (Status.CANCELLED, True),
        (Status.EXPIRED, True),
        (Status.UNKNOWN, True),
        (Status.RETRYING, False),
    ],
)
def test_the_next_goes_when_the_one_before_is_settled(
    status: Status, goes_on: bool
) -> None:
    config = webhook_config(URL)
    first, second = (stored(config, ordering_key="a") for _ in range(2))
    assert claimed() == [first.pk]
    NotificationLog.objects.filter(pk=first.pk).update(
        status=status, next_attempt_at="2999-01-01T00:00:00+00:00"
    )
    assert is_anything_due() is goes_on
    assert claimed() == ([second.pk] if goes_on else [])


def test_a_key_counts_for_one_config_and_one_client() -> None:
    config = webhook_config(URL)
    other_config = webhook_config(URL, user_id="u2")
    other_client = ApiClient.objects.create(key_id="other", name="Other")
    first = stored(config, ordering_key="a")
    second = stored(other_config, ordering_key="a")
    third = stored(config, ordering_key="a", client_id=other_client.pk)
    assert sorted(claimed()) == [first.pk, second.pk, third.pk]


def test_the_order_comes_before_priority() -> None:
    config = webhook_config(URL)
    first = stored(config, ordering_key="a", priority=2)
    stored(config, ordering_key="a", priority=0)
    assert claimed() == [first.pk]


def test_a_batch_keeps_the_order_it_was_written_in() -> None:
    config = webhook_config(URL)
    batch = [new_delivery(config, ordering_key="a") for _ in range(20)]
    store_entries(
        [Entry([one], lambda _: "") for one in batch], after_commit=lambda: None
    )
    went = []
    for _ in batch:
        (one,) = claim(limit=64, worker="w")
        went.append(one.message_id)
        NotificationLog.objects.filter(pk=one.id).update(status=Status.SENT)
    assert went == [one.message_id for one in batch]


def test_a_cancelled_one_lets_the_next_go() -> None:
    config = webhook_config(URL)
    first, second = (stored(config, ordering_key="a") for _ in range(2))
    cancel_delivery(log=first)
    assert claimed() == [second.pk]


def test_a_copy_of_a_sent_one_goes_to_the_end() -> None:
    config = webhook_config(URL)
    first, second = (stored(config, ordering_key="a") for _ in range(2))
    settle(first, Status.SENT)
    first.refresh_from_db()
    copy = resend_delivery(log=first, request_id="r2")
    assert copy.ordering_key == "a"
    assert claimed() == [second.pk]


def test_a_failed_one_sent_again_goes_before_what_still_waits() -> None:
    config = webhook_config(URL)
    first, _second = (stored(config, ordering_key="a") for _ in range(2))
    settle(first, Status.FAILED)
    first.refresh_from_db()
    resend_delivery(log=first, request_id="r2")
    assert claimed() == [first.pk]


def test_what_a_person_finds_out_about_a_held_one_does_not_hold_up_the_next() -> None:
    config = webhook_config(URL)
    first, second = (stored(config, ordering_key="a") for _ in range(2))
    assert claimed() == [first.pk]
    settle(first, Status.UNKNOWN)
    first.refresh_from_db()
    settle_held(log=first, has_arrived=True)
    assert claimed() == [second.pk]


def test_a_waiting_one_says_for_which_it_waits() -> None:
    config = webhook_config(URL)
    first, second = (stored(config, ordering_key="a") for _ in range(2))
    assert explain(first) is None
    explanation = explain(second)
    assert explanation is not None
    assert explanation.id == "earlier_of_key"
    assert explanation.evidence["waits_for"] == first.message_id


class Ledger:
    """A receiver's behaviour: every third try fails, and every seventh for good."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = defaultdict(list)
        self._tries: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket, request: bytes) -> bool:
        found = re.search(rb"key-([a-z])-(\d+)", request)
        assert found
        key, number = found[1].decode(), int(found[2])
        with self._lock:
            self.seen[key].append(number)
            self._tries[f"{key}{number}"] += 1
            is_first = self._tries[f"{key}{number}"] == 1
        if number % 7 == 3:
            connection.sendall(REFUSED)
        else:
            connection.sendall(BUSY if is_first and number % 3 == 1 else OK)
        return True


@pytest.fixture
def carriers() -> Iterator[list[Carrier]]:
    policy = AddressPolicy(parse_networks("127.0.0.0/8"))
    wire = WireOptions(total_timeout=2.0)
    with (
        Carrier(policy, wire, max_in_flight=64) as one,
        Carrier(policy, wire, max_in_flight=64) as two,
    ):
        yield [one, two]


def store_interleaved(url: str) -> None:
    config = webhook_config(url)
    batch = [
        new_delivery(config, ordering_key=key, content=f"key-{key}-{number}")
        for number in range(PER_KEY)
        for key in KEYS
    ]
    store_entries(
        [Entry([one], lambda _: "") for one in batch], after_commit=lambda: None
    )


def pump_once(carrier: Carrier) -> None:
    try:
        Pump(carrier, PumpOptions("w", linger=0.3, max_in_flight=64)).run()
    finally:
        connections.close_all()


def waiting() -> list[NotificationLog]:
    return list(NotificationLog.objects.filter(status__in=["pending", "retrying"]))


@pytest.mark.parametrize("pumps", [1, 2])
def test_the_receiver_sees_each_key_in_order_over_failures_and_retries(
    pumps: int, carriers: list[Carrier]
) -> None:
    ledger = Ledger()
    with receiver(ledger) as there:
        store_interleaved(there.url)
        for _round in range(PER_KEY * 2):
            for log in waiting():
                make_due(log)
            with ThreadPoolExecutor(pumps) as pool:
                list(pool.map(pump_once, carriers[:pumps]))
            if not waiting():
                break
    assert sorted(ledger.seen) == list(KEYS)
    for numbers in ledger.seen.values():
        assert numbers == sorted(numbers)
        assert set(numbers) == set(range(PER_KEY))
        assert len(numbers) > PER_KEY
    states = Counter(NotificationLog.objects.values_list("status", flat=True))
    assert states == {"failed": len(KEYS), "sent": len(KEYS) * (PER_KEY - 1)}
