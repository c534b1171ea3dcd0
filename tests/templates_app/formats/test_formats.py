"""What every format keeps, and how values reach each channel as text."""

import json

import pytest

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_lark_markdown,
    escape_markdown_legacy,
    escape_markdown_v2,
    escape_slack,
    plain,
)
from templates_app.formats.compiled import RenderedMessage, compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import FORMATS, format_for

NASTY = '</script> "q" \\ {{x}} <at user_id="all"> <!channel> *b* _i_ 😀'


SHOWN_IN_LARK = NASTY.replace("<at", "<\u200bat")


def render(
    kind: str, content: Content, options: dict[str, object] | None = None
) -> RenderedMessage:
    compiled = compile_content(format_for(kind), content)
    return compiled.render({"x": NASTY, "n": 5}, options or {}, MissingPolicy.KEEP)


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_every_format_keeps_the_contract(kind: str) -> None:
    message_format = FORMATS[kind]
    assert message_format.kind == kind
    assert message_format.content_types
    for content_type in ("text", "markdown", "html", "json"):
        assert message_format.escape_for(content_type, {})("plain words")
    content = Content("text", "S {{x}}", "Hello {{x}}")
    assert message_format.validate(content) == []


def test_an_unknown_kind_takes_everything() -> None:
    assert type(format_for("pigeon")).__name__ == "PlainFormat"
    assert format_for("pigeon").validate(Content("html", "", "<b>{{x}}</b>")) == []


@pytest.mark.parametrize(
    ("kind", "content_type", "options", "escape"),
    [
        ("telegram", "markdown", {}, escape_markdown_v2),
        ("telegram", "markdown", {"parse_mode": "MarkdownV2"}, escape_markdown_v2),
        ("telegram", "markdown", {"parse_mode": "HTML"}, escape_markdown_v2),
        ("telegram", "markdown", {"parse_mode": "Markdown"}, escape_markdown_legacy),
        ("telegram", "html", {}, escape_html),
        ("telegram", "text", {}, plain),
        ("lark", "markdown", {}, escape_lark_markdown),
        ("lark", "text", {"msg_type": "interactive"}, plain),
        ("slack", "markdown", {}, escape_slack),
        ("slack", "text", {}, plain),
        ("email", "html", {}, escape_html),
        ("email", "text", {}, plain),
        ("webhook", "text", {}, plain),
        ("webhook", "html", {}, escape_html),
        ("apprise", "markdown", {}, plain),
    ],
)
def test_texts_are_escaped_for_their_channel(
    kind: str, content_type: str, options: dict[str, object], escape: Escape
) -> None:
    assert format_for(kind).escape_for(content_type, options) is escape


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (
            "lark",
            {"msg_type": "text", "content": {"text": "{{x}}"}},
            {"msg_type": "text", "content": {"text": SHOWN_IN_LARK}},
        ),
        (
            "lark",
            {"msg_type": "text", "content": {"text": "{{n}}"}},
            {"msg_type": "text", "content": {"text": "5"}},
        ),
        (
            "lark",
            {"card": {"elements": [{"tag": "markdown", "content": "**{{x}}**"}]}},
            {
                "card": {
                    "elements": [
                        {
                            "tag": "markdown",
                            "content": f"**{escape_lark_markdown(NASTY)}**",
                        }
                    ]
                }
            },
        ),
        (
            "lark",
            {"text": {"tag": "lark_md", "content": "{{x}}"}},
            {"text": {"tag": "lark_md", "content": escape_lark_markdown(NASTY)}},
        ),
        (
            "lark",
            {"title": {"tag": "plain_text", "content": "{{n}} {{x}}"}},
            {"title": {"tag": "plain_text", "content": f"5 {NASTY}"}},
        ),
        ("lark", {"config": {"count": "{{n}}"}}, {"config": {"count": 5}}),
        ("telegram", {"text": "{{x}}"}, {"text": NASTY}),
        (
            "telegram",
            {"text": "*{{x}}*", "parse_mode": "MarkdownV2"},
            {"text": f"*{escape_markdown_v2(NASTY)}*", "parse_mode": "MarkdownV2"},
        ),
        (
            "telegram",
            {"text": "<b>{{x}}</b>", "parse_mode": "html"},
            {"text": f"<b>{escape_html(NASTY)}</b>", "parse_mode": "html"},
        ),
        (
            "telegram",
            {"text": "{{n}}", "message_thread_id": "{{n}}"},
            {"text": "5", "message_thread_id": 5},
        ),
        ("slack", {"text": "{{x}}"}, {"text": escape_slack(NASTY)}),
        (
            "slack",
            {"blocks": [{"text": {"type": "mrkdwn", "text": "*{{x}}*"}}]},
            {
                "blocks": [
                    {"text": {"type": "mrkdwn", "text": f"*{escape_slack(NASTY)}*"}}
                ]
            },
        ),
        (
            "slack",
            {"blocks": [{"text": {"type": "plain_text", "text": "{{x}}"}}]},
            {"blocks": [{"text": {"type": "plain_text", "text": NASTY}}]},
        ),
        (
            "slack",
            {"attachments": [{"text": "{{x}}", "fields": [{"value": "{{n}}"}]}]},
            {
                "attachments": [
                    {"text": escape_slack(NASTY), "fields": [{"value": "5"}]}
                ]
            },
        ),
        ("webhook", {"a": "{{x}}", "n": "{{n}}"}, {"a": NASTY, "n": 5}),
    ],
)
def test_values_reach_json_as_text(kind: str, body: object, expected: object) -> None:
    rendered = render(kind, Content("json", "", json.dumps(body)))
    assert json.loads(rendered.content) == expected


def test_a_subject_stays_on_one_line_and_is_not_escaped() -> None:
    compiled = compile_content(
        format_for("telegram"), Content("markdown", "S: {{s}}", "{{s}} {{m}}")
    )
    done = compiled.render({"s": "a\r\nb*\u2028c"}, {}, MissingPolicy.KEEP)
    assert done.subject == "S: a b* c"
    assert done.content == "a\r\nb\\*\u2028c \\{\\{m\\}\\}"
    assert done.missing == ("m",)
    assert compiled.names == {"s", "m"}
