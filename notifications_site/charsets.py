"""Requests that declare a character set which is none, and would break Django."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import Message
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class KnownCharsets:
    """Hands requests on without a charset that text cannot be read in.

    Django reads the query in the body's charset before any middleware runs, and knows
    no answer to `charset=base64`: a codec that exists and reads no text.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        declared = str(environ.get("CONTENT_TYPE", ""))
        if "charset=" in declared.lower():
            environ["CONTENT_TYPE"] = with_known_charset(declared)
        return self._application(environ, start_response)


def with_known_charset(content_type: str) -> str:
    """Return a Content-Type, without its charset if that reads no text."""
    header = Message()
    header["Content-Type"] = content_type
    if reads_text(str(header.get_param("charset", "utf-8"))):
        return content_type
    header.del_param("charset")
    return str(header["Content-Type"])


def reads_text(charset: str) -> bool:
    """Tell whether bytes can be read as text in a charset."""
    try:
        b"a".decode(charset, "replace")
    except (LookupError, ValueError):
        return False
    return True
