"""What every sender in the registry keeps. A new sender is covered by being there.

A sender's own test file `test_<kind>.py` holds `CONFIG`, its documented config, and
`REQUIRED`, the fields it cannot do without, and `JSON`, a message to Zoë of its own
shape; its answers lie in `tests/payloads/<kind>`. How the sandbox is reached for a kind
stands in `judge.py`.
"""

import contextlib
import importlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from django import forms
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.senders.contract import (
    Actor,
    Answer,
    BlockingSender,
    ContentType,
    FailureClass,
    HttpSender,
    KnownError,
    Message,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    Sender,
    SendError,
)
from channels_app.senders.registry import SENDERS
from tests.channels_app.senders.examples import NOW, PAYLOADS, answer, message
from tests.channels_app.senders.judge import build_plain, judged

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
GARBAGE = (
    b"",
    b"ok",
    b"\xff\xfe\x00broken",
    b"<html><title>Login</title><body>please</body></html>",
    b"[" * 10_000,
    b'{"code":' * 5_000,
    b"null",
    b"[]",
    b'{"code":"0"}',
    b'{"code":true}',
    b'{"ok":true}',
    b'{"ok":"yes"}',
    b'{"ok":false}',
    b'{"ok":false,"error_code":"x","parameters":[1]}',
    b'{"ok":false,"error_code":429,"parameters":{"retry_after":1e400}}',
    b"9" * 5_000,
    "\u202e\u0000".encode(),
)

HTTP = {kind: s for kind, s in SENDERS.items() if isinstance(s, HttpSender)}
BLOCKING = {kind: s for kind, s in SENDERS.items() if isinstance(s, BlockingSender)}

kinds = pytest.mark.parametrize("kind", sorted(SENDERS))
http_kinds = pytest.mark.parametrize("kind", sorted(HTTP))
blocking_kinds = pytest.mark.parametrize("kind", sorted(BLOCKING))


@pytest.fixture(scope="module", autouse=True)
def mail_server() -> Iterator[None]:
    with override_settings(EMAIL_HOST="127.0.0.1", DEFAULT_FROM_EMAIL="a@example.com"):
        yield


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


def bodies_of(kind: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((PAYLOADS / kind).iterdir())]


def outcome(sender: HttpSender, given_answer: Answer) -> SendError | None:
    try:
        receipt = sender.read(given_answer)
    except SendError as error:
        return error
    assert isinstance(receipt, Receipt)
    return None


@kinds
def test_a_sender_names_itself_completely(kind: str) -> None:
    sender = SENDERS[kind]
    assert sender.kind == kind
    assert str(sender.label)
    assert ContentType.TEXT in sender.content_types
    assert sender.form.secret_fields <= sender.form.base_fields.keys()


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


@kinds
def test_a_config_without_its_required_fields_is_refused(kind: str) -> None:
    sender = SENDERS[kind]
    for name in required_of(kind):
        broken = {k: v for k, v in config_of(kind).items() if k != name}
        assert name in sender.form(data=broken).errors
        with pytest.raises(PermanentSendError) as caught:
            prepare(sender, broken, message())
        assert caught.value.code == "config_invalid"


@kinds
def test_the_documented_config_is_accepted_and_can_be_sent_with(kind: str) -> None:
    form = SENDERS[kind].form(data=config_of(kind))
    assert form.is_valid(), form.errors
    assert form.warnings() == []
    prepare(SENDERS[kind], form.cleaned_data, message())
    json.dumps(form.cleaned_data)


@kinds
@pytest.mark.parametrize(
    "value",
    [[], {}, 7, True, None, "\0", "\ud800", "x" * 100_000, {"a": [1]}, "a: b\r\nc: d"],
    ids=repr,
)
def test_no_value_of_a_wrong_type_breaks_the_form(kind: str, value: object) -> None:
    for name in SENDERS[kind].form.base_fields:
        form = SENDERS[kind].form(data={**config_of(kind), name: value})
        if form.is_valid():
            assert isinstance(form.warnings(), list)


