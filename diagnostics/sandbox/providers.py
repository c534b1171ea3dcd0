"""The providers that are imitated, each with its rules and its way to say no."""

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.sandbox import lark, slack, telegram, webhook
from diagnostics.sandbox.exchange import Reply, Request, mask
from diagnostics.sandbox.rate import Limit


@dataclass(frozen=True)
class Provider:
    """One imitated provider; `secret_at` is the path segment that is a credential."""

    name: str
    label: str
    example: str
    secret_at: int | None
    receive: Callable[[Request], Reply]
    rate_limited: Callable[[int], Reply]
    refused: Callable[[], Reply]
    failed: Callable[[], Reply]
    limits: tuple[Limit, ...] = ()

    def credential(self, path: str) -> str:
        """Return the part of the path that callers are told apart by."""
        parts = path.split("/")
        at = self.secret_at
        return parts[at] if at is not None and at < len(parts) else ""

    def masked(self, path: str) -> str:
        """Return the path with its credential hidden."""
        secret = self.credential(path)
        if not secret:
            return path
        shown = f"bot{mask(secret[3:])}" if self.name == "telegram" else mask(secret)
        return path.replace(secret, shown)


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "lark",
        "Lark",
        "/lark/hook/demo",
        1,
        lark.receive,
        lark.rate_limited,
        lark.refused,
        lark.failed,
        (Limit(5, 1), Limit(100, 60)),
    ),
    Provider(
        "telegram",
        "Telegram",
        f"/telegram/bot{telegram.SAMPLE_BOT}/sendMessage",
        0,
        telegram.receive,
        telegram.rate_limited,
        telegram.refused,
        telegram.failed,
        (Limit(30, 1),),
    ),
    Provider(
        "slack",
        "Slack",
        "/slack/services/T000/B000/demo",
        3,
        slack.receive,
        slack.rate_limited,
        slack.refused,
        slack.failed,
    ),
    Provider(
        "webhook",
        "Webhook",
        "/webhook/demo",
        None,
        webhook.receive,
        webhook.rate_limited,
        webhook.refused,
        webhook.failed,
    ),
)
BY_NAME = {provider.name: provider for provider in PROVIDERS}
