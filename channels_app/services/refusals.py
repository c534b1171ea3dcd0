"""Why a request is refused: one table of codes, one exception that names a row.

Every code of the API stands here with its HTTP status and the hint that helps when
the place that refuses knows nothing better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class RefusalCode:
    """One machine code: HTTP status, default sentence, default hint."""

    status: int
    message: StrOrPromise
    hint: StrOrPromise
    retry_after: int | None = None


REFUSALS: Mapping[str, RefusalCode] = {
    "INVALID_REQUEST": RefusalCode(
        400,
        _("The request body is not usable."),
        _("Send a JSON object, UTF-8, with Content-Type: application/json."),
    ),
    "MISSING_PARAMETER": RefusalCode(
        400,
        _("A required parameter is missing."),
        _("Add the parameter that the error names."),
    ),
    "INVALID_PARAMETER": RefusalCode(
        400,
        _("A parameter has a wrong value."),
        _("Correct the value that the error names."),
    ),
    "INVALID_CHANNEL_TYPE": RefusalCode(
        400,
        _("There is no such channel."),
        _("Use one of the channel types that the error lists."),
    ),
    "MISSING_CONTENT": RefusalCode(
        400,
        _("The request says nothing to send."),
        _("Give either template_key (with variables) or custom_content."),
    ),
    "TEMPLATE_NOT_FOUND": RefusalCode(
        400,
        _("There is no active template with this key."),
        _("Check the key, or create or activate the template in the admin."),
    ),
    "TEMPLATE_RENDER_ERROR": RefusalCode(
        400,
        _("The template cannot be rendered with these variables."),
        _("Compare the variables with those the template declares."),
    ),
    "USER_NO_CHANNELS": RefusalCode(
        400,
        _("The user has no channel that this notification could go to."),
        _("Add or activate a channel config for the user."),
    ),
    "MISSING_AUTH_HEADERS": RefusalCode(
        401,
        _("The request is not signed."),
        _("Send the headers X-Timestamp and X-Signature."),
    ),
    "INVALID_TIMESTAMP": RefusalCode(
        401,
        _("X-Timestamp is not a time in milliseconds."),
        _("Send the milliseconds since 1970 as 13 digits."),
    ),
    "TIMESTAMP_EXPIRED": RefusalCode(
        401,
        _("X-Timestamp is more than five minutes away from the server's clock."),
        _("Synchronise the clock (NTP), and make a new timestamp for each try."),
    ),
    "REPLAYED_REQUEST": RefusalCode(
        401,
        _("This signature was used before."),
        _("Make a new timestamp and signature for each try."),
    ),
    "UNKNOWN_KEY_ID": RefusalCode(
        401,
        _("X-Key-Id names no active API client."),
        _("Check the key id in the admin under API clients, or leave the header out."),
    ),
    "INVALID_SIGNATURE": RefusalCode(
        401,
        _("X-Signature does not match the request."),
        _(
            "Sign the timestamp directly followed by the raw body (or, for GET, HEAD "
            "and DELETE, the path with its query) with HMAC-SHA256; send lowercase hex."
        ),
    ),
    "INVALID_CREDENTIALS": RefusalCode(
        401,
        _("User name, password or token is wrong."),
        _(
            "Compare it with what the operator set: for Grafana and Alertmanager the "
            "settings BASIC_AUTH_USER and BASIC_AUTH_PASSWORD, for a bridge the token "
            "that the channel config showed when it was made."
        ),
    ),
    "FORBIDDEN": RefusalCode(
        403,
        _("This API client may not do that."),
        _("Ask an administrator to add the scope that the error names."),
    ),
    "NOT_FOUND": RefusalCode(
        404,
        _("There is no such thing here."),
        _("Check the path and the id."),
    ),
    "METHOD_NOT_ALLOWED": RefusalCode(
        405,
        _("This address does not take that method."),
        _("Use one of the methods in the Allow header."),
    ),
    "CONFLICT": RefusalCode(
        409,
        _("The state of this delivery does not allow that."),
        _("Look at its status; some moves are possible in certain states only."),
    ),
    "IDEMPOTENCY_IN_PROGRESS": RefusalCode(
        409,
        _("A request with this idempotency key is being worked on."),
        _("Try again in a moment; the answer will be the first one's."),
        retry_after=1,
    ),
    "PAYLOAD_TOO_LARGE": RefusalCode(
        413,
        _("The request body is too large."),
        _("Send less at once; large texts belong behind a link."),
    ),
    "UNSUPPORTED_MEDIA_TYPE": RefusalCode(
        415,
        _("The body is not JSON."),
        _("Send Content-Type: application/json."),
    ),
    "IDEMPOTENCY_KEY_REUSED": RefusalCode(
        422,
        _("This idempotency key belongs to another request."),
        _("Use a new key for each notification, the same key for its retries only."),
    ),
    "RATE_LIMITED": RefusalCode(
        429,
        _("Too many requests."),
        _("Wait the seconds in Retry-After, then go on more slowly."),
        retry_after=1,
    ),
    "INTERNAL_ERROR": RefusalCode(
        500,
        _("Something went wrong on our side; nothing is lost that was accepted."),
        _("Try again; if it stays, give the operator the request_id."),
    ),
    "MAINTENANCE": RefusalCode(
        503,
        _("The system is in maintenance and takes no notifications."),
        _("Try again after the seconds in Retry-After."),
        retry_after=300,
    ),
    "DEGRADED": RefusalCode(
        503,
        _("This feature is switched off for the moment."),
        _("Try again after the seconds in Retry-After."),
        retry_after=300,
    ),
    "QUEUE_FULL": RefusalCode(
        503,
        _("Too many notifications are waiting to be sent."),
        _("Try again after the seconds in Retry-After."),
        retry_after=30,
    ),
    "DATABASE_UNAVAILABLE": RefusalCode(
        503,
        _("The database cannot be reached or written to."),
        _("Try again after the seconds in Retry-After; operators: look at /health."),
        retry_after=5,
    ),
}


class RequestRefusedError(Exception):
    """A request that is not carried out, for a reason its caller can act on.

    `code` is a key of REFUSALS; `message` and `hint` replace the table's when given;
    `details` go into the answer as they are; `retry_after` is in whole seconds.
    """

    def __init__(
        self,
        code: str,
        message: StrOrPromise = "",
        *,
        hint: StrOrPromise = "",
        details: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        row = REFUSALS[code]
        self.code = code
        self.status = row.status
        self.message = message or row.message
        self.hint = hint or row.hint
        self.details = details
        self.retry_after = retry_after or row.retry_after
        super().__init__(code)
