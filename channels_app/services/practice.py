"""Messages to a practice provider: what a template says, carried for real, not logged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.utils import timezone

from channels_app.delivery.addresses import Network
from channels_app.delivery.at_once import Trip, carry_in_order
from channels_app.senders.contract import (
    ContentType,
    HttpSender,
    Message,
    OutgoingRequest,
    SendError,
)
from channels_app.senders.registry import SENDERS, sender_for
from channels_app.services.steps import Step, steps_of
from channels_app.services.trials import rendered_draft
from channels_app.tasks.jobs import new_carrier
from templates_app.services.draft_previews import SAMPLE_MESSAGE_ID

TEST_HEADER = ("X-Notification-Test", "1")
_OUR_OWN: tuple[Network, ...] = (ip_network("127.0.0.1/32"),)


@dataclass(frozen=True)
class PracticeRun:
    """The steps, and the bytes that were carried with their public headers."""

    steps: tuple[Step, ...]
    bodies: tuple[bytes, ...]
    headers: tuple[dict[str, str], ...]


def can_practise(kind: str) -> bool:
    """Return whether a kind's messages are requests, which can be led elsewhere."""
    return isinstance(SENDERS.get(kind), HttpSender)


def practise(kind: str, *, template_key: str, address: str) -> PracticeRun:
    """Send what a template's draft says, by the sender's sample config, to `address`.

    The address is this product's own sandbox; each request bears TEST_HEADER. Raises
    RequestRefusedError as `run_template_test` does, and TypeError for a kind that
    cannot practise.
    """
    sender = sender_for(kind)
    if not isinstance(sender, HttpSender):
        raise TypeError(f"{kind} makes no requests.")
    found = rendered_draft(template_key, kind, sender.sample)
    now = timezone.now()
    message = Message(
        message_id=SAMPLE_MESSAGE_ID,
        subject=found.subject,
        content=found.content,
        content_type=ContentType(found.content_type),
        sent_at=now,
        created_at=now,
        metadata={"template_test": template_key},
    )
    trip = _trip(sender, message, address)
    return PracticeRun(
        steps_of(sender, trip),
        tuple(request.body for request in trip.requests),
        tuple({n.lower(): v for n, v in request.headers} for request in trip.requests),
    )


def _trip(sender: HttpSender, message: Message, address: str) -> Trip:
    try:
        requests = sender.build(sender.sample, message)
    except SendError as error:
        return Trip(code=error.code, detail=error.detail)
    led = tuple(_led_to(address, request) for request in requests)
    is_local = urlsplit(address).hostname == "127.0.0.1"
    with new_carrier(_OUR_OWN if is_local else ()) as carrier:
        return carry_in_order(sender, led, carrier)


def _led_to(address: str, request: OutgoingRequest) -> OutgoingRequest:
    return replace(request, url=address, headers=(*request.headers, TEST_HEADER))
