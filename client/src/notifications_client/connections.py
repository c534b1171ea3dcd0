"""Connections to the service: kept open between requests, shared by threads."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field

from notifications_client.addresses import Origin, Proxy
from notifications_client.errors import (
    ConnectionFailedError,
    NotificationError,
    Problem,
    StaleConnectionError,
    UnexpectedAnswerError,
)
from notifications_client.pacing import Deadline
from notifications_client.sockets import TimedSocket
from notifications_client.words import say

MOST_IDLE = 16
# Less than a server's usual keep-alive, so that most closed ones are never tried.
IDLE_SECONDS = 15.0
LARGEST_ANSWER = 64 * 1024 * 1024
_BROKEN = (ConnectionError, http.client.HTTPException, OSError)


@dataclass(frozen=True)
class WireRequest:
    """One try of a request as it goes out."""

    method: str
    target: str
    body: bytes
    headers: Mapping[str, str] = field(repr=False)
    timeout: float


@dataclass(frozen=True)
class WireAnswer:
    """What came back, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class _Kept:
    connection: http.client.HTTPConnection
    sock: TimedSocket
    idle_since: float = 0.0

    def is_good(self) -> bool:
        is_fresh = time.monotonic() - self.idle_since < IDLE_SECONDS
        return is_fresh and not self.sock.is_readable()


class Connections:
    """Hands out connections to one origin; each is used by one thread at a time."""

    def __init__(
        self, origin: Origin, tls: ssl.SSLContext | None, proxy: Proxy | None
    ) -> None:
        self._origin = origin
        self._tls = tls or ssl.create_default_context()
        self._proxy = proxy
        self._lock = threading.Lock()
        self._idle: list[_Kept] = []
        self._process = os.getpid()
        # A client that is merely forgotten leaves no open sockets behind.
        weakref.finalize(self, _close_all, self._idle)

    def exchange(
        self, request: WireRequest, deadline: Deadline, *, fresh: bool = False
    ) -> WireAnswer:
        """Send a request and read the answer. Raises NotificationError.

        StaleConnectionError says that a kept connection was closed in the meantime.
        """
        kept = None if fresh else self._take()
        is_reused = kept is not None
        if kept is None:
            kept = self._connected(deadline, request.timeout)
        kept.sock.begin(deadline, request.timeout)
        try:
            answer, may_keep = self._exchanged(kept, request)
        except BaseException as error:
            kept.connection.close()
            if isinstance(error, NotificationError) or not isinstance(error, _BROKEN):
                raise
            raise self._broken(error, is_reused) from error
        self._put_back(kept, may_keep)
        return answer

    def close(self) -> None:
        """Close the connections that nobody uses at the moment."""
        with self._lock:
            _close_all(self._idle)

    def _take(self) -> _Kept | None:
        """Return the connection used last; forget those that have ended."""
        with self._lock:
            if self._process != os.getpid():
                # A forked process must not speak on its parent's connections.
                _close_all(self._idle)
                self._process = os.getpid()
            while self._idle:
                kept = self._idle.pop()
                if kept.is_good():
                    return kept
                kept.connection.close()
        return None

    def _put_back(self, kept: _Kept, may_keep: bool) -> None:
        kept.idle_since = time.monotonic()
        with self._lock:
            if may_keep and len(self._idle) < MOST_IDLE:
                self._idle.append(kept)
                return
        kept.connection.close()

    def _connected(self, deadline: Deadline, timeout: float) -> _Kept:
        connection = self._made(deadline.limit(timeout))
        try:
            connection.connect()
        except _BROKEN as error:
            connection.close()
            raise self._unreachable(error) from error
        sock = TimedSocket(connection.sock)
        connection.sock = sock
        return _Kept(connection, sock)

    def _made(self, timeout: float) -> http.client.HTTPConnection:
        origin, proxy = self._origin, self._proxy
        host, port = (proxy.host, proxy.port) if proxy else (origin.host, origin.port)
        if origin.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        connection = http.client.HTTPSConnection(
            host, port, timeout=timeout, context=self._tls
        )
        if proxy:
            connection.set_tunnel(origin.host, origin.port, proxy.headers)
        return connection

    def _exchanged(self, kept: _Kept, request: WireRequest) -> tuple[WireAnswer, bool]:
        target, headers = request.target, dict(request.headers)
        if self._proxy and self._origin.scheme == "http":
            target = self._origin.url + target
            headers.update(self._proxy.headers)
        kept.connection.request(request.method, target, request.body or None, headers)
        response = kept.connection.getresponse()
        announced = response.length
        body = response.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise UnexpectedAnswerError(
                Problem(
                    say("The answer is larger than {size} bytes.", size=LARGEST_ANSWER),
                    code="answer_too_large",
                    hint=say("Check the address."),
                    status=response.status,
                )
            )
        if announced is not None and len(body) < announced:
            raise http.client.IncompleteRead(body, announced - len(body))
        may_keep = response.isclosed() and not response.will_close
        return WireAnswer(response.status, response.headers, body), may_keep

    def _unreachable(self, error: Exception) -> ConnectionFailedError:
        url = self._origin.url
        if isinstance(error, ssl.SSLCertVerificationError):
            sentence = say("The certificate of {url} is not trusted.", url=url)
            hint = say(
                "Give an SSL context that knows your authority, or correct the "
                "certificate; do not turn the check off."
            )
        elif isinstance(error, socket.gaierror):
            sentence = say("The host of {url} is not known.", url=url)
            hint = say("Check the address and the name service.")
        else:
            sentence = say("{url} cannot be connected to.", url=url)
            hint = say("Check the address, that the service runs, and the firewall.")
        is_lasting = isinstance(error, ssl.SSLCertVerificationError)
        problem = Problem(_with_reason(sentence, error), "not_connected", hint)
        return ConnectionFailedError(problem, is_sent=False, is_lasting=is_lasting)

    def _broken(self, error: Exception, is_reused: bool) -> ConnectionFailedError:
        url = self._origin.url
        is_slow = isinstance(error, socket.timeout)
        if is_slow:
            sentence = say("{url} did not answer in time.", url=url)
        else:
            sentence = say("The connection to {url} broke off.", url=url)
        hint = say(
            "The request may have arrived: try again with the same idempotency key."
        )
        problem = Problem(_with_reason(sentence, error), "connection_broken", hint)
        is_stale = is_reused and not is_slow
        kind = StaleConnectionError if is_stale else ConnectionFailedError
        return kind(problem, is_sent=True)


def _close_all(idle: list[_Kept]) -> None:
    while idle:
        idle.pop().connection.close()


def _with_reason(sentence: str, error: Exception) -> str:
    reason = str(error) or type(error).__name__
    return f"{sentence.rstrip('.。')} ({reason})."