@kinds
def test_every_field_tells_a_person_what_it_is(kind: str) -> None:
    for name, field in SENDERS[kind].form.base_fields.items():
        assert str(field.label or ""), name
        if field.required:
            assert len(str(field.help_text)) > 20, name


@kinds
def test_the_destination_stays_the_same(kind: str) -> None:
    sender, config = SENDERS[kind], config_of(kind)
    assert sender.destination(config)
    assert sender.destination(config) == sender.destination(dict(config))


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


@http_kinds
@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_no_secret_shows_in_an_error_that_echoes_the_request(
    kind: str, status: int
) -> None:
    sender, config = HTTP[kind], config_of(kind)
    for request in sender.build(config, message()):
        echo = f"cannot {request.method} {request.url}; {dict(request.headers)}"
        for body in (
            echo,
            json.dumps({"code": 19001, "msg": echo}),
            json.dumps({"ok": False, "error_code": 400, "description": echo}),
        ):
            error = outcome(sender, answer(status, body))
            shown = f"{error} {error!r} {error.detail if error else ''}"
            secrets = secrets_of(sender, config)
            assert not [secret for secret in secrets if secret in shown]


@http_kinds
def test_every_answer_has_an_outcome_that_is_explained(kind: str) -> None:
    sender = HTTP[kind]
    for status, body in itertools.product(
        range(100, 600), (*bodies_of(kind), *GARBAGE)
    ):
        error = outcome(sender, answer(status, body, {"retry-after": "7"}))
        if error is None:
            assert 200 <= status < 300
        else:
            check_error(sender, error)


@http_kinds
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.integers(100, 999),
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "code",
                        "msg",
                        "ok",
                        "error_code",
                        "description",
                        "parameters",
                        "retry_after",
                        "migrate_to_chat_id",
                        "result",
                        "message_id",
                        "error",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    wait=st.text(st.characters(max_codepoint=255), max_size=40)
    | st.integers().map(str),
)
def test_no_answer_whatever_breaks_a_sender(
    kind: str, status: int, body: bytes, wait: str
) -> None:
    sender = HTTP[kind]
    error = outcome(sender, answer(status, body, {"retry-after": wait}))
    if error is not None:
        check_error(sender, error)


def check_error(sender: Sender, error: SendError) -> None:
    row = sender.errors[error.code]
    is_retryable = row.failure is FailureClass.RETRYABLE
    assert isinstance(error, RetryableSendError) == is_retryable
    assert len(error.detail) <= 500
    assert error.detail.isprintable()
    if isinstance(error, RetryableSendError) and error.retry_after is not None:
        assert 0 <= error.retry_after <= 24 * 3600


@http_kinds
def test_every_real_answer_is_understood(kind: str) -> None:
    assert bodies_of(kind), "put the provider's answers under tests/payloads"


@pytest.mark.parametrize(
    ("kind", "row"),
    [(kind, row) for kind in sorted(SENDERS) for row in SENDERS[kind].errors.values()],
    ids=lambda value: value.code if isinstance(value, KnownError) else value,
)
def test_every_known_error_says_what_to_do(kind: str, row: KnownError) -> None:
    assert SENDERS[kind].errors[row.code] is row
    assert str(row.title)
    assert str(row.cause)
    assert str(row.verify)
    assert row.remedy
    assert all(str(step) for step in row.remedy)
    assert isinstance(row.actor, Actor)
    assert not str(row.title).endswith(".")
    assert str(row.cause).endswith(".")


@kinds
def test_forms_do_no_work_but_checking(kind: str) -> None:
    for field in SENDERS[kind].form.base_fields.values():
        assert isinstance(field, forms.Field)
        assert not isinstance(field, forms.FileField | forms.ModelChoiceField)
