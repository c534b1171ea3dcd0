"""Webhooks to any receiver: own method and headers, signed by Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.senders.answers import http_refusal, is_success
from channels_app.senders.bodies import JSON_HEADERS, json_bytes, parsed_content, utf8
from channels_app.senders.contract import (
    Answer,
    ConfigData,
    ConfigForm,
    ContentType,
    HttpSender,
    Limits,
    Message,
    OutgoingRequest,
    PermanentSendError,
    Receipt,
)
from channels_app.senders.headers import HeaderError, HeadersField, read_headers
from channels_app.senders.http_errors import error_table
from channels_app.senders.links import (
    AnyCaseChoiceField,
    LinkField,
    TextField,
    origin_of,
    unencrypted_warnings,
)
from channels_app.senders.message_errors import require_size, require_text

METHODS = ("POST", "PUT", "PATCH", "GET")
BODY_BYTES = 1024 * 1024
LINK_CHARACTERS = 8_000
_RESERVED = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})


class WebhookForm(ConfigForm):
    """Where the message goes, by which method, and how the receiver knows us."""

    secret_fields = frozenset({"headers", "secret"})

    webhook_url = LinkField(
        label=_("Address"),
        help_text=_("The receiver's final address: redirects are not followed."),
    )
    method = AnyCaseChoiceField(
        label=_("Method"),
        required=False,
        choices=[(method, method) for method in METHODS],
        initial="POST",
        help_text=_("With GET, subject and content become query parameters."),
    )
    headers = HeadersField(
        label=_("Own headers"),
        required=False,
        reserved=_RESERVED,
        help_text=_(
            "One a line, “Name: value”; for example what the receiver's owner gave "
            "you as Authorization."
        ),
    )
    secret = TextField(
        label=_("Signing secret"),
        required=False,
        max_length=255,
        help_text=_(
            "Shared with the receiver, who checks webhook-signature with it (Standard "
            "Webhooks). Either whsec_… or any text."
        ),
    )

    def clean_secret(self) -> str:
        secret = str(self.cleaned_data["secret"])
        if secret:
            try:
                secret_key(secret)
            except ValueError as error:
                raise ValidationError(
                    _(
                        "What follows whsec_ is not base64. Copy the secret again, whole."
                    ),
                    code="invalid",
                ) from error
        return secret

    def warnings(self) -> list[StrOrPromise]:
        return unencrypted_warnings(self.cleaned_data["webhook_url"])


class WebhookSender(HttpSender):
    """Sends to any address; success is a status from 200 to 299."""

    kind = "webhook"
    label = _("Webhook")
    form = WebhookForm
    content_types = frozenset(ContentType)
    limits = Limits(body_bytes=BODY_BYTES)
    sample: ClassVar = {"webhook_url": "https://service.example/hook"}
    errors: ClassVar = error_table()

    def destination(self, config: ConfigData) -> str:
        return origin_of(str(config.get("webhook_url", "")))

    def build(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        url = str(config.get("webhook_url") or "")
        method = str(config.get("method") or "POST").upper()
        if not url or method not in METHODS:
            raise PermanentSendError("config_invalid", "webhook_url, method")
        body = _body(message)
        require_size(len(body), BODY_BYTES, "bytes")
        if method == "GET":
            url, body = _link_with(url, message), b""
        headers = _headers(config, message, body)
        return (OutgoingRequest(method, url, headers, body),)

    def probe(self, config: ConfigData) -> OutgoingRequest | None:
        # OPTIONS asks for nothing to be done; an address that is gone answers it so.
        url = str(config.get("webhook_url") or "")
        return OutgoingRequest("OPTIONS", url, _own_headers(config)) if url else None

    def read(self, answer: Answer) -> Receipt:
        if is_success(answer):
            return Receipt()
        raise http_refusal(self.errors, answer)


def secret_key(secret: str) -> bytes:
    """Return the HMAC key: what whsec_ wraps in base64, or the text itself."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    encoded = secret.removeprefix("whsec_")
    padded = encoded + "=" * (-len(encoded) % 4)
    key = base64.b64decode(padded, validate=True)
    if not key:
        raise ValueError("whsec_ is empty")
    return key


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the `webhook-signature` of Standard Webhooks, version 1."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _body(message: Message) -> bytes:
    if message.content_type is ContentType.JSON:
        parsed_content(message.content)
        return utf8(message.content)
    require_text(message)
    return json_bytes(
        {
            "content": message.content,
            "subject": message.subject,
            "timestamp": _iso(message.created_at),
            "metadata": {
                **message.metadata,
                "channel": "webhook",
                "version": "1.0",
                "message_id": message.message_id,
            },
        }
    )


def _iso(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _link_with(url: str, message: Message) -> str:
    """Return the address with the message in its query, behind what is there."""
    values = {
        "subject": message.subject,
        "content": message.content,
        "message_id": message.message_id,
        "timestamp": _iso(message.created_at),
    }
    query = urlencode({k: utf8(v) for k, v in values.items()}, quote_via=quote)
    parts = urlsplit(url)
    joined = "&".join(part for part in (parts.query, query) if part)
    link = urlunsplit(parts._replace(query=joined, fragment=""))
    require_size(len(link), LINK_CHARACTERS, "characters in the address")
    return link


def _headers(
    config: ConfigData, message: Message, body: bytes
) -> tuple[tuple[str, str], ...]:
    timestamp = str(int(message.sent_at.timestamp()))
    own = _own_headers(config)
    named = {name.lower() for name, _value in own}
    defaults = JSON_HEADERS if body and "content-type" not in named else ()
    stamps = [("webhook-id", message.message_id), ("webhook-timestamp", timestamp)]
    secret = str(config.get("secret") or "")
    if secret:
        signature = _signature(secret, message.message_id, timestamp, body)
        stamps.append(("webhook-signature", signature))
    return (*defaults, *own, *stamps)


def _own_headers(config: ConfigData) -> tuple[tuple[str, str], ...]:
    try:
        return read_headers(config.get("headers"), _RESERVED)
    except HeaderError as error:
        raise PermanentSendError("config_invalid", "headers") from error


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    try:
        return sign(secret, message_id, timestamp, body)
    except (binascii.Error, ValueError) as error:
        raise PermanentSendError("config_invalid", "secret") from error
