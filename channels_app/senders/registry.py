"""Every kind of channel. A new one: a file, a line here, one in pyproject, a test file."""

from collections.abc import Mapping
from types import MappingProxyType

from channels_app.senders.apprise import AppriseSender
from channels_app.senders.contract import BlockingSender, Sender
from channels_app.senders.email import EmailSender
from channels_app.senders.lark import LarkSender
from channels_app.senders.slack import SlackSender
from channels_app.senders.telegram import TelegramSender
from channels_app.senders.webhook import WebhookSender

_ALL: tuple[Sender, ...] = (
    LarkSender(),
    TelegramSender(),
    SlackSender(),
    WebhookSender(),
    EmailSender(),
    AppriseSender(),
)

SENDERS: Mapping[str, Sender] = MappingProxyType(
    {sender.kind: sender for sender in _ALL}
)
BLOCKING_KINDS = frozenset(
    sender.kind for sender in _ALL if isinstance(sender, BlockingSender)
)


class UnknownSenderError(LookupError):
    """Raised when there is no channel of that kind."""

    def __init__(self, kind: str) -> None:
        known = ", ".join(SENDERS)
        super().__init__(f"No channel of kind {kind!r}. There are: {known}.")
        self.kind = kind


def sender_for(kind: str) -> Sender:
    """Return the sender of a kind. Raises UnknownSenderError."""
    try:
        return SENDERS[kind]
    except KeyError:
        raise UnknownSenderError(kind) from None
