"""What libcurl's error codes mean for a request: not sent, or perhaps arrived."""

from __future__ import annotations

import errno

import pycurl

from channels_app.delivery.carriage import CarriageFailure, CarriageOutcome

_DETAIL_LENGTH = 300
_E_TOO_LARGE = 100  # pycurl has no name for it
# libcurl counts an endless head as a failure to receive.
_LONG_HEAD = "Too large response headers"

_BEFORE_BYTES = {
    pycurl.E_COULDNT_RESOLVE_HOST: "dns_failed",
    pycurl.E_SSL_CONNECT_ERROR: "tls_failed",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls_failed",
    pycurl.E_SSL_CERTPROBLEM: "tls_failed",
    pycurl.E_SSL_CIPHER: "tls_failed",
    pycurl.E_SSL_ISSUER_ERROR: "tls_failed",
    pycurl.E_SSL_INVALIDCERTSTATUS: "tls_failed",
    pycurl.E_SSL_CACERT_BADFILE: "tls_failed",
}
_AFTER_BYTES = {
    pycurl.E_OPERATION_TIMEDOUT: "response_timeout",
    pycurl.E_UNSUPPORTED_PROTOCOL: "response_unreadable",  # HTTP/0.9, or no HTTP
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "response_unreadable",  # also HTTP's
    pycurl.E_BAD_CONTENT_ENCODING: "response_unreadable",
    pycurl.E_TOO_MANY_REDIRECTS: "response_unreadable",
    pycurl.E_WRITE_ERROR: "response_unreadable",
    _E_TOO_LARGE: "response_unreadable",
}


def not_sent(code: str, detail: str, *, retryable: bool = True) -> CarriageFailure:
    """Return the failure of a request of which no byte went out."""
    shown = detail[:_DETAIL_LENGTH]
    return CarriageFailure(code, CarriageOutcome.NOT_SENT, shown, retryable)


def unknown(code: str, detail: str) -> CarriageFailure:
    """Return the failure of a request that may have arrived."""
    shown = detail[:_DETAIL_LENGTH]
    return CarriageFailure(code, CarriageOutcome.UNKNOWN, shown, retryable=True)


def before_bytes(curl_code: int, os_error: int, message: str) -> CarriageFailure:
    """Say what went wrong before the first byte of the request."""
    if curl_code == pycurl.E_OPERATION_TIMEDOUT:
        return not_sent("connect_timeout", message)
    if curl_code == pycurl.E_COULDNT_CONNECT and os_error == errno.ECONNREFUSED:
        return not_sent("connection_refused", message)
    return not_sent(_BEFORE_BYTES.get(curl_code, "connection_failed"), message)


def after_bytes(curl_code: int, message: str) -> CarriageFailure:
    """Say what went wrong once the request was on its way."""
    if curl_code == pycurl.E_RECV_ERROR and message.startswith(_LONG_HEAD):
        return unknown("response_unreadable", message)
    return unknown(_AFTER_BYTES.get(curl_code, "connection_reset"), message)
