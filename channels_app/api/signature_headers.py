"""The headers of a signed request: which there must be, and what form they have."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from channels_app.api.callers import caller_address
from channels_app.api.rate_headers import take_for
from channels_app.models import DEFAULT_KEY_ID
from channels_app.services.limits import Limit
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.signatures.known import WHAT_VERSION_2_SIGNS
from channels_app.services.signatures.signature import (
    VERSION_1,
    VERSION_2,
    VERSIONS,
    StampFault,
    is_in_window,
    is_nonce,
    skew_ms,
    stamp_fault,
)

LONGEST_KEY_ID = 64
_KEY_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST_KEY_ID}}}")


@dataclass(frozen=True)
class SignatureHeaders:
    """The headers of a signed request; version 1 makes nothing of a nonce."""

    timestamp: str
    signature: str
    key_id: str
    version: str = VERSION_1
    nonce: str = ""

    @property
    def is_key_id(self) -> bool:
        """Whether a client could have this key id."""
        return _KEY_ID.fullmatch(self.key_id) is not None

    @property
    def limit_subject(self) -> str:
        """Return the key id as limits count it, of a bounded length."""
        return self.key_id[:LONGEST_KEY_ID]


def signature_headers(request: HttpRequest) -> SignatureHeaders:
    """Return the headers of a request whose stamp is in time.

    Raises RequestRefusedError with MISSING_AUTH_HEADERS, INVALID_TIMESTAMP or
    TIMESTAMP_EXPIRED.
    """
    given = request.META
    version = given.get("HTTP_X_SIGNATURE_VERSION") or VERSION_1
    headers = SignatureHeaders(
        given.get("HTTP_X_TIMESTAMP", ""),
        given.get("HTTP_X_SIGNATURE", ""),
        given.get("HTTP_X_KEY_ID") or DEFAULT_KEY_ID,
        version,
        given.get("HTTP_X_NONCE", ""),
    )
    if not headers.timestamp or not headers.signature:
        raise unsigned(request)
    if version != VERSION_1:
        _check_version(request, headers)
    _check_stamp(headers.timestamp)
    return headers


def unsigned(request: HttpRequest) -> RequestRefusedError:
    """Count an unsigned request on its address and return its refusal."""
    return _incomplete(request, ("X-Timestamp", "X-Signature"))


def needs_version_2() -> RequestRefusedError:
    """Return the refusal of a good signature of version 1, where 2 is wanted."""
    return RequestRefusedError(
        "MISSING_AUTH_HEADERS",
        _("This API client takes signatures of version 2 only."),
        hint=_("Send X-Signature-Version: 2 and X-Nonce. %(how)s")
        % {"how": WHAT_VERSION_2_SIGNS},
        details={"missing": ["X-Signature-Version", "X-Nonce"]},
    )


def now_ms() -> int:
    """Return the server's clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _incomplete(
    request: HttpRequest, needed: Sequence[str], hint: str = ""
) -> RequestRefusedError:
    limit = Limit("unsigned", settings.LIMIT_UNSIGNED_PER_MINUTE)
    take_for(request, limit, caller_address(request))
    missing = [name for name in needed if name not in request.headers]
    return RequestRefusedError(
        "MISSING_AUTH_HEADERS", hint=hint, details={"missing": missing}
    )


def _check_version(request: HttpRequest, headers: SignatureHeaders) -> None:
    if headers.version != VERSION_2:
        raise RequestRefusedError(
            "INVALID_SIGNATURE",
            _("There is no such version of the signature."),
            hint=_("X-Signature-Version is 2, or is left out for version 1."),
            details={"known": list(VERSIONS)},
        )
    if not headers.nonce:
        hint = _(
            "Version 2 of the signature needs X-Nonce: a new random text for each "
            "request, 16 to 128 characters."
        )
        raise _incomplete(request, ["X-Nonce"], hint)
    if not is_nonce(headers.nonce):
        raise RequestRefusedError(
            "INVALID_SIGNATURE",
            _("X-Nonce is not usable as a nonce."),
            hint=_(
                "Send 16 to 128 characters: letters, digits and . _ ~ + / = - only; "
                "32 random hex digits, for example."
            ),
        )


def _check_stamp(timestamp: str) -> None:
    fault = stamp_fault(timestamp)
    if fault is StampFault.SECONDS:
        raise RequestRefusedError(
            "INVALID_TIMESTAMP",
            _("X-Timestamp is in seconds."),
            hint=_("You sent seconds, send milliseconds: 13 digits."),
        )
    if fault:
        raise RequestRefusedError("INVALID_TIMESTAMP")
    now = now_ms()
    skew = skew_ms(timestamp, now)
    if not is_in_window(skew):
        server_time = datetime.fromtimestamp(now / 1000, UTC)
        raise RequestRefusedError(
            "TIMESTAMP_EXPIRED",
            details={
                "skew_ms": skew,
                "server_time": server_time.isoformat(timespec="milliseconds"),
                "server_time_ms": now,
            },
        )
