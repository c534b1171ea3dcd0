"""The signature, checked where REST framework wants it checked."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class SignedUser(AnonymousUser):
    """Whoever knows the secret."""

    @property
    def is_authenticated(self) -> Any:
        return True


class SignatureAuthentication(BaseAuthentication):
    """The same signature, checked where REST framework wants it checked."""

    def authenticate(self, request: Request) -> tuple[SignedUser, str]:
        stamp = request.headers["X-Timestamp"]
        secret = settings.API_SECRET_KEY.encode()
        body = request.body
        signed = hmac.digest(secret, stamp.encode() + body, hashlib.sha256).hex()
        if not hmac.compare_digest(signed, request.headers["X-Signature"]):
            raise AuthenticationFailed
        return SignedUser(), signed
