"""What each channel's content may look like: errors, warnings and where they stand."""

import json

import pytest

from templates_app.engine.problems import Problem
from templates_app.formats.contract import Content, MessageFormat
from templates_app.formats.registry import format_for
from tests.templates_app.formats.bodies import MARKDOWN, card, card_2


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (card_2({**MARKDOWN, "lines": 2}), ["/card/body/elements/0/lines"]),
        (card_2({**MARKDOWN, "i18n_content": {}, "margin": "4px"}), []),
        (card({**MARKDOWN, "lines": 2}), []),
    ],
)
def test_what_an_element_of_a_new_card_may_not_know_is_a_warning(
    body: dict[str, object], expected: list[str]
) -> None:
    problems = format_for("lark").validate(Content("json", "", json.dumps(body)))
    found = [p for p in problems if p.code == "lark_property_unknown"]
    assert [p.where for p in found] == [f"/content_template{at}" for at in expected]
    assert {p.severity for p in found} <= {"warning"}


def errors(kind: str, content_type: str, source: object) -> set[str]:
    text = source if isinstance(source, str) else json.dumps(source)
    problems = format_for(kind).validate(Content(content_type, "", text))
    return {problem.code for problem in problems if problem.severity == "error"}


@pytest.mark.parametrize(
    ("kind", "content_type", "source", "expected"),
    [
        ("lark", "html", "<b>x</b>", {"content_type_refused"}),
        ("slack", "html", "<b>x</b>", {"content_type_refused"}),
        ("email", "json", "{}", {"content_type_refused"}),
        ("webhook", "xml", "x", {"content_type_refused"}),
        ("webhook", "text", " \n", {"content_empty"}),
        ("webhook", "text", "{{ x() }}", {"construct_refused"}),
        ("webhook", "json", "[1]", set()),
        ("webhook", "json", "{", {"invalid_json"}),
        ("lark", "text", "张" * 7_000, {"content_too_large"}),
        ("lark", "json", {"msg_type": "text", "content": {"text": "{{x}}"}}, set()),
        ("lark", "json", {"msg_type": "interactive", "card": {"elements": []}}, set()),
        ("lark", "json", {"msg_type": "interactive", "card": "{{card}}"}, set()),
        ("lark", "json", {"elements": []}, set()),
        ("lark", "json", {"card": {"elements": []}}, set()),
        (
            "lark",
            "json",
            {"msg_type": "post", "content": {"post": {"zh_cn": {}}}},
            {"part_missing"},
        ),
        (
            "lark",
            "json",
            {"msg_type": "interactive", "content": {}},
            {"lark_card_not_content"},
        ),
        ("lark", "json", {"msg_type": "interactive"}, {"part_missing"}),
        ("lark", "json", {"msg_type": "post", "content": {}}, {"part_missing"}),
        ("lark", "json", {"msg_type": "text", "text": "x"}, {"part_missing"}),
        ("lark", "json", {"msg_type": "card"}, {"lark_msg_type_unknown"}),
        ("lark", "json", {"hello": 1}, {"part_missing"}),
        ("lark", "json", card_2(config={"update_multi": False}), {"lark_update_multi"}),
        ("lark", "json", card_2(config={"wide": True}), {"lark_property_unknown"}),
        ("lark", "json", card_2(fallback={}), {"lark_property_unknown"}),
        ("lark", "json", card({"tag": "audio"}), {"lark_tag_unknown"}),
        ("lark", "json", [1], {"not_an_object"}),
        (
            "lark",
            "json",
            json.dumps(
                {"msg_type": "text", "content": {"text": "张" * 7_000}},
                ensure_ascii=False,
            ),
            {"content_too_large"},
        ),
        ("telegram", "json", {"text": "{{x}}", "parse_mode": "HTML"}, set()),
        ("telegram", "json", {"parse_mode": "HTML"}, {"part_missing"}),
        ("telegram", "json", "[]", {"not_an_object"}),
        (
            "telegram",
            "json",
            {"text": "x", "parse_mode": "BBCode"},
            {"telegram_parse_mode_unknown"},
        ),
        (
            "telegram",
            "json",
            {"text": "x", "parse_mode": "{{m}}"},
            {"telegram_parse_mode_open"},
        ),
        ("slack", "json", {"blocks": [{"type": "divider"}]}, set()),
        ("slack", "json", {"channel": "x"}, {"part_missing"}),
        ("slack", "json", [{"type": "divider"}], {"not_an_object"}),
        ("slack", "json", {"blocks": {}}, {"slack_blocks_not_a_list"}),
        (
            "slack",
            "json",
            {"blocks": [{"type": "divider"}] * 51},
            {"slack_too_many_blocks"},
        ),
    ],
)
def test_content_that_the_channel_would_refuse_is_an_error(
    kind: str, content_type: str, source: object, expected: set[str]
) -> None:
    assert errors(kind, content_type, source) == expected


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("lark", Content("json", "", '{"elements": []}'), "lark_bare_card"),
        ("lark", Content("json", "", '{"card": {"elements": []}}'), "lark_bare_card"),
        (
            "telegram",
            Content("text", "", "x" * 5_000),
            "telegram_text_long",
        ),
        ("email", Content("text", "", "hello"), "email_without_subject"),
    ],
)
def test_content_that_may_surprise_is_a_warning(
    kind: str, content: Content, code: str
) -> None:
    (problem,) = format_for(kind).validate(content)
    assert problem.severity == "warning"
    assert problem.code == code


