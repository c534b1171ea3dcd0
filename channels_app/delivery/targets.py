"""Takes URLs apart the one way that leaves no room for two readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

import idna
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

MAX_URL_LENGTH = 8_192
MAX_HOST_LENGTH = 253

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]|\s")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


class AddressRefusedError(Exception):
    """Raised when a URL or address must not be contacted. Nothing was sent.

    `code` is `invalid_url` or `address_refused`, both keys of CARRIAGE_ERRORS;
    `reason` and `remedy` are translatable sentences without secrets.
    """

    def __init__(self, code: str, reason: StrOrPromise, remedy: StrOrPromise) -> None:
        super().__init__(code, reason, remedy)
        self.code = code
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}"


@dataclass(frozen=True)
class Target:
    """A URL taken apart. `url` is its one spelling: ASCII, without a fragment.

    `host` is lower case, IDN as xn--, without a last dot; an IPv6 address has no brackets.
    """

    scheme: str
    host: str
    port: int
    url: str


def parse_url(url: str) -> Target:
    """Take a URL apart, refusing whatever two parsers could read differently."""
    if len(url) > MAX_URL_LENGTH:
        raise _invalid(_("The URL is too long."))
    if _FORBIDDEN.search(url):
        raise _invalid(
            _("The URL contains a space, a backslash or a control character.")
        )
    match = _URL.fullmatch(url)
    if match is None:
        raise _invalid(_("This is not a complete URL."))
    scheme = match["scheme"].lower()
    if scheme not in ("http", "https"):
        raise _invalid(_("Only http and https URLs can be contacted."))
    host, written_port = _split_authority(match["authority"])
    port = _port(written_port, scheme)
    return Target(scheme, host, port, _spelled(scheme, host, written_port, match))


def _split_authority(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        raise _invalid(
            _("The URL contains a user name or password."),
            _("Remove everything before the @; put credentials into a header."),
        )
    if not authority or authority.startswith(":"):
        raise _invalid(_("The URL names no host."))
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _invalid(_("The host or port of the URL cannot be read."))
    return _host(match["host"]), match["port"]


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except ValueError as error:
            raise _invalid(_("The IPv6 address in the URL is wrong.")) from error
    host = (text.lower() if text.isascii() else _ascii_host(text)).removesuffix(".")
    labels = host.split(".")
    if len(host) > MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
        raise _invalid(_("The host name in the URL is wrong."))
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        _check_dotted_quad(host)
    return host


def _ascii_host(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise _invalid(_("The host name in the URL is wrong.")) from error


def _check_dotted_quad(host: str) -> None:
    try:
        IPv4Address(host)
    except ValueError as error:
        raise _invalid(
            _("The IPv4 address in the URL has an unusual form."),
            _("Write it as four decimal numbers, for example 192.0.2.10."),
        ) from error


def _port(written: str | None, scheme: str) -> int:
    port = int(written) if written is not None else {"http": 80, "https": 443}[scheme]
    if port > 65_535:
        raise _invalid(_("The port in the URL is too large."))
    if port not in (80, 443) and port < 1_024:
        raise _invalid(
            _("This port belongs to another kind of service."),
            _("Use port 80, 443, or one from 1024 up."),
        )
    return port


def _spelled(
    scheme: str, host: str, written_port: str | None, match: re.Match[str]
) -> str:
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if written_port is None else f":{int(written_port)}"
    path = _percent_encoded(match["path"]) or "/"
    query = _percent_encoded(match["query"] or "")
    return f"{scheme}://{shown_host}{shown_port}{path}{query}"


def _percent_encoded(text: str) -> str:
    try:
        return (
            text
            if text.isascii()
            else quote(text, safe="".join(map(chr, range(33, 127))))
        )
    except UnicodeEncodeError as error:
        raise _invalid(_("The URL contains half of a character.")) from error


def _invalid(reason: StrOrPromise, remedy: StrOrPromise = "") -> AddressRefusedError:
    usual = _("Write it in full, for example https://example.com/hooks/1.")
    return AddressRefusedError("invalid_url", reason, remedy or usual)
