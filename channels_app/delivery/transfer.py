"""One request on one libcurl handle: its options, its checks, what came of it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import pycurl

from channels_app.delivery.addresses import (
    Address,
    AddressPolicy,
    AddressRefusedError,
    Target,
    is_literal,
)
from channels_app.delivery.answer_parts import AnswerParts
from channels_app.delivery.carriage import CarriageFailure, Carried, Timing
from channels_app.delivery.crash_points import crash_at
from channels_app.delivery.curl_verdicts import (
    after_bytes,
    before_bytes,
    not_sent,
    unknown,
)
from channels_app.delivery.request_head import (
    RequestInvalidError,
    checked_method,
    header_lines,
)
from channels_app.delivery.sockets import KeptConnections, OpeningSockets
from channels_app.delivery.wire_options import WireOptions, new_handle
from channels_app.senders.contract import OutgoingRequest

__all__ = ["Job", "MayStart", "Transfer", "WireOptions"]

logger = logging.getLogger(__name__)

MayStart = Callable[[], bool]


@dataclass(frozen=True)
class Job:
    """A request to be carried, and what its sender knows it by.

    `before_bytes` is asked once, connected, just before the first byte: False stops
    the request, unsent. It runs on the carrier's thread and must not wait.
    """

    ticket: object
    request: OutgoingRequest
    deadline_seconds: float | None = None
    before_bytes: MayStart | None = None


class Transfer:
    """A libcurl handle that carries one job after another."""

    def __init__(
        self, policy: AddressPolicy, options: WireOptions, kept: KeptConnections
    ) -> None:
        self._policy = policy
        self._kept = kept
        self._options = options
        self._job: Job | None = None
        self._target: Target | None = None
        self._opening = OpeningSockets()
        self._clear()
        self.curl = self._new_handle()

    def _clear(self) -> None:
        self._parts = AnswerParts()
        self._stop: CarriageFailure | None = None
        self._bytes_went_out = False
        self._remote_address = ""
        self._begun_at = time.monotonic()
        self._lookup_seconds = 0.0
        self._is_started = False
        self.is_on_ended_connection = False

    def _new_handle(self) -> pycurl.Curl:
        curl = new_handle(self._options)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.SOCKOPTFUNCTION, self._note_socket)
        curl.setopt(pycurl.PREREQFUNCTION, self._before_bytes)
        curl.setopt(pycurl.HEADERFUNCTION, self._add_header)
        curl.setopt(pycurl.WRITEFUNCTION, self._add_body)
        return curl

    def prepare(self, job: Job) -> CarriageFailure | None:
        """Make the handle ready for a job, or return why the job cannot be carried."""
        self._clear()
        self._job = job
        try:
            self._target = self._policy.check_url(job.request.url)
            self._set_request(job.request, self._target)
        except AddressRefusedError as error:
            return not_sent(error.code, str(error.reason), retryable=False)
        except RequestInvalidError as error:
            return not_sent("invalid_request", str(error), retryable=False)
        except Exception:
            # One broken request must not take down those beside it.
            logger.exception("A request could not be prepared: not sent.")
            return not_sent("invalid_request", "it cannot be sent", retryable=False)
        return None

    @property
    def name(self) -> str | None:
        """The host name that must be looked up first, if it is one."""
        host = self._target.host if self._target else ""
        return None if is_literal(host) else host

    def start_at(self, addresses: tuple[Address, ...] = ()) -> None:
        """Fix the addresses of the name, and the time that is left."""
        self.curl.setopt(pycurl.RESOLVE, self._resolved(addresses))
        self.curl.setopt(pycurl.FRESH_CONNECT, 0)
        self._is_started = True
        self._lookup_seconds = time.monotonic() - self._begun_at
        self._set_time_limits()

    def start_afresh(self) -> None:
        """Start once more, on a new connection: nothing of the request went out."""
        self.is_on_ended_connection = False
        self._stop = None
        self.curl.setopt(pycurl.FRESH_CONNECT, 1)
        self._set_time_limits()

    def _set_time_limits(self) -> None:
        passed = time.monotonic() - self._begun_at
        connect, total = self.connect_limit - passed, self._total_limit - passed
        self.curl.setopt(pycurl.CONNECTTIMEOUT_MS, _milliseconds(connect))
        self.curl.setopt(pycurl.TIMEOUT_MS, _milliseconds(total))

    @property
    def connect_limit(self) -> float:
        """How long the lookup and the connect may take together, in seconds."""
        return min(self._total_limit, self._options.connect_timeout)

    @property
    def _total_limit(self) -> float:
        deadline = self._job.deadline_seconds if self._job else None
        limit = self._options.total_timeout
        return limit if deadline is None else min(limit, deadline)

    def _resolved(self, addresses: tuple[Address, ...]) -> list[str]:
        if self._target is None or not addresses:
            return []
        shown = ",".join(f"[{a}]" if a.version == 6 else str(a) for a in addresses)
        return [f"+{self._target.host}:{self._target.port}:{shown}"]

    def _set_request(self, request: OutgoingRequest, target: Target) -> None:
        curl, method = self.curl, checked_method(request)
        curl.setopt(pycurl.HTTPHEADER, header_lines(request))
        curl.setopt(pycurl.URL, target.url)
        curl.setopt(pycurl.HTTPGET, 1)
        if request.body or method in ("POST", "PUT", "PATCH"):
            curl.setopt(pycurl.POST, 1)
            curl.setopt(pycurl.POSTFIELDS, request.body)
        elif method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        curl.setopt(pycurl.CUSTOMREQUEST, method)

    def _open_socket(
        self, _purpose: int, address: tuple[int, int, int, tuple[str, int]]
    ) -> socket.socket | int:
        crash_at("before_connect")
        family, kind, protocol, (host, port) = *address[:3], address[3][:2]
        if self._stop is None:
            self._stop = self._objection(host, port)
        if self._stop is not None:
            return int(pycurl.SOCKET_BAD)
        try:
            return self._opening.open(family, kind, protocol)
        except OSError as error:
            self._stop = not_sent("connection_failed", error.strerror or "no socket")
            return int(pycurl.SOCKET_BAD)

    def _note_socket(self, fd: int, _purpose: int) -> int:
        self._opening.note_duplicate(fd)
        return int(pycurl.SOCKOPT_OK)

    def _objection(self, host: str, port: int) -> CarriageFailure | None:
        if self._target is None or port != self._target.port:
            return not_sent("address_refused", "unexpected port", retryable=False)
        try:
            self._policy.check_address(host.partition("%")[0])
        except AddressRefusedError as error:
            return not_sent(error.code, f"{host}: {error.reason}", retryable=False)
        return None

    def _before_bytes(self, remote: str, local: str, _port: int, port: int) -> int:
        fd = self._opening.settle((local, port))
        if fd is not None:
            self._kept.remember((local, port), fd)
        elif self._kept.has_ended((local, port)):
            self.is_on_ended_connection = True
            return int(pycurl.PREREQFUNC_ABORT)
        self._stop = self._stop or self._last_objection()
        if self._stop is not None:
            return int(pycurl.PREREQFUNC_ABORT)
        self._bytes_went_out = True
        self._remote_address = remote
        return int(pycurl.PREREQFUNC_OK)

    def _last_objection(self) -> CarriageFailure | None:
        if self._bytes_went_out:
            # libcurl sends a request again when a kept connection breaks before the
            # answer; the receiver may have acted on the first one already.
            return unknown("connection_reset", "the kept connection broke")
        if not self._may_start():
            return not_sent("withdrawn", "stopped before the first byte")
        return None

    def _may_start(self) -> bool:
        if self._job is None or self._job.before_bytes is None:
            return True
        try:
            return self._job.before_bytes()
        except Exception:
            logger.exception("The check before the first byte failed: not sent.")
            return False

    def _add_header(self, line: bytes) -> None:
        crash_at("after_bytes")
        self._parts.add_header(line)

    def _add_body(self, chunk: bytes) -> int | None:
        return self._parts.add_body(chunk)

    def finish(self, curl_code: int, message: str) -> Carried:
        """Return what came of the job, and forget it."""
        if curl_code == pycurl.E_OK or self._parts.is_cut:
            crash_at("after_reply")
            status = self.curl.getinfo(pycurl.RESPONSE_CODE)
            return self._carried(self._parts, status, None)
        return self._carried(None, 0, self._failure(curl_code, message))

    def abandon(self, failure_code: str, detail: str) -> Carried:
        """End the job from outside; whether it arrived depends on how far it was."""
        if self._bytes_went_out:
            return self._carried(None, 0, unknown(failure_code, detail))
        return self._carried(None, 0, not_sent(failure_code, detail))

    def refuse(self, failure: CarriageFailure) -> Carried:
        """End a job that `prepare` refused."""
        return self._carried(None, 0, failure)

    def _failure(self, curl_code: int, message: str) -> CarriageFailure:
        if self._stop is not None:
            return self._stop
        if self._bytes_went_out:
            return after_bytes(curl_code, message)
        return before_bytes(curl_code, self.curl.getinfo(pycurl.OS_ERRNO), message)

    def _carried(
        self, parts: AnswerParts | None, status: int, failure: CarriageFailure | None
    ) -> Carried:
        carried = Carried(
            ticket=self._job.ticket if self._job else None,
            answer=parts.answer(status) if parts else None,
            failure=failure,
            timing=self._timing(),
            bytes_went_out=self._bytes_went_out,
            remote_address=self._remote_address,
        )
        self._job = self._target = None
        self._opening.close()
        self._clear()
        return carried

    def _timing(self) -> Timing:
        if not self._is_started:
            waited = time.monotonic() - self._begun_at
            return Timing(name_lookup=waited, total=waited)
        info, looked_up = self.curl.getinfo, self._lookup_seconds
        lookup: float = info(pycurl.NAMELOOKUP_TIME)
        connected: float = info(pycurl.CONNECT_TIME)
        secured: float = info(pycurl.APPCONNECT_TIME)
        waited_from: float = info(pycurl.PRETRANSFER_TIME)
        return Timing(
            name_lookup=looked_up + lookup,
            connect=max(0.0, connected - lookup),
            tls=max(0.0, secured - connected),
            first_byte=max(0.0, info(pycurl.STARTTRANSFER_TIME) - waited_from),
            total=looked_up + info(pycurl.TOTAL_TIME),
        )

    def close(self) -> None:
        """Free the handle."""
        self.curl.close()


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))  # 0 would mean no limit
