"""A caller of the API as a stranger writes one: http.client and the wire contract."""

import hashlib
import hmac
import http.client
import json as jsonlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

SEND = "/api/notifications/send"
SIGNED_BY_BODY = {"POST", "PUT", "PATCH"}

_stamps = threading.Lock()
_last_stamp = 0


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return jsonlib.loads(self.body)


def next_stamp() -> str:
    """Return the time in milliseconds, never the same twice: replays are refused."""
    global _last_stamp  # noqa: PLW0603 - one clock for all threads
    with _stamps:
        _last_stamp = max(_last_stamp + 1, time.time_ns() // 1_000_000)
        return str(_last_stamp)


def signature(secret: str, stamp: str, covered: bytes) -> str:
    digest = hmac.new(secret.encode(), stamp.encode() + covered, hashlib.sha256)
    return digest.hexdigest()


def request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    patience: float = 30,
) -> Answer:
    """Make one HTTP request to this machine; it must be answered in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Api:
    """Signs each request with the default client's secret."""

    port: int
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if body is None:
            body = b"" if json is None else jsonlib.dumps(json).encode()
        stamp = next_stamp()
        covered = body if method in SIGNED_BY_BODY else path.encode()
        signed = {
            "Content-Type": "application/json",
            "X-Timestamp": stamp,
            "X-Signature": signature(self.secret, stamp, covered),
        }
        return request(self.port, method, path, body, signed | dict(headers or {}))

    def expect(self, status: int, method: str, path: str, json: object = None) -> Any:
        """Make a call that must end with this status; return its JSON."""
        answer = self.call(method, path, json)
        assert answer.status == status, answer.body.decode()
        return answer.json()

    def send(self, **form: object) -> list[str]:
        """Send a notification that must be accepted; return the message ids."""
        results = self.expect(202, "POST", SEND, form)["results"]
        return [result["message_id"] for result in results]

    def message(self, message_id: str) -> Any:
        """Return log, timeline and explanation of one message."""
        return self.expect(200, "GET", f"/api/notifications/{message_id}")["data"]
