"""What our validator passes, the sandbox takes; what the sandbox refuses, it refuses."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.templates_app.formats.bodies import (
    BUTTON,
    GOOD,
    MARKDOWN,
    PLAIN,
    SLACK_PLAIN,
    blocks,
    card,
    card_2,
    spoilt,
)
from tests.templates_app.formats.sandbox_judge import (
    passes,
    problems,
    refusal,
    rendered,
)

WORDS = {"a": "one", "b": "two", "c": "three"}
texts = st.text(
    alphabet=st.sampled_from([*"ab 1*_`[]()~>#+-=|{}.!\\<&\"'\n", "😀", "\u202e"]),
    max_size=12,
).map("x{}y".format)
values = st.fixed_dictionaries({"a": texts, "b": texts, "c": texts})
bounded = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_a_good_body_passes_both(kind: str, body: dict[str, Any]) -> None:
    assert problems(kind, body) == []
    assert refusal(kind, rendered(kind, body, WORDS)) == ""


BAD: list[tuple[str, object, str]] = [
    ("lark", {"msg_type": "interactive", "content": {}}, "lark_card_not_content"),
    ("lark", {"msg_type": "text", "content": {"text": ""}}, "part_missing"),
    ("lark", {"msg_type": "image", "content": {"image_key": "x"}}, "lark_key_invalid"),
    (
        "lark",
        {"msg_type": "post", "content": {"post": {"zh": {}}}},
        "lark_language_unknown",
    ),
    (
        "lark",
        {
            "msg_type": "post",
            "content": {"post": {"zh_cn": {"content": [[{"tag": "md", "text": ""}]]}}},
        },
        "lark_tag_unknown",
    ),
    ("lark", card({"tag": "divider"}), "lark_tag_unknown"),
    ("lark", card(BUTTON), "lark_not_in_action"),
    ("lark", card({"tag": "action", "actions": [MARKDOWN]}), "lark_not_an_action"),
    ("lark", card({"tag": "markdown"}), "part_missing"),
    ("lark", card({"tag": "div"}), "part_missing"),
    ("lark", card({"tag": "{{a}}"}), "lark_tag_unknown"),
    ("lark", card({"content": "x"}), "part_missing"),
    ("lark", card(*[{"tag": "hr"}] * 201), "lark_too_many"),
    ("lark", card(*[{"tag": "table"}] * 6), "lark_too_many"),
    ("lark", card(header={"title": "x"}), "part_missing"),
    (
        "lark",
        card(header={"title": PLAIN, "text_tag_list": [{}] * 4}),
        "lark_too_many",
    ),
    ("lark", card(schema="3.0"), "lark_schema_unknown"),
    ("lark", card_2({"tag": "note"}), "lark_tag_removed"),
    ("lark", card_2(MARKDOWN, colour="red"), "lark_property_unknown"),
    ("lark", card_2(MARKDOWN, elements=[]), "lark_property_unknown"),
    ("lark", card_2({**MARKDOWN, "element_id": "1x"}), "lark_element_id_invalid"),
    (
        "lark",
        {"msg_type": "interactive", "card": {"schema": "2.0", "elements": []}},
        "part_missing",
    ),
    (
        "lark",
        {"msg_type": "text", "content": {"text": "张" * 7_000}},
        "content_too_large",
    ),
    ("telegram", {"text": "*x", "parse_mode": "MarkdownV2"}, "telegram_markup_refused"),
    (
        "telegram",
        {"text": "1.5", "parse_mode": "MarkdownV2"},
        "telegram_markup_refused",
    ),
    ("telegram", {"text": "<b>x", "parse_mode": "HTML"}, "telegram_markup_refused"),
    ("telegram", {"text": "a<br>b", "parse_mode": "HTML"}, "telegram_markup_refused"),
    ("telegram", {"text": "*x", "parse_mode": "Markdown"}, "telegram_markup_refused"),
    ("telegram", {"text": "x" * 4_097}, "telegram_text_long"),
    ("telegram", {"text": "<b> </b>", "parse_mode": "HTML"}, "telegram_text_empty"),
    (
        "telegram",
        {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
        "telegram_button_incomplete",
    ),
    (
        "telegram",
        {"text": "x", "reply_markup": {"inline_keyboard": [{}]}},
        "telegram_keyboard_invalid",
    ),
    ("slack", blocks({"type": "section"}), "part_missing"),
    ("slack", blocks({"type": "sectoin", "text": SLACK_PLAIN}), "slack_type_unknown"),
    (
        "slack",
        blocks({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        "slack_type_unknown",
    ),
    (
        "slack",
        blocks({"type": "header", "text": {**SLACK_PLAIN, "text": "x" * 151}}),
        "slack_text_too_long",
    ),
    (
        "slack",
        blocks({"type": "section", "text": {**SLACK_PLAIN, "text": "x" * 3_001}}),
        "slack_text_too_long",
    ),
    (
        "slack",
        blocks({"type": "section", "fields": [SLACK_PLAIN] * 11}),
        "slack_too_many_items",
    ),
    ("slack", blocks({"type": "actions", "elements": []}), "part_missing"),
    ("slack", blocks({"type": "image", "image_url": "x"}), "part_missing"),
    ("slack", {"text": 5}, "not_a_text"),
    ("slack", {"text": " "}, "part_missing"),
    ("slack", {"text": "x", "attachments": "x"}, "not_a_list"),
]


@pytest.mark.parametrize(("kind", "body", "code"), BAD)
def test_what_the_sandbox_refuses_is_refused_before_it_is_saved(
    kind: str, body: object, code: str
) -> None:
    found = problems(kind, body)
    assert refusal(kind, rendered(kind, body, WORDS))
    assert code in {problem.code for problem in found if problem.severity == "error"}
    for problem in found:
        assert problem.line is not None
        assert problem.remedy


@given(spoilt(), values)
@bounded
def test_no_body_that_passes_is_refused_by_the_sandbox(
    drawn: tuple[str, Any], given_values: dict[str, str]
) -> None:
    kind, body = drawn
    if passes(kind, body):
        assert refusal(kind, rendered(kind, body, given_values)) == ""


MARKUP = {
    "MarkdownV2": [
        *("*", "_", "__", "~", "||", "`", "```", "[", "](http://e.org)", "]", "(", ")"),
        *(
            ">",
            "**>",
            "\n",
            "\\",
            "\\*",
            ".",
            "!",
            "![",
            "x",
            " ",
            "{{a}}",
            "(a\\)",
            "#",
        ),
    ],
    "Markdown": ["*", "_", "`", "```", "[", "]", "](e.org)", "\\*", "x", "\n", "{{a}}"],
    "HTML": [
        *("<b>", "</b>", "<i>", "</i>", "<a href='x'>", '<a href="{{a}}">', "</a>"),
        *("<pre>", "</pre>", "<code class=language-py>", "</code>", "<br>", "<", ">"),
        *('<span class="tg-spoiler">', "<span>", "</span>", "&lt;", "&#55296;", "&"),
        *("&#65", "x", " ", "{{a}}", "<blockquote expandable>", "</blockquote>", "</"),
    ],
}


@pytest.mark.parametrize("mode", list(MARKUP))
@given(data=st.data(), given_values=values)
@bounded
def test_no_markup_that_passes_is_refused_by_the_sandbox(
    mode: str, data: st.DataObject, given_values: dict[str, str]
) -> None:
    parts = st.lists(st.sampled_from(MARKUP[mode]), max_size=10)
    body = {"text": "".join(data.draw(parts)), "parse_mode": mode}
    if mode == "Markdown":
        # The older Markdown has no way to show a backtick inside code.
        given_values = {k: v.replace("`", "'") for k, v in given_values.items()}
    if passes("telegram", body):
        assert refusal("telegram", rendered("telegram", body, given_values)) == ""
