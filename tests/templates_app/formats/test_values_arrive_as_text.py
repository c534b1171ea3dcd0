"""Whatever a value holds, the receiver reads it; it is never markup, never a ping."""

import html
import json
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.sandbox.markdown_legacy import parse_markdown
from diagnostics.sandbox.markdown_v2 import parse_markdown_v2
from diagnostics.sandbox.telegram_html import parse_html
from templates_app.engine.budget import MissingPolicy
from templates_app.engine.problems import Severity
from templates_app.formats.compiled import compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for
from tests.templates_app.formats.sandbox_judge import refusal, rendered

VALUES = [
    *(
        "\"q\" and 'q'",
        "C:\\new\\table\\",
        "one\ntwo\r\nthree",
        "{{x}} {% if y %} {# z #}",
    ),
    *(
        "😀👩‍👩‍👧",
        "\u202eevil\u2066 العربية",
        "a\x00b",
        "</script><script>alert(1)</script>",
    ),
    *('<at user_id="all">all</at>', "<at id=all></at>", "<!channel> <!here> <@U1>"),
    *("*b* _i_ ~s~ `c` [l](http://e.org) ||x||", "<b>&amp;</b>", "1. 2! #3 -4 >5 |6"),
    *("\ud800", "&lt;", "![x](tg://user?id=1)", "$x$ :OK: https://e.org", "\\*", "```"),
]
any_text = st.text(max_size=40) | st.lists(st.sampled_from(VALUES), max_size=4).map(
    " ".join
)
bounded = settings(deadline=None, max_examples=200)


def clean(value: str) -> str:
    """A NUL cannot be stored and half a character cannot be sent."""
    return "".join(
        "\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in value
    )


def written(
    kind: str, content_type: str, source: str, value: str, options: Mapping[str, object]
) -> str:
    compiled = compile_content(format_for(kind), Content(content_type, "", source))
    return compiled.render({"v": value}, options, MissingPolicy.REFUSE).content


def v2(text: str) -> str:
    parsed = parse_markdown_v2(text)
    assert [entity.kind for entity in parsed.entities] == ["Bold"]
    return parsed.text


def legacy(text: str) -> str:
    parsed = parse_markdown(text)
    assert [entity.kind for entity in parsed.entities] == ["Bold"]
    return parsed.text


def telegram_html(text: str) -> str:
    parsed = parse_html(text)
    assert [entity.kind for entity in parsed.entities] == ["Bold"]
    return parsed.text


def slack(text: str) -> str:
    assert "<" not in text
    assert ">" not in text
    return html.unescape(text).replace("*Hi*", "Hi")


def lark(text: str) -> str:
    assert "<" not in text
    return html.unescape(text).replace("**Hi**", "Hi", 1)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "b"


def mail(text: str) -> str:
    page = _Page()
    page.feed(text)
    page.close()
    return "".join(page.seen)


Reader = Callable[[str], str]
CHANNELS: list[tuple[str, str, str, Reader, dict[str, object]]] = [
    ("telegram", "markdown", "*Hi* {{v}} end", v2, {}),
    ("telegram", "markdown", "*Hi* {{v}} end", legacy, {"parse_mode": "Markdown"}),
    ("telegram", "html", "<b>Hi</b> {{v}} end", telegram_html, {}),
    ("slack", "markdown", "*Hi* {{v}} end", slack, {}),
    ("lark", "markdown", "**Hi** {{v}} end", lark, {}),
    ("email", "html", "<b>Hi</b> {{v}} end", mail, {}),
    ("email", "text", "Hi {{v}} end", str, {}),
    ("webhook", "text", "Hi {{v}} end", str, {}),
    (
        "webhook",
        "json",
        '{"a": "Hi {{v}} end"}',
        lambda text: str(json.loads(text)["a"]),
        {},
    ),
    ("apprise", "text", "Hi {{v}} end", str, {}),
]


@pytest.mark.parametrize(
    ("kind", "content_type", "source", "read", "options"), CHANNELS
)
@pytest.mark.parametrize("value", VALUES)
def test_it_is_read_as_it_was_given(
    kind: str,
    content_type: str,
    source: str,
    read: Reader,
    options: dict[str, object],
    value: str,
) -> None:
    shown = read(written(kind, content_type, source, value, options))
    assert shown == f"Hi {clean(value)} end"


