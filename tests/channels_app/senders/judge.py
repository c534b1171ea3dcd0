"""The sandbox as a judge of our senders: it shares no code with them."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from channels_app.senders.contract import ContentType, HttpSender, OutgoingRequest
from channels_app.senders.registry import SENDERS
from diagnostics.sandbox import lark, webhook
from diagnostics.sandbox.drawing import Run, Seen
from diagnostics.sandbox.exchange import Reply, Request
from diagnostics.sandbox.providers import BY_NAME
from diagnostics.sandbox.telegram import SAMPLE_BOT
from tests.channels_app.senders.examples import NOW, message

CONFIGS: Mapping[str, Mapping[str, object]] = {
    "lark": {
        "webhook_url": "https://lark.test/hook/judge-signed",
        "secret": lark.SIGNED_WITH,
    },
    "telegram": {"bot_token": SAMPLE_BOT, "chat_id": "5"},
    "slack": {"webhook_url": "https://slack.test/services/T000/B000/judge"},
    "webhook": {
        "webhook_url": "https://webhook.test/judge-signed",
        "secret": webhook.SIGNED_WITH,
    },
}
TELEGRAM_TRIMS = " \t\n\v\f\r"
ZERO_WIDTH_SPACE = "\u200b"


def sender_of(kind: str) -> HttpSender:
    sender = SENDERS[kind]
    assert isinstance(sender, HttpSender)
    return sender


def build(
    kind: str,
    content: str,
    content_type: ContentType = ContentType.TEXT,
    config: Mapping[str, object] = {},
    *,
    subject: str = "",
) -> tuple[OutgoingRequest, ...]:
    sent = message(content, content_type, subject=subject)
    return sender_of(kind).build({**CONFIGS[kind], **config}, sent)


def build_plain(
    kind: str, content: str, content_type: ContentType
) -> tuple[OutgoingRequest, ...]:
    sent = message(content, content_type)
    return sender_of(kind).build_plain(CONFIGS[kind], sent)


def judged(kind: str, request: OutgoingRequest) -> Reply:
    """Return the provider's reply to a request it accepts."""
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers}
    arriving = Request(
        request.method,
        parts.path.lstrip("/"),
        parts.query,
        headers,
        request.body,
        NOW.timestamp(),
    )
    reply = BY_NAME[kind].receive(arriving)
    assert reply.arrived is not None
    assert reply.arrived.accepted, (reply.arrived.reason, request.body)
    return reply


def seen(kind: str, request: OutgoingRequest) -> Seen:
    reply = judged(kind, request)
    assert reply.arrived is not None
    return reply.arrived.seen


def pings(drawn: Seen) -> list[Run]:
    """Return what calls somebody."""
    runs = [run for block in drawn.blocks for run in block.runs]
    return [run for run in runs if {"mention", "text_mention"} & set(run.styles)]


def telegram_texts(requests: tuple[OutgoingRequest, ...]) -> list[str]:
    replies = [json.loads(judged("telegram", r).body) for r in requests]
    return [reply["result"]["text"] for reply in replies]


def lark_lines(requests: tuple[OutgoingRequest, ...]) -> str:
    """Return what a Lark text or post shows, without our invisible character."""
    (request,) = requests
    drawn = seen("lark", request)
    assert not pings(drawn)
    return bare("\n".join(block.text for block in drawn.blocks))


def lark_markdowns(requests: tuple[OutgoingRequest, ...]) -> list[str]:
    """Return what each block of a card shows."""
    (request,) = requests
    drawn = seen("lark", request)
    assert not pings(drawn)
    return [block.text for block in drawn.blocks]


def slack_body(requests: tuple[OutgoingRequest, ...]) -> Any:
    (request,) = requests
    assert not pings(seen("slack", request))
    return json.loads(request.body)


def slack_shows(text: str) -> str:
    """Return text as Slack shows it; it knows three entities and no others."""
    assert not {"<", ">"} & set(text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def webhook_body(requests: tuple[OutgoingRequest, ...]) -> Any:
    (request,) = requests
    judged("webhook", request)
    return json.loads(request.body)


def bare(text: str) -> str:
    return text.replace(ZERO_WIDTH_SPACE, "")
