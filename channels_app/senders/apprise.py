"""Apprise: one address for each of many chat and push services. An optional part."""

from __future__ import annotations

import importlib.util
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_app.senders.answers import one_line, refusal
from channels_app.senders.apprise_errors import APPRISE_ERRORS
from channels_app.senders.bodies import one_line_subject, utf8
from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    ConfigForm,
    ContentType,
    Limits,
    Message,
    NotSentError,
    PermanentSendError,
    Receipt,
    SendError,
    UnknownOutcomeError,
)
from channels_app.senders.http_bytes import http_writes
from channels_app.senders.links import TextField
from channels_app.senders.message_errors import require_text, require_type
from channels_app.senders.redaction import redact

# Schemes of what acts on this machine, reads its files, or sends anything anywhere: no
# setting opens them.
NEVER_OPEN = frozenset(
    {"apprise", "apprises", "blink1", "dbus", "fcm", "form", "forms", "gio", "glib"}
    | {"gnome", "growl", "json", "jsons", "kde", "macosx", "qt", "rsyslog", "smpp"}
    | {"smpps", "syslog", "vapid", "windows", "xml", "xmls"}
)
_STATUS = re.compile(r"\berror\s*[=:]?\s*([1-5][0-9]{2})\b", re.IGNORECASE)
_PASSING = frozenset({408, 425, 429})
# What every service that speaks HTTP logs of an exchange that broke.
_BROKEN = "a connection error occurred"
_FORMATS = {
    ContentType.TEXT: "text",
    ContentType.MARKDOWN: "markdown",
    ContentType.HTML: "html",
}
LONGEST_PUBLIC_PART = 5
_LOADING = Lock()


def is_installed() -> bool:
    return importlib.util.find_spec("apprise") is not None


def open_services() -> frozenset[str]:
    """Return the schemes that an address may begin with."""
    return frozenset(settings.APPRISE_SERVICES) - NEVER_OPEN


def scheme_of(url: str) -> str:
    return url.partition("://")[0].strip().lower() if "://" in url else ""


class AppriseForm(ConfigForm):
    """The address of one service."""

    secret_fields = frozenset({"url"})

    url = TextField(
        label=_("Apprise address"),
        max_length=2048,
        help_text=_(
            "As github.com/caronc/apprise describes it for the service, such as "
            "ntfy://topic or gotify://host/token."
        ),
    )

    def clean_url(self) -> str:
        if not is_installed():
            raise ValidationError(
                _("Apprise is not installed: pip install -r requirements-apprise.txt")
            )
        url: str = self.cleaned_data["url"].strip()
        if not url.isprintable() or not scheme_of(url):
            raise ValidationError(_("Begin with the service, as in ntfy://topic."))
        if scheme_of(url) not in open_services():
            names = ", ".join(sorted(open_services()))
            message = _("This service is not open here. There are: %(names)s.")
            raise ValidationError(message % {"names": names})
        return url


class AppriseSender(BlockingSender):
    """Sends through one service object of Apprise, made for this message alone."""

    kind = "apprise"
    label = _("Apprise")
    form = AppriseForm
    content_types = frozenset(_FORMATS)
    limits = Limits()
    sample: ClassVar = {"url": "gotify://gotify.example/sample"}
    errors: ClassVar = APPRISE_ERRORS
    goes_where_config_says = True

    def destination(self, config: ConfigData) -> str:
        return str(config.get("url", ""))

    def check(self, config: ConfigData, message: Message) -> None:
        require_type(message, self.content_types)
        require_text(message)
        url = str(config.get("url") or "")
        if not url:
            raise PermanentSendError("config_invalid", "url")
        if scheme_of(url) not in open_services():
            raise PermanentSendError("apprise_service_closed", scheme_of(url)[:30])
        if not is_installed():
            raise PermanentSendError("apprise_not_installed")

    def written(self, config: ConfigData, message: Message) -> bytes:
        require_type(message, self.content_types)
        require_text(message)
        title = one_line_subject(_clean(message.subject))
        body = _clean(message.content)
        return utf8("\n\n".join(part for part in (title, body) if part))

    def send(self, config: ConfigData, message: Message, *, seconds: float) -> Receipt:
        self.check(config, message)
        url = str(config["url"])
        written = http_writes()
        with _heard() as lines:
            service = _service(url, seconds)
            is_taken = service is not None and service.notify(
                body=_clean(message.content) or one_line_subject(message.subject),
                title=one_line_subject(_clean(message.subject)),
                body_format=_FORMATS[message.content_type],
            )
        if is_taken:
            return Receipt()
        said = redact(one_line("; ".join(lines)), _parts_of(url))
        if service is None:
            raise PermanentSendError("apprise_url_invalid", said)
        raise _failure(said, has_written=http_writes() > written)


def _failure(said: str, *, has_written: bool) -> SendError:
    """Return what a failure means: Apprise tells the HTTP status at most."""
    found = _STATUS.search(said)
    if not has_written and _BROKEN in said.lower():
        return NotSentError("apprise_unreachable", said)
    if found is None:
        return UnknownOutcomeError("apprise_no_answer", said)
    status = int(found[1])
    is_passing = status >= 500 or status in _PASSING
    code = "apprise_failed" if is_passing else "apprise_refused"
    return refusal(APPRISE_ERRORS, "apprise_limited" if status == 429 else code, said)


def _parts_of(url: str) -> list[str]:
    """Return what may be secret in an address: all of it, and its longer parts."""
    parts = re.split(r"[/:@?&=,]+", url.partition("://")[2])
    return [url, *(part for part in parts if len(part) > LONGEST_PUBLIC_PART)]


def _clean(text: str) -> str:
    return utf8(text).decode()


def _service(url: str, seconds: float) -> Any:
    """Return the service's object, or None if the address is not one of its."""
    # The library and its 170 services take seconds and megabytes to load.
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415
    from apprise.plugins import N_MGR  # noqa: PLC0415

    with _LOADING:
        N_MGR.enable_only(*open_services())
        asset = AppriseAsset(storage_mode="memory")
        service = Apprise.instantiate(url, asset=asset)
    if service is not None:
        # An address can name time limits of its own; ours are shorter.
        service.socket_connect_timeout = seconds / 3
        service.socket_read_timeout = seconds / 2
    return service


class _Ear(logging.Handler):
    """Keeps what one thread writes into Apprise's log."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._lines.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    lines: list[str] = []
    ear = _Ear(lines)
    log = logging.getLogger("apprise")
    log.addHandler(ear)
    try:
        yield lines
    finally:
        log.removeHandler(ear)
