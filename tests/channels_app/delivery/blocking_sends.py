"""Blocking sends in tests: configs, runs of the pump, and a sender that is slow."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from django.db import connections

from channels_app.delivery.carriage import Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.errands import Errand
from channels_app.delivery.pump import Pump, PumpOptions, PumpReport
from channels_app.models import DeliveryAttempt, NotificationLog, UserConfig
from channels_app.senders.contract import (
    BlockingSender,
    ConfigData,
    ContentType,
    Message,
    PermanentSendError,
    Receipt,
    RetryableSendError,
)
from channels_app.senders.email import EmailForm
from tests.channels_app.delivery.deliveries import webhook_config
from tests.channels_app.senders.examples import message


def run(carrier: Carrier) -> PumpReport:
    return Pump(carrier, PumpOptions("w", linger=0.0, max_in_flight=64)).run()


def email_config(**fields: object) -> UserConfig:
    return webhook_config(
        "",
        channel_type="email",
        public_data={"to": ["zoe@example.com"]},
        secret_data=None,
        **fields,
    )


def after(log: NotificationLog) -> tuple[NotificationLog, DeliveryAttempt]:
    log.refresh_from_db()
    return log, log.attempts.latest("number")


@dataclass
class Slow(BlockingSender):
    """Sends when it is let; counts how many do so at once."""

    go: threading.Event = field(default_factory=threading.Event)
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Event = field(default_factory=threading.Event)
    kind = "slow"
    label = "Slow"
    form = EmailForm
    content_types = frozenset({ContentType.TEXT})
    errors = {}
    goes_where_config_says = False

    def destination(self, config: ConfigData) -> str:
        return "slow"

    def check(self, config: ConfigData, message: Message) -> None:
        """Take everything."""

    def written(self, config: ConfigData, message: Message) -> bytes:
        return message.content.encode()

    def send(self, config: ConfigData, message: Message, *, seconds: float) -> Receipt:
        self.started.release()
        assert self.go.wait(20)
        self.ended.set()
        if message.subject == "busy":
            raise RetryableSendError("busy")
        if message.subject == "refused":
            raise PermanentSendError("refused")
        if message.subject == "broken":
            raise RuntimeError("secret-token")
        assert not [c for c in connections.all(initialized_only=True) if c.connection]
        return Receipt(detail=message.content)


def errand(
    sender: Slow, ticket: object, subject: str = "", *, may: bool = True
) -> Errand:
    return Errand(ticket, sender, {}, message(subject=subject), lambda: may)


def all_of(carrier: Carrier, count: int) -> list[Carried]:
    found: list[Carried] = []
    while len(found) < count:
        found += carrier.results(timeout=0.05)
    return found
