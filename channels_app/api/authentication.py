"""Who calls: the signature of a request, checked in the order the contract names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from channels_app.api.bodies import raw_body, request_target
from channels_app.api.callers import caller_address
from channels_app.api.client_figures import note_caller
from channels_app.api.rate_headers import count_failure_for, take_for
from channels_app.api.signature_headers import (
    SignatureHeaders,
    needs_version_2,
    signature_headers,
    unsigned,
)
from channels_app.delivery.once import SignatureUse
from channels_app.models import ApiClient, Scope
from channels_app.selectors.clients import Signer, other_secrets, signer_with
from channels_app.services.clients import note_use
from channels_app.services.limits import Limit, give_back
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import nonce_use, signature_use, use_signature
from channels_app.services.signatures.known import WHAT_VERSION_2_SIGNS
from channels_app.services.signatures.mistakes import SignedRequest, mistake_in
from channels_app.services.signatures.mistakes_v2 import mistake_in_v2
from channels_app.services.signatures.signature import (
    METHODS_SIGNED_BY_BODY,
    MUTATING_METHODS,
    VERSION_2,
    is_signed_with,
    message_1,
    message_2,
)

FAILURE_WINDOW_SECONDS = 300
_LIMITS = {
    Scope.CONFIGS: "management",
    Scope.TEMPLATES: "management",
    Scope.LOGS: "logs",
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


def signed_caller(request: HttpRequest) -> Caller:
    """Return who signed a request. Raises RequestRefusedError with the reason."""
    caller = caller_with_unspent_signature(request)
    if caller.unspent is not None:
        use_signature(caller.unspent)
    return caller


def caller_with_unspent_signature(request: HttpRequest) -> Caller:
    """Return who signed; whoever calls this spends the signature, if there is one."""
    headers = signature_headers(request)
    signer = signer_with(key_id=headers.key_id) if headers.is_key_id else None
    if signer is None:
        _count_failure(request, headers)
        raise RequestRefusedError("UNKNOWN_KEY_ID")
    note_caller(request, signer.client)
    secret = _secret_that_signed(request, headers, signer)
    if secret is None:
        _count_failure(request, headers)
        raise _wrong_signature(request, headers, signer)
    if signer.client.needs_signature_v2 and headers.version != VERSION_2:
        raise needs_version_2()
    note_use(signer.client, is_old=secret != signer.secret)
    return Caller(signer.client, unspent=_unspent(request, headers))


def _secret_that_signed(
    request: HttpRequest, headers: SignatureHeaders, signer: Signer
) -> str | None:
    message = _signed_message(request, headers)
    for secret in signer.secrets:
        if is_signed_with(secret, message, headers.signature):
            return secret
    return None


def _signed_message(request: HttpRequest, headers: SignatureHeaders) -> bytes:
    method, target = request.method or "GET", request_target(request)
    if headers.version == VERSION_2:
        body = raw_body(request)
        return message_2(method, headers.timestamp, headers.nonce, target, body)
    body = raw_body(request) if method in METHODS_SIGNED_BY_BODY else b""
    return message_1(method, headers.timestamp, target, body)


def _unspent(request: HttpRequest, headers: SignatureHeaders) -> SignatureUse | None:
    if request.method not in MUTATING_METHODS or not settings.API_REFUSE_REPLAYS:
        return None
    if headers.version == VERSION_2:
        return nonce_use(key_id=headers.key_id, nonce=headers.nonce)
    return signature_use(
        key_id=headers.key_id,
        signature=headers.signature,
        timestamp=headers.timestamp,
    )


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
    name = _LIMITS.get(Scope(scope))
    if name:
        take_for(request, _limit_of(caller.client, name), str(caller.client.pk))


def limit_sends(request: HttpRequest, caller: Caller, count: int = 1) -> None:
    """Count notifications on their client's limit of sends."""
    limit = _limit_of(caller.client, "sends")
    take_for(request, limit, str(caller.client.pk), count)


def return_sends(caller: Caller, count: int = 1) -> None:
    """Take a replayed request off its client's limit of sends again."""
    give_back(_limit_of(caller.client, "sends"), str(caller.client.pk), count)


def _limit_of(client: ApiClient, name: str) -> Limit:
    """Return a client's own limit, or that of the settings."""
    own: int | None = getattr(client, f"{name}_per_minute")
    if own is not None:
        return Limit(name, own)
    return Limit(name, getattr(settings, f"LIMIT_{name.upper()}_PER_MINUTE"))


def _wrong_signature(
    request: HttpRequest, headers: SignatureHeaders, signer: Signer
) -> RequestRefusedError:
    """Return the refusal; with the mistake named, when the secret was the right one."""
    is_second = headers.version == VERSION_2
    find = mistake_in_v2 if is_second else mistake_in
    sent = SignedRequest(
        method=request.method or "GET",
        timestamp=headers.timestamp,
        signature=headers.signature,
        body=raw_body(request),
        target=request_target(request),
        host=request.headers.get("Host", ""),
        secret="",
        other_secrets=other_secrets(key_id=headers.key_id),
        nonce=headers.nonce,
    )
    tries = (find(replace(sent, secret=secret)) for secret in signer.secrets)
    mistake = next((found for found in tries if found), None)
    general = WHAT_VERSION_2_SIGNS if is_second else ""
    hint = mistake.hint if mistake else general
    return RequestRefusedError("INVALID_SIGNATURE", hint=hint)


def _count_failure(request: HttpRequest, headers: SignatureHeaders) -> None:
    limit = Limit(
        "bad_signatures", settings.LIMIT_BAD_SIGNATURES, FAILURE_WINDOW_SECONDS
    )
    count_failure_for(
        request, limit, f"{caller_address(request)}:{headers.limit_subject}"
    )
