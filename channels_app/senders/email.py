"""E-mail over the mail server of this system's settings."""

from __future__ import annotations

import html
import re
import time
from datetime import timedelta
from email.utils import format_datetime, parseaddr
from typing import ClassVar

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from channels_app.senders.addresses import AddressesField, split_addresses
from channels_app.senders.bodies import utf8
from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    ConfigForm,
    ContentType,
    Limits,
    Message,
    PermanentSendError,
    Receipt,
)
from channels_app.senders.email_errors import EMAIL_ERRORS
from channels_app.senders.message_errors import require_text, require_type
from channels_app.senders.smtp import Progress, deliver

# So long all recipients wait for one that the mail server puts off (greylisting).
PATIENCE = timedelta(minutes=10)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_SHOWN = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ENDS_A_LINE = re.compile(r"<br\b[^>]*>|</(?:p|div|tr|li|h[1-6])\s*>", re.IGNORECASE)
_ENDS_A_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)


class EmailForm(ConfigForm):
    """Who gets the mail, and who it is from."""

    to = AddressesField(
        label=_("To"),
        help_text=_("One address, or several with commas: Zoë <zoe@example.com>."),
    )
    cc = AddressesField(label=_("Copy to"), required=False)
    bcc = AddressesField(label=_("Hidden copy to"), required=False)
    reply_to = AddressesField(label=_("Answers to"), required=False)


# "from" is a word of Python's own, so no attribute can be called that.
EmailForm.base_fields["from"] = AddressesField(
    label=_("From"),
    required=False,
    most=1,
    help_text=_("By default the sender of this system. The mail server may refuse it."),
)


class EmailSender(BlockingSender):
    """Sends one mail to all addresses of the config."""

    kind = "email"
    label = _("E-mail")
    form = EmailForm
    content_types = frozenset(
        {ContentType.TEXT, ContentType.MARKDOWN, ContentType.HTML}
    )
    limits = Limits()
    sample: ClassVar = {"to": "reader@example.com", "from": "notifications@example.com"}
    errors: ClassVar = EMAIL_ERRORS
    goes_where_config_says = False

    def destination(self, config: ConfigData) -> str:
        return f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"

    def check(self, config: ConfigData, message: Message) -> None:
        _require_server()
        _mail(config, message)

    def written(self, config: ConfigData, message: Message) -> bytes:
        return _mail(config, message).message().as_bytes()

    def send(self, config: ConfigData, message: Message, *, seconds: float) -> Receipt:
        _require_server()
        age = message.sent_at - message.created_at
        progress = Progress(time.monotonic() + seconds, is_patient=age < PATIENCE)
        return deliver(_mail(config, message), progress)


def _require_server() -> None:
    if not settings.EMAIL_HOST:
        raise PermanentSendError("email_not_configured", "EMAIL_HOST")


def _mail(config: ConfigData, message: Message) -> EmailMessage:
    require_type(message, EmailSender.content_types)
    require_text(message)
    subject = _subject(message.subject)
    to = split_addresses(config.get("to"))
    if not to:
        raise PermanentSendError("config_invalid", "to")
    sender = next(iter(split_addresses(config.get("from"))), "")
    sender = sender or settings.DEFAULT_FROM_EMAIL
    if not sender:
        raise PermanentSendError("email_not_configured", "DEFAULT_FROM_EMAIL")
    mail = EmailMultiAlternatives(
        subject,
        _body(message),
        sender,
        to,
        cc=split_addresses(config.get("cc")),
        bcc=split_addresses(config.get("bcc")),
        reply_to=split_addresses(config.get("reply_to")),
        headers=_headers(message, sender),
    )
    if message.content_type is ContentType.HTML:
        mail.attach_alternative(_clean(message.content), "text/html")
    return mail


def _headers(message: Message, sender: str) -> dict[str, str]:
    # The same on every try, so that a mailbox shows a repeated mail once.
    domain = parseaddr(sender)[1].rpartition("@")[2].encode("idna").decode()
    return {
        "Message-ID": f"<{message.message_id}@{domain or 'localhost'}>",
        "Date": format_datetime(message.created_at),
        "Auto-Submitted": "auto-generated",
    }


def _subject(subject: str) -> str:
    line = subject.strip()
    if re.search(r"[\r\n]", line):
        raise PermanentSendError("email_subject_broken")
    return " ".join(_clean(line).split())


def _clean(text: str) -> str:
    """Return the text without what no mail can hold: controls, lone surrogates."""
    return utf8(_CONTROLS.sub("\ufffd", text)).decode()


def _body(message: Message) -> str:
    text = _clean(message.content)
    return _text_of(text) if message.content_type is ContentType.HTML else text


def _text_of(markup: str) -> str:
    """Return what HTML says, for mailboxes that show none."""
    shown = _ENDS_A_CELL.sub("  ", _NOT_SHOWN.sub("", markup))
    shown = _ENDS_A_LINE.sub("\n", shown)
    lines = [line.strip() for line in html.unescape(strip_tags(shown)).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
