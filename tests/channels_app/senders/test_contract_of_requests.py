"""What every sender keeps when it makes a request, or sends, of a message."""

import contextlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.senders.contract import ContentType, Message, PermanentSendError
from channels_app.senders.registry import SENDERS
from tests.channels_app.senders.every_sender import (
    BLOCKING,
    HTTP,
    blocking_kinds,
    config_of,
    contents_of,
    http_kinds,
    kinds,
    prepare,
    secrets_of,
)
from tests.channels_app.senders.examples import NOW, message
from tests.channels_app.senders.judge import build_plain, judged

pytestmark = pytest.mark.usefixtures("mail_settings")

NASTY = {
    "quotes": json.dumps({"who": 'Zoë "Q" \\ 张三'}, ensure_ascii=False),
    "lark ping": '<at user_id="all">everybody</at>',
    "slack ping": "<!channel> <!here> <@U123>",
    "emoji": "👩‍👩‍👧 🇩🇪 👍🏽 ❤️",
    "right to left": "שלום \u202eabc\u202c مرحبا",
    "markup": "*_~`[]()#+-=|{}.!>\\ a_b*c `x` [t](u)",
    "html": "<b>&amp;</b> <script>alert(1)</script>",
    "10 kB": "Ünïcode text and more. " * 430,
    "controls": "a\x00b\x07c\u2028d\r\ne",
    "lone surrogate": "a\ud800b",
}


@http_kinds
@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_every_text_makes_a_valid_request(kind: str, value: str) -> None:
    requests = HTTP[kind].build(config_of(kind), message(value, subject=value[:80]))
    assert requests
    for request in requests:
        assert request.method in {"POST", "PUT", "PATCH", "GET"}
        assert request.url.startswith("https://")
        assert request.url.isascii()
        assert isinstance(json.loads(request.body.decode("utf-8")), dict)
        for name, text in request.headers:
            assert (name + text).isascii()
            assert not {"\r", "\n", "\0"} & set(name + text)


@blocking_kinds
@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_every_text_can_be_sent(kind: str, value: str) -> None:
    subject = " ".join(value[:80].split())
    BLOCKING[kind].check(config_of(kind), message(value, subject=subject))


@kinds
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=300), subject=st.text(max_size=50))
def test_any_text_is_sent_or_refused_by_name(
    kind: str, text: str, subject: str
) -> None:
    sender = SENDERS[kind]
    for content_type in ContentType:
        sent = message(text, content_type, subject=subject)
        with contextlib.suppress(PermanentSendError):
            prepare(sender, config_of(kind), sent)


@http_kinds
def test_the_same_values_make_the_same_request(kind: str) -> None:
    sender, config = HTTP[kind], config_of(kind)
    before = repr(config)
    assert sender.build(config, message()) == sender.build(config, message())
    assert repr(config) == before


@http_kinds
def test_a_retry_asks_the_same_but_for_its_time(kind: str) -> None:
    sender, config, first = HTTP[kind], config_of(kind), message()
    again = replace(first, sent_at=NOW + timedelta(hours=2))
    for one, other in zip(
        sender.build(config, first), sender.build(config, again), strict=True
    ):
        assert (one.method, one.url) == (other.method, other.url)


@kinds
def test_what_cannot_be_shown_is_refused_by_name(kind: str) -> None:
    sender = SENDERS[kind]
    refused: list[tuple[Message, str]] = [
        (message(" ", subject=""), "message_empty"),
    ]
    if ContentType.JSON in sender.content_types:
        refused += [
            (message(text, ContentType.JSON), "message_invalid_json")
            for text in ("{", '{"a": NaN}', "[" * 10_000)
        ]
    refused += [
        (message("x", content_type), "content_type_unsupported")
        for content_type in set(ContentType) - sender.content_types
    ]
    for sent, code in refused:
        with pytest.raises(PermanentSendError) as caught:
            prepare(sender, config_of(kind), sent)
        assert caught.value.code == code
        assert code in sender.errors


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [(k, t) for k in sorted(HTTP) for t in sorted(HTTP[k].content_types)],
)
def test_every_message_can_be_said_without_markup(
    kind: str, content_type: ContentType
) -> None:
    content = contents_of(kind)[content_type]
    requests = build_plain(kind, content, content_type)
    shown = [judged(kind, request) for request in requests]
    assert shown
    said = "".join(request.body.decode() for request in requests)
    assert "Zoë" in said
    assert not {"parse_mode", "card"} & json.loads(requests[0].body).keys()


@http_kinds
def test_no_secret_shows_in_a_request(kind: str) -> None:
    sender, config = HTTP[kind], config_of(kind)
    shown = repr(sender.build(config, message())) + repr(sender)
    assert not [secret for secret in secrets_of(sender, config) if secret in shown]
