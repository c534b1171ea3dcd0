"""Each dialect shows a value exactly as it was given."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_lark_markdown,
    escape_markdown_legacy,
    escape_markdown_link,
    escape_markdown_v2,
    escape_slack,
    escape_slack_link,
    link_places,
    neutralise_lark_at,
    plain,
)

ZERO_WIDTH_SPACE = "\u200b"


@pytest.mark.parametrize(
    ("escape", "text", "expected"),
    [
        (plain, "a*b<c>", "a*b<c>"),
        (escape_markdown_v2, "1.5 - (a_b)!", r"1\.5 \- \(a\_b\)\!"),
        (escape_markdown_v2, "[x](y) ~ `z` > # + = | {}", None),
        (escape_markdown_v2, "C:\\dir", r"C:\\dir"),
        (escape_markdown_v2, "张三 😀", "张三 😀"),
        (escape_markdown_legacy, "a_b *c* `d` [e](f)", r"a\_b \*c\* \`d\` \[e](f)"),
        (escape_html, "<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"),
        (escape_html, "</script>", "&lt;/script&gt;"),
        (escape_slack, "<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        (escape_lark_markdown, "**b**", "&#42;&#42;b&#42;&#42;"),
        (escape_lark_markdown, "<at id=all></at>", "&#60;at id=all&#62;&#60;/at&#62;"),
        (escape_lark_markdown, "[a](b)", "&#91;a&#93;&#40;b&#41;"),
        (escape_lark_markdown, "a & b", "a &#38; b"),
        (
            escape_markdown_link,
            "https://x.y/a(b)?c=d e",
            "https://x.y/a%28b%29?c=d%20e",
        ),
        (escape_slack_link, "!channel", "%21channel"),
        (escape_slack_link, "https://x/?a=1&b=2|c", "https://x/?a=1&amp;b=2%7Cc"),
    ],
)
def test_a_value_is_escaped_for_its_dialect(
    escape: Escape, text: str, expected: str | None
) -> None:
    if expected is None:
        expected = re.sub(r"([_*\[\]()~`>#+\-=|{}.!\\])", r"\\\1", text)
    assert escape(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '<at user_id="all">all</at>',
        '<AT user_id="all">',
        '< at user_id="all">',
        "<\tat user_id=all>",
        "<at>",
    ],
)
def test_a_lark_ping_keeps_its_look_and_loses_its_effect(text: str) -> None:
    shown = neutralise_lark_at(text)
    assert shown.replace(ZERO_WIDTH_SPACE, "") == text
    assert not re.search(r"<\s*at\b", shown, re.IGNORECASE)


@pytest.mark.parametrize("first", ["<", "<a", "x <", "< "])
def test_a_lark_ping_cannot_be_put_together_from_two_values(first: str) -> None:
    rest = ('<at user_id="all">').removeprefix(first.strip("x "))
    shown = neutralise_lark_at(first) + neutralise_lark_at(rest)
    assert not re.search(r"<\s*at\b", shown, re.IGNORECASE)


@pytest.mark.parametrize("text", ["a < b", "<attention>", "<b>", "1<2", "plain at x"])
def test_lark_text_that_is_no_ping_is_left_alone(text: str) -> None:
    assert neutralise_lark_at(text) == text


@given(st.text())
def test_escaped_markdown_v2_reads_back_as_it_was(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", escape_markdown_v2(text), flags=re.DOTALL) == text


@given(st.text())
def test_escaped_html_and_lark_markdown_read_back_as_they_were(text: str) -> None:
    clean = text.replace("\r", "")
    for escape in (escape_html, escape_lark_markdown):
        written = escape(clean)
        assert "<" not in written
        assert html.unescape(written) == clean


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        ("[see](", {escape_lark_markdown, escape_markdown_legacy}),
        ("[see](https://x/{{ a }}/", {escape_lark_markdown, escape_markdown_legacy}),
        ("[see](x) ", set()),
        ("(", set()),
        ("<", {escape_slack}),
        ("a < ", set()),
    ],
)
def test_a_link_target_is_recognised_by_what_stands_before(
    before: str, opens: set[Escape]
) -> None:
    assert link_places(before) == opens


def test_a_sign_and_many_spaces_cost_no_more_than_their_length() -> None:
    text = "<" + " " * 200_000 + "/" + " " * 200_000 + "x"
    assert neutralise_lark_at(text) == text