@pytest.mark.parametrize(
    ("kind", "content_type", "source", "read", "options"), CHANNELS
)
@given(value=any_text)
@bounded
def test_so_is_any_other_text(
    kind: str,
    content_type: str,
    source: str,
    read: Reader,
    options: dict[str, object],
    value: str,
) -> None:
    shown = read(written(kind, content_type, source, value, options))
    if read is mail:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        shown = shown.replace("\r\n", "\n").replace("\r", "\n")
    assert shown == f"Hi {clean(value)} end"


BODIES: list[tuple[str, dict[str, object]]] = [
    ("lark", {"msg_type": "text", "content": {"text": "Hi {{v}}"}}),
    (
        "lark",
        {
            "msg_type": "interactive",
            "card": {
                "header": {"title": {"tag": "plain_text", "content": "{{v}}"}},
                "elements": [{"tag": "markdown", "content": "**{{v}}**"}],
            },
        },
    ),
    (
        "lark",
        {
            "msg_type": "interactive",
            "card": {
                "schema": "2.0",
                "body": {"elements": [{"tag": "markdown", "content": "{{v}}"}]},
            },
        },
    ),
    (
        "slack",
        {
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "Hi {{v}}"}}
            ]
        },
    ),
    ("telegram", {"text": "Hi *{{v}}*", "parse_mode": "MarkdownV2"}),
    ("telegram", {"text": 'Hi <a href="{{v}}">{{v}}</a>', "parse_mode": "HTML"}),
]


PINGS = {"lark": "<at", "slack": "<!", "telegram": "tg://user?id=all"}


@pytest.mark.parametrize(("kind", "body"), BODIES)
@given(value=any_text)
@bounded
def test_no_value_makes_a_body_that_is_refused_or_calls_everybody(
    kind: str, body: dict[str, object], value: str
) -> None:
    sent = rendered(kind, body, {"v": value})
    assert refusal(kind, sent) == ""
    assert isinstance(sent, dict)
    # A card's title is plain text to Lark: an <at> in it is only shown.
    sent.get("card", {}).pop("header", None)
    assert PINGS[kind] not in json.dumps(sent)


TEXT_PIECES = {
    "markdown": [
        "*",
        "_",
        "~",
        "||",
        "`",
        "[x](http://e.org)",
        "\\.",
        "\n",
        ">",
        " w ",
    ],
    "html": [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<a href='{{b}}'>",
        "</a>",
        "&lt;",
        "\n",
        "w",
    ],
}
CONSTRUCTS = [
    *("{{a}}", "{{ b|upper }}", "{{ a|default('-') }}", "{{ c.d }}", "{{ b|tojson }}"),
    *("{% if a %}", "{% if not b %}", "{% else %}", "{% endif %}", "{% endif %}"),
    *("{% for i in a %}", "{{i}}", "{% endfor %}", "{% endfor %}"),
]
some = st.text(alphabet="ab*_[]()~`>#.!<&\"'\\{} \n", max_size=6)


@pytest.mark.parametrize("content_type", ["markdown", "html"])
@given(data=st.data(), given_values=st.fixed_dictionaries({"a": some, "b": some}))
@settings(deadline=None, max_examples=500)
def test_no_template_that_passes_makes_markup_that_telegram_refuses(
    content_type: str, data: st.DataObject, given_values: dict[str, str]
) -> None:
    pieces = st.sampled_from(TEXT_PIECES[content_type] + CONSTRUCTS)
    source = "w " + "".join(data.draw(st.lists(pieces, max_size=9)))
    content = Content(content_type, "", source)
    found = format_for("telegram").validate(content)
    if any(p.severity is Severity.ERROR or "markup" in p.code for p in found):
        return
    compiled = compile_content(format_for("telegram"), content)
    text = compiled.render(given_values, {}, MissingPolicy.KEEP).content
    mode = {"markdown": "MarkdownV2", "html": "HTML"}[content_type]
    assert refusal("telegram", {"text": text, "parse_mode": mode}) == ""
