"""Takes a request to its provider, misbehaves when told, and keeps what arrived."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from diagnostics.sandbox.behaviour import NORMAL, Behaviour, Switch
from diagnostics.sandbox.exchange import (
    Arrived,
    Reply,
    Request,
    mask_header,
    mask_query,
)
from diagnostics.sandbox.inbox import Inbox, Message
from diagnostics.sandbox.providers import Provider
from diagnostics.sandbox.rate import RateLimits

MAX_KEPT_BODY = 64 * 1024
HUGE_ANSWER_BYTES = 5 * 1024 * 1024
REDIRECT_TARGET = "/webhook/followed-redirect"


@dataclass(frozen=True)
class Outcome:
    """The answer to give, and the manner in which to give it."""

    reply: Reply
    switch: Switch = NORMAL


class Reception:
    """The way of every request to a provider; safe to use from many threads."""

    def __init__(self, inbox: Inbox, behaviour: Behaviour, *, limits: bool) -> None:
        self._inbox = inbox
        self._behaviour = behaviour
        self._limits = RateLimits() if limits else None
        self._serials = itertools.count(1)

    def receive(self, provider: Provider, request: Request) -> Outcome:
        """Answer one request, keeping it in the inbox before it is answered."""
        switch = self._behaviour.take(provider.name)
        request = replace(request, serial=next(self._serials))
        reply = self._judge(provider, request, switch)
        if reply.arrived:
            self._keep(provider, request, reply, reply.arrived, switch)
        spoilt = _SPOILT.get(switch.mode)
        return Outcome(spoilt() if spoilt else reply, switch)

    def _judge(self, provider: Provider, request: Request, switch: Switch) -> Reply:
        match switch.mode:
            case "rate_limited":
                return _refusal(provider, request, provider.rate_limited(switch.wait))
            case "refused":
                return _refusal(provider, request, provider.refused())
            case "server_error":
                return _refusal(provider, request, provider.failed())
            case "redirect":
                return _refusal(provider, request, _redirect())
        wait = self._wait(provider, request)
        if wait:
            return _refusal(provider, request, provider.rate_limited(wait))
        return provider.receive(request)

    def _wait(self, provider: Provider, request: Request) -> int:
        if not (self._limits and provider.limits):
            return 0
        key = f"{provider.name} {provider.credential(request.path)}"
        return self._limits.wait_for(key, provider.limits, request.now)

    def _keep(
        self,
        provider: Provider,
        request: Request,
        reply: Reply,
        arrived: Arrived,
        switch: Switch,
    ) -> None:
        query = f"?{mask_query(request.query)}" if request.query else ""
        message = Message(
            provider=provider.name,
            method=request.method,
            path=f"/{provider.name}/{provider.masked(request.path)}{query}",
            at=datetime.fromtimestamp(request.now, UTC),
            accepted=arrived.accepted,
            status=_status(reply, switch),
            code=arrived.code,
            reason=arrived.reason,
            headers=tuple((k, mask_header(k, v)) for k, v in request.headers.items()),
            body=request.body[:MAX_KEPT_BODY].decode("utf-8", "replace"),
            seen=arrived.seen,
            misbehaviour=switch.mode,
        )
        self._inbox.add(message)


def _refusal(provider: Provider, request: Request, reply: Reply) -> Reply:
    # A refused message is shown with its words, as far as the rules can read them.
    judged = provider.receive(request).arrived
    if reply.arrived and judged:
        return replace(reply, arrived=replace(reply.arrived, seen=judged.seen))
    return reply


def _status(reply: Reply, switch: Switch) -> int:
    match switch.mode:
        case "hang" | "reset":
            return 0
        case "garbage" | "huge":
            return 200
        case _:
            return reply.status


def _redirect() -> Reply:
    arrived = Arrived(False, "307", f"redirected to {REDIRECT_TARGET}")
    return Reply(307, (("Location", REDIRECT_TARGET),), b"", arrived)


def _garbage() -> Reply:
    headers = (("Content-Type", "application/json"),)
    return Reply(200, headers, b"<html>\xff\xfe{not what was promised\x00")


def _huge() -> Reply:
    headers = (("Content-Type", "text/plain"),)
    return Reply(200, headers, b"x" * HUGE_ANSWER_BYTES)


# The message is taken all the same: only its answer cannot be read.
_SPOILT: Mapping[str, Callable[[], Reply]] = {
    "garbage": _garbage,
    "huge": _huge,
}
