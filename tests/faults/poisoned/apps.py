"""Lets the product's webhook sender end its process over certain messages."""

import os

from django.apps import AppConfig

from channels_app.senders.contract import ConfigData, Message, OutgoingRequest
from channels_app.senders.webhook import WebhookSender

POISON = "poison"
build = WebhookSender.build


def poisonable(
    sender: WebhookSender, config: ConfigData, message: Message
) -> tuple[OutgoingRequest, ...]:
    """End this process as a fault in a library of C does: without a word."""
    if POISON in message.content:
        os.abort()
    return build(sender, config, message)


class PoisonedConfig(AppConfig):
    name = "tests.faults.poisoned"

    def ready(self) -> None:
        setattr(WebhookSender, "build", poisonable)  # noqa: B010 - mypy forbids the plain one
