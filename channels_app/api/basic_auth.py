"""HTTP Basic, for programs that can log in but not sign: Grafana and Alertmanager."""

from __future__ import annotations

import base64
import binascii

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from channels_app.api.authentication import Caller
from channels_app.api.callers import caller_address
from channels_app.api.client_figures import note_caller
from channels_app.models import DEFAULT_KEY_ID, ApiClient
from channels_app.selectors.clients import signer_with
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.shared_keys import count_wrong_key, is_key

CHALLENGE = 'Basic realm="notifications", charset="UTF-8"'


class BasicAuthentication(BaseAuthentication):
    """Lets in who knows BASIC_AUTH_USER and BASIC_AUTH_PASSWORD, as the default client."""

    def authenticate(self, request: Request) -> tuple[Caller, ApiClient]:
        """Return (Caller, ApiClient). Raises RequestRefusedError."""
        if not settings.BASIC_AUTH_USER or not settings.BASIC_AUTH_PASSWORD:
            raise RequestRefusedError(
                "NOT_FOUND",
                hint=_("Operators: set BASIC_AUTH_USER and BASIC_AUTH_PASSWORD."),
            )
        _require_login(request)
        signer = signer_with(key_id=DEFAULT_KEY_ID)
        if signer is None:
            raise RequestRefusedError(
                "FORBIDDEN",
                _("The default API client, which alerts are sent as, is switched off."),
            )
        note_caller(request, signer.client)
        return Caller(signer.client), signer.client


class BasicScheme(OpenApiAuthenticationExtension):
    """Tells the description what such a request carries."""

    target_class = "channels_app.api.basic_auth.BasicAuthentication"
    name = "basic"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "The settings BASIC_AUTH_USER and BASIC_AUTH_PASSWORD.",
        }


def _require_login(request: HttpRequest) -> None:
    """Raise unless user and password are right; both are compared in any case."""
    header = request.headers.get("Authorization", "")
    if not header:
        raise RequestRefusedError(
            "MISSING_AUTH_HEADERS",
            _("The request does not log in."),
            hint=_("Send user name and password by HTTP Basic authentication."),
            details={"missing": ["Authorization"]},
        )
    user, password = _login_in(header)
    is_user = is_key(user, settings.BASIC_AUTH_USER)
    is_password = is_key(password, settings.BASIC_AUTH_PASSWORD)
    if is_user and is_password:
        return
    count_wrong_key("BASIC_AUTH_PASSWORD", remote=caller_address(request))
    raise RequestRefusedError("INVALID_CREDENTIALS")


def _login_in(header: str) -> tuple[str, str]:
    """Return user and password; two empty texts, which are never right, for neither."""
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        login = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    user, _colon, password = login.partition(":")
    return user, password
