"""All message formats by channel kind; a new one is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType

from templates_app.formats.apprise import AppriseFormat
from templates_app.formats.contract import MessageFormat
from templates_app.formats.email import EmailFormat
from templates_app.formats.lark import LarkFormat
from templates_app.formats.plain import PlainFormat
from templates_app.formats.slack import SlackFormat
from templates_app.formats.telegram import TelegramFormat
from templates_app.formats.webhook import WebhookFormat

FORMATS: Mapping[str, MessageFormat] = MappingProxyType(
    {
        kind.kind: kind
        for kind in (
            LarkFormat(),
            TelegramFormat(),
            SlackFormat(),
            WebhookFormat(),
            EmailFormat(),
            AppriseFormat(),
        )
    }
)
_PLAIN = PlainFormat()


def format_for(kind: str) -> MessageFormat:
    """Give the format of a channel kind; kinds without one take everything."""
    return FORMATS.get(kind, _PLAIN)
