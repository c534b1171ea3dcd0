"""From the body of a batch to its notifications, each checked by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import msgspec
from django.utils.translation import gettext as _

from channels_app.api.parsing import read_whole, wrong_value
from channels_app.api.send_form import (
    LONGEST_IDEMPOTENCY_KEY,
    read_send_form,
    short_text,
    unquoted,
)
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest

MOST_IN_A_BATCH = 1_000
# Each notification's own key ends in its place: "#" and up to three digits.
LONGEST_BATCH_KEY = LONGEST_IDEMPOTENCY_KEY - 4


class BatchForm(msgspec.Struct):
    """A batch, whose notifications are decoded one by one."""

    notifications: list[msgspec.Raw] | None = None
    dry_run: bool | None = None


@dataclass(frozen=True)
class Batch:
    """The notifications of a batch as they were sent, to be sent or only rehearsed."""

    entries: Sequence[msgspec.Raw]
    is_rehearsal: bool = False


_DECODER = msgspec.json.Decoder(BatchForm)


def read_batch(body: bytes) -> Batch:
    """Return a batch whose notifications are not looked into yet.

    Raises RequestRefusedError when the batch as a whole cannot be taken.
    """
    form = read_whole(_DECODER, body)
    entries = form.notifications
    if entries is None:
        raise RequestRefusedError(
            "MISSING_PARAMETER",
            _("notifications is missing."),
            hint=_('Send {"notifications": […]}, each as for a single send.'),
            details={"parameter": "notifications"},
        )
    if not entries:
        raise wrong_value("notifications", _("notifications is empty."))
    if len(entries) > MOST_IN_A_BATCH:
        raise _too_many(len(entries))
    return Batch(entries, bool(form.dry_run))


def read_entries(
    batch: Batch, *, known_channels: Collection[str], header_key: str = ""
) -> tuple[dict[int, NotificationRequest], dict[int, RequestRefusedError]]:
    """Return the requests in a batch, and why others are none, by their places.

    With `header_key`, each notification without a key of its own has one made of it
    and of its place, so that a batch that is sent again sends nothing twice.
    """
    asked: dict[int, NotificationRequest] = {}
    refused: dict[int, RequestRefusedError] = {}
    for index, entry in enumerate(batch.entries):
        body = bytes(entry)
        try:
            if not body.lstrip().startswith(b"{"):
                raise _no_object(index)
            found = read_send_form(body, known_channels=known_channels)
            if found.is_rehearsal and not batch.is_rehearsal:
                raise _lone_rehearsal(index)
            asked[index] = _keyed(found, header_key, index)
        except RequestRefusedError as error:
            refused[index] = error
    return asked, refused


def batch_key(header: str) -> str:
    """Return the key of a batch, bare or quoted in its header; empty without one."""
    key = unquoted(header.strip())
    return short_text("Idempotency-Key", key, LONGEST_BATCH_KEY) if key else ""


def _keyed(
    request: NotificationRequest, header_key: str, index: int
) -> NotificationRequest:
    if not header_key or request.idempotency_key:
        return request
    return replace(request, idempotency_key=f"{header_key}#{index}")


def _lone_rehearsal(index: int) -> RequestRefusedError:
    return wrong_value(
        f"notifications[{index}].dry_run",
        _("One notification of a batch cannot be rehearsed by itself."),
        _("Put dry_run beside notifications: then the whole batch is rehearsed."),
    )


def _too_many(found: int) -> RequestRefusedError:
    return RequestRefusedError(
        "PAYLOAD_TOO_LARGE",
        _("The batch has %(found)d notifications; it may have %(most)d.")
        % {"found": found, "most": MOST_IN_A_BATCH},
        hint=_("Split it into several requests."),
        details={"found": found, "limit": MOST_IN_A_BATCH},
    )


def _no_object(index: int) -> RequestRefusedError:
    return wrong_value(
        f"notifications[{index}]",
        _("A notification must be a JSON object."),
        _("Write each as the body of a single send."),
    )
