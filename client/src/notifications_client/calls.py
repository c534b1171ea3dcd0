"""One call of the API: signed anew for each try, tried again where that is safe."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPMessage
from urllib.parse import urlencode

from notifications_client.clock import Clock, now_ms
from notifications_client.connections import Connections, WireAnswer, WireRequest
from notifications_client.errors import (
    ClockSkewError,
    NotificationError,
    RateLimitedError,
    StaleConnectionError,
)
from notifications_client.pacing import Deadline, Pace, RetryPolicy
from notifications_client.reading import Row
from notifications_client.refusals import json_of, refusal_of
from notifications_client.signing import Credentials, ToSign, signed_headers


@dataclass(frozen=True)
class Call:
    """What is asked of the API. `is_repeatable`: doing it twice is doing it once."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_signed: bool = True
    is_repeatable: bool = True
    good_statuses: frozenset[int] = frozenset()
    patience: float = 0.0

    @property
    def target(self) -> str:
        """The path with its query, without the base path."""
        given = {name: value for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(given)}" if given else self.path


@dataclass(frozen=True)
class Answer:
    """A good answer: its JSON object, and the headers."""

    status: int
    headers: HTTPMessage
    row: Row


@dataclass(frozen=True)
class Manner:
    """How calls are made; see `Options` of the client."""

    credentials: Credentials
    base_path: str
    signed_base_path: str
    timeout: float
    retries: RetryPolicy
    correct_clock: bool
    user_agent: str
    language: str


class Caller:
    """Makes calls; shared by all threads of a client."""

    def __init__(self, manner: Manner, connections: Connections, pace: Pace) -> None:
        self._manner = manner
        self._connections = connections
        self._pace = pace
        self.clock = Clock()

    def call(self, call: Call) -> Answer:
        """Return the good answer of the last try. Raises NotificationError."""
        self._pace.wait()
        call = replace(call, headers={"X-Request-Id": uuid.uuid4().hex, **call.headers})
        deadline = Deadline(self._manner.retries.total_seconds)
        body = b"" if call.body is None else _encoded(call.body)
        tries, is_corrected = 0, False
        while True:
            tries += 1
            try:
                return self._tried(call, body, deadline)
            except NotificationError as error:
                error.tries = tries
                error.found_by(call.headers["X-Request-Id"])
                if not is_corrected and self._corrected(error):
                    is_corrected = True
                    continue
                self._wait_after(error, call, tries, deadline)

    def _wait_after(
        self, error: NotificationError, call: Call, tries: int, deadline: Deadline
    ) -> None:
        """Wait for the next try, or raise the error if there is to be none."""
        wait = self._manner.retries.wait_after(
            error, tries, is_repeatable=call.is_repeatable
        )
        if isinstance(error, RateLimitedError):
            self._pace.hold(error.retry_after or 0)
        if wait is None or wait >= deadline.left():
            raise error
        time.sleep(wait)
        self._pace.wait()

    def _corrected(self, error: NotificationError) -> bool:
        """Set the clock right if that is wanted and was the trouble."""
        if not self._manner.correct_clock or not isinstance(error, ClockSkewError):
            return False
        if error.skew_ms is None:
            return False
        self.clock.correct(error.skew_ms)
        return True

    def _tried(self, call: Call, body: bytes, deadline: Deadline) -> Answer:
        try:
            wire = self._exchanged(call, body, deadline)
        except StaleConnectionError:
            if not call.is_repeatable:
                raise
            wire = self._exchanged(call, body, deadline, fresh=True)
        if 200 <= wire.status < 300 or wire.status in call.good_statuses:
            return Answer(wire.status, wire.headers, Row(json_of(wire)))
        raise refusal_of(wire, self.clock.skew_ms)

    def _exchanged(
        self, call: Call, body: bytes, deadline: Deadline, *, fresh: bool = False
    ) -> WireAnswer:
        request = self._signed(call, body)
        sent = now_ms()
        wire = self._connections.exchange(request, deadline, fresh=fresh)
        self.clock.note(wire.headers.get("Date"), sent, now_ms())
        return wire

    def _signed(self, call: Call, body: bytes) -> WireRequest:
        manner, target = self._manner, call.target
        headers = {
            "Accept": "application/json",
            "Accept-Language": manner.language,
            "User-Agent": manner.user_agent,
            **call.headers,
        }
        if body:
            headers["Content-Type"] = "application/json"
        if call.is_signed:
            to_sign = ToSign(call.method, manner.signed_base_path + target, body)
            headers.update(
                signed_headers(manner.credentials, to_sign, self.clock.stamp())
            )
        return WireRequest(
            call.method,
            manner.base_path + target,
            body,
            headers,
            manner.timeout + call.patience,
        )


def _encoded(body: Mapping[str, object]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()
