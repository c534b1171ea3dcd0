"""Any text and any value is accepted by an independent judge and shown as given."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import assume, example, given

from channels_app.senders.contract import (
    ContentType,
    OutgoingRequest,
    PermanentSendError,
)
from templates_app.engine.budget import MissingPolicy
from templates_app.formats.compiled import compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for
from tests.channels_app.senders.judge import (
    TELEGRAM_TRIMS,
    bare,
    build,
    lark_lines,
    lark_markdowns,
    slack_body,
    slack_shows,
    telegram_texts,
    webhook_body,
)
from tests.channels_app.senders.texts import (
    TEXTS,
    VALUES,
    bounded,
    fewer,
    long,
    squeezed,
)


@contextmanager
def refusing_only_what_is_too_large(text: str) -> Iterator[None]:
    """Pass over a long text whose escapes go beyond the provider's limit."""
    try:
        yield
    except PermanentSendError as error:
        if error.code != "message_too_large" or len(text.encode()) < 2_500:
            raise
        assume(False)


def check_telegram(requests: tuple[OutgoingRequest, ...], expected: str) -> None:
    texts = telegram_texts(requests)
    if len(texts) == 1:
        assert texts[0] == expected.strip(TELEGRAM_TRIMS)
    # Telegram trims each message; between two of them white space is not seen.
    assert squeezed("".join(texts)) == squeezed(expected)


@pytest.mark.parametrize("mode", ["MarkdownV2", "HTML", "Markdown", "none"])
@bounded
@given(text=TEXTS | TEXTS.map(long))
def test_telegram_shows_any_text_as_it_is(mode: str, text: str) -> None:
    check_telegram(build("telegram", text, config={"parse_mode": mode}), text)


@pytest.mark.parametrize("mode", ["MarkdownV2", "HTML", "Markdown", "none"])
@bounded
@given(subject=TEXTS | TEXTS.map(long), text=TEXTS)
def test_telegram_shows_any_subject_above_the_text(
    mode: str, subject: str, text: str
) -> None:
    requests = build("telegram", text, subject=subject, config={"parse_mode": mode})
    check_telegram(requests, f"{subject.strip()}\n\n{text}")


@pytest.mark.parametrize("msg_type", ["text", "post"])
@bounded
@given(text=TEXTS | TEXTS.map(long))
@example(text="<at" + "\u200b" + '<at user_id="all">')
def test_lark_shows_any_text_as_it_is_and_calls_nobody(
    msg_type: str, text: str
) -> None:
    with refusing_only_what_is_too_large(text):
        requests = build("lark", text, config={"msg_type": msg_type})
    assert lark_lines(requests) == bare(text)


@bounded
@given(text=TEXTS | TEXTS.map(long))
def test_a_lark_card_shows_any_text_as_it_is(text: str) -> None:
    with refusing_only_what_is_too_large(text):
        requests = build("lark", text, config={"msg_type": "interactive"})
    assert lark_markdowns(requests) == [text]


@fewer
@given(subject=TEXTS, text=TEXTS | TEXTS.map(long))
def test_slack_takes_any_text_exactly_and_calls_nobody(subject: str, text: str) -> None:
    assert slack_shows(slack_body(build("slack", text))["text"]) == text
    headed = slack_body(build("slack", text, subject=subject))["text"]
    assert slack_shows(headed) == f"*{' '.join(subject.split())}*\n\n{text}"


@bounded
@given(text=TEXTS | TEXTS.map(long))
def test_a_webhook_gets_any_text_exactly(text: str) -> None:
    assert webhook_body(build("webhook", text))["content"] == text


def rendered(
    kind: str,
    content_type: ContentType,
    source: str,
    value: str,
    config: Mapping[str, object] = {},
) -> tuple[OutgoingRequest, ...]:
    content = Content(content_type.value, "", source)
    compiled = compile_content(format_for(kind), content)
    written = compiled.render({"v": value}, config, MissingPolicy.REFUSE)
    return build(kind, written.content, content_type, config)


TELEGRAM_TEMPLATES = [
    (ContentType.MARKDOWN, "MarkdownV2", "*Hi* {{v}} \\- end", "Hi ", " - end"),
    (ContentType.MARKDOWN, "MarkdownV2", "*_{{v}}_* __||{{v}}||__x", "", "x"),
    (ContentType.MARKDOWN, "MarkdownV2", "a `{{v}}` b", "a ", " b"),
    (ContentType.MARKDOWN, "MarkdownV2", "```py\n{{v}}\n```", "", ""),
    (
        ContentType.MARKDOWN,
        "MarkdownV2",
        "[{{v}}](https://e.org/{{v}}) end",
        "",
        " end",
    ),
    (ContentType.MARKDOWN, "MarkdownV2", ">quoted {{v}}\\!", "quoted ", "!"),
    (ContentType.MARKDOWN, "Markdown", "*Hi* {{v}} end", "Hi ", " end"),
    (
        ContentType.MARKDOWN,
        "Markdown",
        "a [t](https://e.org/{{v}}) {{v}} .",
        "a t ",
        " .",
    ),
    (ContentType.HTML, "MarkdownV2", "<b>Hi</b> {{v}} end", "Hi ", " end"),
    (ContentType.HTML, "HTML", '<a href="https://e.org/{{v}}">{{v}}</a>.', "", "."),
    (ContentType.HTML, "HTML", "<pre><code>{{v}}</code></pre>.", "", "."),
]


