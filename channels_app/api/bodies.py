"""The raw bytes of a request: its body within the limit, its target as sent."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from channels_app.services.refusals import RequestRefusedError

MOST_DRAINED = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_KEPT_AS = "notifications.body"


def raw_body(request: HttpRequest) -> bytes:
    """Return the body exactly as sent. Raises RequestRefusedError when too large."""
    kept = request.META.get(_KEPT_AS)
    if isinstance(kept, bytes):
        return kept
    body = _read_chunked(request) if _is_chunked(request) else _read_sized(request)
    request.META[_KEPT_AS] = body
    return body


def request_target(request: HttpRequest) -> bytes:
    """Return the path with its query as on the request line."""
    sent = str(request.META.get("RAW_URI") or request.get_full_path())
    if not sent.startswith("/"):
        # A proxy's request line names the whole address.
        sent = "/" + sent.partition("://")[2].partition("/")[2]
    return sent.encode("latin-1", "replace")


def drain(request: HttpRequest) -> None:
    """Read what the caller still sends, so that the answer reaches it.

    A server that closes a connection with unread input resets it, and the caller
    then sees a broken connection instead of the answer.
    """
    if isinstance(request.META.get(_KEPT_AS), bytes):
        return
    stream = request.META["wsgi.input"] if _is_chunked(request) else request
    left = MOST_DRAINED
    # An OSError means that the caller went away: nobody is left to answer.
    with suppress(OSError):
        while left > 0 and (chunk := stream.read(_CHUNK)):
            left -= len(chunk)


def _is_chunked(request: HttpRequest) -> bool:
    return bool(
        request.META.get("wsgi.input_terminated")
        and "CONTENT_LENGTH" not in request.META
        and request.META.get("HTTP_TRANSFER_ENCODING")
    )


def _read_sized(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as error:
        raise too_large() from error
    except UnreadablePostError as error:
        raise RequestRefusedError(
            "INVALID_REQUEST", _("The request body broke off before its end.")
        ) from error


def _read_chunked(request: HttpRequest) -> bytes:
    """Read a body without a declared length, which Django would take as empty."""
    body: bytes = request.META["wsgi.input"].read(settings.API_BODY_LIMIT + 1)
    if len(body) > settings.API_BODY_LIMIT:
        raise too_large()
    request.META["CONTENT_LENGTH"] = str(len(body))
    return body


def too_large() -> RequestRefusedError:
    """Return the refusal of a body over the limit, with the limit in it."""
    limit = settings.API_BODY_LIMIT
    return RequestRefusedError(
        "PAYLOAD_TOO_LARGE",
        _("The request body is larger than %(limit)d bytes.") % {"limit": limit},
        details={"limit_bytes": limit},
    )