def test_a_problem_says_where_it_is_and_what_to_do() -> None:
    content = Content("json", "", '{\n "msg_type": "text",\n "content": {{x}}}')
    (problem,) = format_for("lark").validate(content)
    assert isinstance(problem, Problem)
    assert (problem.where, problem.line) == ("/content_template", 3)
    assert problem.inside("/contents/lark").where == "/contents/lark/content_template"
    assert problem.as_dict()["severity"] == "error"
    assert problem.remedy


@pytest.mark.parametrize("subject", ["two\nlines", "{{ x() }}", "{{"])
def test_a_subject_is_checked_too(subject: str) -> None:
    found = MessageFormat().validate(Content("text", subject, "hello"))
    assert [problem.where for problem in found] == ["/subject_template"]


@pytest.mark.parametrize(
    ("kind", "content_type", "source", "code", "line", "column"),
    [
        ("email", "html", "<p>\n<a href={{x}}>y</a>", "html_value_unquoted", 2, 9),
        ("email", "html", "<a {{x}}>y</a>", "html_value_unquoted", 1, 4),
        ("email", "html", "<style>\n{{x}}</style>", "html_value_in_script", 2, 1),
        ("email", "html", "a\n <iframe></iframe>", "html_questionable", 2, 2),
        ("email", "html", "<p onclick='x'>y", "html_questionable", 1, 1),
        ("email", "html", "x\n<div>y", "html_questionable", 2, 1),
        ("email", "html", "x</b>", "html_questionable", 1, 2),
        (
            "webhook",
            "text",
            '{"a": "{{x}}"}',
            "webhook_text_looks_like_json",
            None,
            None,
        ),
        ("telegram", "markdown", "ok\n{{x}} *y", "telegram_markup_refused", 2, 7),
        ("telegram", "markdown", "{{x}} 1.5", "telegram_markup_refused", 1, 8),
        ("telegram", "markdown", "\\{{x}}", "telegram_markup_refused", 1, 1),
        ("telegram", "markdown", "_{{x}}_", "telegram_markup_refused", 1, 1),
        (
            "telegram",
            "html",
            "{% for i in x %}<b>{{i}}{% endfor %}",
            "telegram_markup_refused",
            1,
            17,
        ),
        (
            "telegram",
            "json",
            '{"parse_mode": "HTML",\n "text": "\\u00e4\\n\\"<br>"}',
            "telegram_markup_refused",
            2,
            21,
        ),
        ("lark", "markdown", "<at id={{x}}></at>", "lark_at_open", None, None),
        (
            "webhook",
            "text",
            "{% for a in ["
            + "0," * 90
            + "] %}{% for b in ["
            + "0," * 90
            + "] %}{% endfor %}{% endfor %}",
            "loop_budget",
            1,
            None,
        ),
    ],
)
def test_what_shows_only_on_a_closer_look_is_placed(
    kind: str,
    content_type: str,
    source: str,
    code: str,
    line: int | None,
    column: int | None,
) -> None:
    found = format_for(kind).validate(Content(content_type, "S", source))
    assert [(p.code, p.line, p.column) for p in found] == [(code, line, column)]


def test_html_in_order_is_not_questioned() -> None:
    page = """<html><body><p style="color: red">Hi {{x}}<br>
    <a href="https://e.org/{{x|default("a>b")}}">go</a><img src='{{x}}'></body></html>"""
    assert format_for("email").validate(Content("html", "S", page)) == []


def test_the_authors_values_are_tried_too() -> None:
    content = Content(
        "text", "", "{% for i in x %}{% if i > 3 %}{{i}}{% endif %}{% endfor %}"
    )
    lark = format_for("lark")
    assert lark.validate(content) == []
    assert lark.validate(content, {"x": [1, 5]}) == []
    assert [p.code for p in lark.validate(content, {"x": 5})] == ["sample_refused"]
    card = {"msg_type": "text", "content": {"text": "{{x}}"}}
    (found,) = lark.validate(Content("json", "", json.dumps(card)), {"x": "y" * 21_000})
    assert found.code == "content_too_large"
