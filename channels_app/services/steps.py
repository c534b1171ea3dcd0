"""The steps of one message to its provider: each done or not, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from channels_app.delivery.addresses import is_literal
from channels_app.delivery.at_once import Trip
from channels_app.delivery.carriage import CarriageOutcome, Carried, Timing
from channels_app.senders.contract import BlockingSender, Receipt, Sender
from channels_app.senders.redaction import redact
from channels_app.services.explanations import known_error

SHOWN_CHARACTERS = 300


class Stage(StrEnum):
    """What a message passes, in this order; a value is a step's name."""

    BUILT = "built"
    FOUND = "found"
    ALLOWED = "allowed"
    CONNECTED = "connected"
    SECURED = "secured"
    ANSWERED = "answered"
    READ = "read"


TITLES = {
    Stage.BUILT: gettext_lazy("Message built"),
    Stage.FOUND: gettext_lazy("Host name looked up"),
    Stage.ALLOWED: gettext_lazy("Address allowed"),
    Stage.CONNECTED: gettext_lazy("Connected"),
    Stage.SECURED: gettext_lazy("Connection secured (TLS)"),
    Stage.ANSWERED: gettext_lazy("Sent and answered"),
    Stage.READ: gettext_lazy("Accepted by the provider"),
}
_STAGE_OF_CODE = {
    "invalid_url": Stage.BUILT,
    "invalid_request": Stage.BUILT,
    "dns_failed": Stage.FOUND,
    "address_refused": Stage.ALLOWED,
    "tls_failed": Stage.SECURED,
    "withdrawn": Stage.ANSWERED,
    "carrier_stopped": Stage.ANSWERED,
}


@dataclass(frozen=True)
class Step:
    """One step: `ok` is None where it was never reached. It holds no secret.

    `seconds` is how long it took, where that is known. `heading` names a step that is
    none of a message's.
    """

    name: str
    ok: bool | None
    evidence: str = ""
    remedy: tuple[str, ...] = ()
    seconds: float | None = None
    heading: StrOrPromise = ""

    @property
    def title(self) -> str:
        """The step's name for people, in the present language."""
        return str(self.heading or TITLES[Stage(self.name)])

    @property
    def milliseconds(self) -> int | None:
        return None if self.seconds is None else round(self.seconds * 1000)


def steps_of(
    sender: Sender, trip: Trip, secrets: Iterable[str] = ()
) -> tuple[Step, ...]:
    """Return what a trip passed, what stopped it, and what it did not reach."""
    stages = _stages(sender, trip)
    stopped = _stopped_at(trip) if trip.code else None
    if stopped is not None and stopped not in stages:
        stopped = Stage.CONNECTED
    found = []
    for stage in stages:
        reached = stopped is None or stages.index(stage) <= stages.index(stopped)
        if not reached:
            found.append(Step(stage, None))
        elif stage is stopped:
            found.append(_failed(stage, sender, trip))
        else:
            found.append(_passed(stage, trip))
    return tuple(_redacted(step, tuple(secrets)) for step in found)


def _stages(sender: Sender, trip: Trip) -> list[Stage]:
    """Return the stages; of what a library does by itself only some are seen."""
    if isinstance(sender, BlockingSender):
        return [Stage.BUILT, Stage.CONNECTED, Stage.ANSWERED, Stage.READ]
    is_plain = any(request.url.startswith("http:") for request in trip.requests)
    return [stage for stage in Stage if stage is not Stage.SECURED or not is_plain]


def _stopped_at(trip: Trip) -> Stage:
    carried = trip.carried
    if carried is None:
        return Stage.BUILT
    if carried.failure is None:
        return Stage.READ
    if carried.failure.code == "connect_timeout" and carried.timing.connect:
        return Stage.SECURED
    is_unknown = carried.failure.outcome is CarriageOutcome.UNKNOWN
    late = Stage.ANSWERED if is_unknown else Stage.CONNECTED
    return _STAGE_OF_CODE.get(carried.failure.code, late)


def _failed(stage: Stage, sender: Sender, trip: Trip) -> Step:
    row = known_error(trip.code, sender.kind)
    if row is None:
        return Step(stage, False, f"{trip.code} {trip.detail}".strip())
    said = f"{row.title}\n{row.cause}"
    detail = f" ({trip.detail})" if trip.detail else ""
    part = _part(trip) if stage is Stage.READ else ""
    return replace(
        Step(stage, False, f"{part}{said}{detail}", tuple(map(str, row.remedy))),
        seconds=_seconds(stage, trip.carried),
    )


def _passed(stage: Stage, trip: Trip) -> Step:
    evidence = {
        Stage.BUILT: _built,
        Stage.FOUND: _found,
        Stage.ALLOWED: _address,
        Stage.ANSWERED: _answer,
        Stage.READ: _receipt,
    }.get(stage)
    text = evidence(trip) if evidence else ""
    is_nothing = stage is Stage.FOUND and is_literal(_host(trip))
    seconds = None if is_nothing else _seconds(stage, trip.carried)
    return Step(stage, True, text, seconds=seconds)


def _built(trip: Trip) -> str:
    sizes = [len(request.body) for request in trip.requests]
    if not sizes:
        return ""
    text = ngettext(
        "%(count)d request of %(bytes)d bytes.",
        "%(count)d requests of %(bytes)d bytes together.",
        len(sizes),
    )
    return text % {"count": len(sizes), "bytes": sum(sizes)}


def _found(trip: Trip) -> str:
    host = _host(trip)
    if is_literal(host):
        return _("%(host)s is an address: there is nothing to look up.") % {
            "host": host
        }
    address = trip.carried.remote_address if trip.carried else ""
    return f"{host} → {address}" if address else host


def _address(trip: Trip) -> str:
    address = trip.carried.remote_address if trip.carried else ""
    return _("%(address)s may be reached.") % {"address": address} if address else ""


def _answer(trip: Trip) -> str:
    answer = trip.carried.answer if trip.carried else None
    if answer is None:
        return ""
    size = len(answer.body)
    return _("HTTP %(status)d with %(bytes)d bytes.") % {
        "status": answer.status,
        "bytes": size,
    }


def _receipt(trip: Trip) -> str:
    carried = trip.carried
    if carried is None:
        return ""
    said = carried.said.detail if isinstance(carried.said, Receipt) else ""
    if carried.answer is not None:
        said = carried.answer.body.decode("utf-8", "replace")
    return said[:SHOWN_CHARACTERS]


def _part(trip: Trip) -> str:
    if len(trip.requests) < 2:
        return ""
    numbers = {"part": trip.part + 1, "parts": len(trip.requests)}
    return _("Part %(part)d of %(parts)d: ") % numbers


def _host(trip: Trip) -> str:
    if not trip.requests:
        return ""
    try:
        return urlsplit(trip.requests[trip.part].url).hostname or ""
    except ValueError:
        return ""


def _seconds(stage: Stage, carried: Carried | None) -> float | None:
    if carried is None:
        return None
    timing = carried.timing
    if timing == Timing(total=timing.total):
        # A library tells no phases, only the whole.
        return timing.total if stage is Stage.ANSWERED else None
    return {
        Stage.FOUND: timing.name_lookup,
        Stage.CONNECTED: timing.connect,
        Stage.SECURED: timing.tls,
        Stage.ANSWERED: timing.first_byte,
    }.get(stage)


def _redacted(step: Step, secrets: tuple[str, ...]) -> Step:
    return replace(step, evidence=redact(step.evidence, secrets))
