"""From the body of a batch to its notifications, each checked by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from django.utils.translation import gettext as _

from channels_app.api.parsing import read_whole, wrong_value
from channels_app.api.send_form import read_send_form
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest

MOST_IN_A_BATCH = 1_000


class BatchForm(msgspec.Struct):
    """A batch, whose notifications are decoded one by one."""

    notifications: list[msgspec.Raw] | None = None


_DECODER = msgspec.json.Decoder(BatchForm)


def read_batch(body: bytes) -> list[msgspec.Raw]:
    """Return the notifications of a batch as they were sent.

    Raises RequestRefusedError when the batch as a whole cannot be taken.
    """
    entries = read_whole(_DECODER, body).notifications
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
    return entries


def read_entries(
    entries: Sequence[msgspec.Raw], *, known_channels: Collection[str]
) -> tuple[dict[int, NotificationRequest], dict[int, RequestRefusedError]]:
    """Return the requests in a batch, and why others are none, by their places."""
    asked: dict[int, NotificationRequest] = {}
    refused: dict[int, RequestRefusedError] = {}
    for index, entry in enumerate(entries):
        body = bytes(entry)
        try:
            if not body.lstrip().startswith(b"{"):
                raise _no_object(index)
            asked[index] = read_send_form(body, known_channels=known_channels)
        except RequestRefusedError as error:
            refused[index] = error
    return asked, refused


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