@pytest.mark.parametrize(
    ("content_type", "mode", "source", "before", "after"), TELEGRAM_TEMPLATES
)
@bounded
@given(value=VALUES)
def test_telegram_shows_any_value_in_markup_as_it_is(
    content_type: ContentType,
    mode: str,
    source: str,
    before: str,
    after: str,
    value: str,
) -> None:
    requests = rendered("telegram", content_type, source, value, {"parse_mode": mode})
    inside = (
        f"{value} {value}" if source.count("{{v}}") == 2 and "||" in source else value
    )
    assert squeezed("".join(telegram_texts(requests))) == squeezed(
        before + inside + after
    )


@pytest.mark.parametrize(
    "source",
    ["*Hi* {{v}} \\- _end_\n", "> a {{v}}\n\n", "`{{v}}` b\n", "```{{v}}``` c\n"],
)
@fewer
@given(value=VALUES)
def test_telegram_takes_every_piece_of_a_long_template(source: str, value: str) -> None:
    many = source * (6_000 // len(source + value) + 1)
    requests = rendered("telegram", ContentType.MARKDOWN, many[:20_000], value)
    assert telegram_texts(requests)


@pytest.mark.parametrize("mode", ["MarkdownV2", "Markdown", "HTML", ""])
@bounded
@given(value=VALUES)
def test_telegram_shows_any_value_in_its_fields_as_it_is(mode: str, value: str) -> None:
    source = json.dumps({"text": "a {{v}} b", "parse_mode": mode})
    texts = telegram_texts(rendered("telegram", ContentType.JSON, source, value))
    assert texts == [f"a {value} b"]


@bounded
@given(value=VALUES | VALUES.map(long))
def test_lark_shows_any_value_in_markdown_as_it_is(value: str) -> None:
    with refusing_only_what_is_too_large(value):
        requests = rendered("lark", ContentType.MARKDOWN, "**Hi** {{v}} end", value)
    assert lark_markdowns(requests) == [f"Hi {value} end"]


@bounded
@given(value=VALUES)
def test_lark_shows_any_value_in_json_as_it_is(value: str) -> None:
    text = '{"msg_type": "text", "content": {"text": "a {{v}} b"}}'
    assert lark_lines(rendered("lark", ContentType.JSON, text, value)) == bare(
        f"a {value} b"
    )
    card = json.dumps(
        {
            "header": {"title": {"tag": "plain_text", "content": "{{v}}"}},
            "elements": [
                {"tag": "div", "text": {"tag": "lark_md", "content": "a {{v}}"}},
                {"tag": "div", "text": {"tag": "plain_text", "content": "b"}},
                {"tag": "markdown", "content": "{{v}} c"},
            ],
        }
    )
    requests = rendered("lark", ContentType.JSON, card, value)
    assert lark_markdowns(requests) == [f"a {value}", "b", f"{value} c"]


@bounded
@given(value=VALUES | VALUES.map(long))
def test_slack_takes_any_value_in_mrkdwn_exactly(value: str) -> None:
    requests = rendered("slack", ContentType.MARKDOWN, "*Hi* {{v}} end", value)
    assert slack_shows(slack_body(requests)["text"]) == f"*Hi* {value} end"


@bounded
@given(value=VALUES | VALUES.map(long))
def test_slack_takes_any_value_in_blocks_exactly(value: str) -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "a {{v}}"}},
        {"type": "section", "text": {"type": "plain_text", "text": "a {{v}}"}},
    ]
    source = json.dumps({"text": "t {{v}}", "blocks": blocks})
    with refusing_only_what_is_too_large(value):
        requests = rendered("slack", ContentType.JSON, source, value)
    body = slack_body(requests)
    assert slack_shows(body["text"]) == f"t {value}"
    marked, plain = (block["text"]["text"] for block in body["blocks"])
    assert slack_shows(marked) == plain == f"a {value}"


@pytest.mark.parametrize(
    "content_type", [ContentType.TEXT, ContentType.MARKDOWN, ContentType.JSON]
)
@bounded
@given(value=VALUES | VALUES.map(long))
def test_a_webhook_gets_any_value_exactly(
    content_type: ContentType, value: str
) -> None:
    is_json = content_type is ContentType.JSON
    source = '{"content": "a {{v}} b"}' if is_json else "a {{v}} b"
    body = webhook_body(rendered("webhook", content_type, source, value))
    assert body["content"] == f"a {value} b"
