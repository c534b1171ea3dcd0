"""Who calls: the signature of a request, checked in the order the contract names."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from channels_app.api.bodies import raw_body, request_target
from channels_app.api.callers import caller_address
from channels_app.api.mistakes import SignedRequest, mistake_in
from channels_app.api.rate_headers import keep_allowance
from channels_app.api.signature import (
    METHODS_SIGNED_BY_BODY,
    MUTATING_METHODS,
    StampFault,
    check,
    is_in_window,
    payload_of,
    skew_ms,
    stamp_fault,
)
from channels_app.delivery.once import SignatureUse
from channels_app.models import DEFAULT_KEY_ID, ApiClient, Scope
from channels_app.selectors.clients import Signer, other_secrets, signer_with
from channels_app.services.clients import note_use
from channels_app.services.limits import Limit, count_failure, give_back, take
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import signature_use, use_signature

FAILURE_WINDOW_SECONDS = 300
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LIMIT_SETTINGS = {
    Scope.CONFIGS: ("management", "LIMIT_MANAGEMENT_PER_MINUTE"),
    Scope.TEMPLATES: ("management", "LIMIT_MANAGEMENT_PER_MINUTE"),
    Scope.LOGS: ("logs", "LIMIT_LOGS_PER_MINUTE"),
}


@dataclass(frozen=True)
class Caller:
    """What `request.user` is in the API: the client that signed."""

    client: ApiClient
    is_authenticated: bool = True
    unspent: SignatureUse | None = None

    def may(self, scope: str) -> bool:
        """Tell whether the client has a scope; admin has them all."""
        return scope in self.client.scopes or Scope.ADMIN in self.client.scopes


@dataclass(frozen=True)
class SignatureHeaders:
    """The headers of a signed request."""

    timestamp: str
    signature: str
    key_id: str


class SignatureAuthentication(BaseAuthentication):
    """The signature as REST framework's authentication.

    A request without any of the headers is left to the permission: some views are
    open, and others take another kind of key.
    """

    def authenticate(self, request: Request) -> tuple[Caller, ApiClient] | None:
        """Return (Caller, ApiClient), or None. Raises RequestRefusedError."""
        if not {"X-Timestamp", "X-Signature"} & set(request.headers):
            return None
        caller = signed_caller(request)
        return caller, caller.client


class IsSigned(BasePermission):
    """Lets in who signed, if the client has the view's `required_scope`."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return True. Raises RequestRefusedError otherwise."""
        caller = request.user
        if not isinstance(caller, Caller):
            raise unsigned(request)
        scope = getattr(view, "required_scope", "")
        if scope:
            require_scope(caller, scope)
            limit_by_scope(request, caller, scope)
        return True


def now_ms() -> int:
    """Return the server's clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def signed_caller(request: HttpRequest) -> Caller:
    """Return who signed a request. Raises RequestRefusedError with the reason."""
    caller = caller_with_unspent_signature(request)
    if caller.unspent is not None:
        use_signature(caller.unspent)
    return caller


def caller_with_unspent_signature(request: HttpRequest) -> Caller:
    """Return who signed; whoever calls this spends the signature, if there is one."""
    headers = _headers_of(request)
    _check_stamp(headers.timestamp)
    signer = signer_with(key_id=headers.key_id) if _is_key_id(headers) else None
    if signer is None:
        _count_failure(request, headers)
        raise RequestRefusedError("UNKNOWN_KEY_ID")
    method = request.method or "GET"
    body = raw_body(request) if method in METHODS_SIGNED_BY_BODY else b""
    payload = payload_of(method, body, request_target(request))
    if not check(signer.secret, headers.timestamp, payload, headers.signature):
        _count_failure(request, headers)
        raise _wrong_signature(request, headers, signer)
    unspent = None
    if method in MUTATING_METHODS and settings.API_REFUSE_REPLAYS:
        unspent = signature_use(
            key_id=headers.key_id,
            signature=headers.signature,
            timestamp=headers.timestamp,
        )
    note_use(signer.client)
    return Caller(signer.client, unspent=unspent)


def require_scope(caller: Caller, scope: str) -> None:
    """Raise RequestRefusedError(FORBIDDEN) for a client without the scope."""
    if not caller.may(scope):
        raise RequestRefusedError(
            "FORBIDDEN",
            _("The API client %(key_id)s lacks the scope %(scope)s.")
            % {"key_id": caller.client.key_id, "scope": scope},
            details={"required_scope": scope},
        )


def limit_by_scope(request: HttpRequest, caller: Caller, scope: str) -> None:
    """Count a request on its client's limit for configs and templates, or logs."""
    row = _LIMIT_SETTINGS.get(Scope(scope))
    if row:
        name, setting = row
        limit = Limit(name, getattr(settings, setting))
        keep_allowance(request, take(limit, str(caller.client.pk)))


def limit_sends(request: HttpRequest, caller: Caller, count: int = 1) -> None:
    """Count notifications on their client's limit of sends."""
    allowance = take(_limit_of_sends(caller), str(caller.client.pk), count)
    keep_allowance(request, allowance)


def return_sends(caller: Caller, count: int = 1) -> None:
    """Take a replayed request off its client's limit of sends again."""
    give_back(_limit_of_sends(caller), str(caller.client.pk), count)


def _limit_of_sends(caller: Caller) -> Limit:
    own = caller.client.sends_per_minute
    return Limit("sends", settings.LIMIT_SENDS_PER_MINUTE if own is None else own)


def unsigned(request: HttpRequest) -> RequestRefusedError:
    """Count an unsigned request on its address and return its refusal."""
    limit = Limit("unsigned", settings.LIMIT_UNSIGNED_PER_MINUTE)
    keep_allowance(request, take(limit, caller_address(request)))
    missing = [
        name for name in ("X-Timestamp", "X-Signature") if name not in request.headers
    ]
    return RequestRefusedError("MISSING_AUTH_HEADERS", details={"missing": missing})


def _headers_of(request: HttpRequest) -> SignatureHeaders:
    timestamp = request.headers.get("X-Timestamp", "")
    signature = request.headers.get("X-Signature", "")
    if not timestamp or not signature:
        raise unsigned(request)
    key_id = request.headers.get("X-Key-Id") or DEFAULT_KEY_ID
    return SignatureHeaders(timestamp, signature, key_id)


def _is_key_id(headers: SignatureHeaders) -> bool:
    return _KEY_ID.fullmatch(headers.key_id) is not None


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


def _wrong_signature(
    request: HttpRequest, headers: SignatureHeaders, signer: Signer
) -> RequestRefusedError:
    """Return the refusal; with the mistake named, when the secret was the right one."""
    hint = mistake_in(
        SignedRequest(
            method=request.method or "GET",
            timestamp=headers.timestamp,
            signature=headers.signature,
            body=raw_body(request),
            target=request_target(request),
            host=request.headers.get("Host", ""),
            secret=signer.secret,
            other_secrets=other_secrets(key_id=headers.key_id),
        )
    )
    return RequestRefusedError("INVALID_SIGNATURE", hint=hint or "")


def _count_failure(request: HttpRequest, headers: SignatureHeaders) -> None:
    limit = Limit(
        "bad_signatures", settings.LIMIT_BAD_SIGNATURES, FAILURE_WINDOW_SECONDS
    )
    count_failure(limit, f"{caller_address(request)}:{headers.key_id[:64]}")
