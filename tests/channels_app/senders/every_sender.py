"""Every sender in the registry, with what its own test file says of it."""

import importlib
import json
from collections.abc import Mapping

import pytest

from channels_app.senders.contract import (
    BlockingSender,
    ContentType,
    HttpSender,
    Message,
    Sender,
)
from channels_app.senders.registry import SENDERS

HTTP = {kind: s for kind, s in SENDERS.items() if isinstance(s, HttpSender)}
BLOCKING = {kind: s for kind, s in SENDERS.items() if isinstance(s, BlockingSender)}

kinds = pytest.mark.parametrize("kind", sorted(SENDERS))
http_kinds = pytest.mark.parametrize("kind", sorted(HTTP))
blocking_kinds = pytest.mark.parametrize("kind", sorted(BLOCKING))


def prepare(sender: Sender, config: Mapping[str, object], sent: Message) -> None:
    """Do what comes before any byte goes out."""
    if isinstance(sender, BlockingSender):
        sender.check(config, sent)
    elif isinstance(sender, HttpSender):
        assert sender.build(config, sent)


def config_of(kind: str) -> dict[str, object]:
    module = importlib.import_module(f"tests.channels_app.senders.test_{kind}")
    return dict(module.CONFIG)


def required_of(kind: str) -> set[str]:
    module = importlib.import_module(f"tests.channels_app.senders.test_{kind}")
    return set(module.REQUIRED)


def contents_of(kind: str) -> Mapping[ContentType, str]:
    module = importlib.import_module(f"tests.channels_app.senders.test_{kind}")
    return {
        ContentType.TEXT: "Zoë: 2 * 3 < 7",
        ContentType.MARKDOWN: "*Zoë* \\- [link](https://e.org/a_b)",
        ContentType.HTML: '<b>Zoë</b> &lt; <a href="https://e.org">link</a>',
        ContentType.JSON: json.dumps(getattr(module, "JSON", None), ensure_ascii=False),
    }


def secrets_of(sender: Sender, config: Mapping[str, object]) -> list[str]:
    values = [config[name] for name in sender.form.secret_fields if name in config]
    texts: list[str] = []
    for value in values:
        texts += value.values() if isinstance(value, dict) else [str(value)]
    return texts
