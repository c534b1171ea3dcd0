"""Whatever the template and the values are: no crash, valid JSON, escaped values."""

import json
import re
from contextlib import suppress

from hypothesis import example, given, settings
from hypothesis import strategies as st

from templates_app.engine.errors import SourceError, TemplateError
from templates_app.engine.escapes import escape_html, escape_markdown_v2
from templates_app.engine.json_content import compile_json
from templates_app.engine.text import compile_text
from templates_app.formats.contract import Content
from templates_app.formats.registry import FORMATS

KEYS = [
    "text",
    "tag",
    "content",
    "type",
    "card",
    "msg_type",
    "blocks",
    "parse_mode",
    "attachments",
    "post",
]
SPECIAL = re.compile(r"(?<!\\)(?:\\\\)*[_*\[\]()~`>#+\-=|{}.!]")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(max_size=5), children, max_size=4)
    ),
    max_leaves=8,
)
names = st.sampled_from(["a", "b", "c.d", "a|upper", "b|default('-')", "a|tojson"])
pieces = st.one_of(
    st.text(alphabet=st.characters(exclude_characters="{}%#\x00", codec="utf-8")),
    names.map("{{{{ {} }}}}".format),
    names.map("{{% if {} %}}y{{% endif %}}".format),
    names.map("{{% for i in {} %}}{{{{ i }}}},{{% endfor %}}".format),
)
texts = st.lists(pieces, max_size=5).map("".join)
values = st.fixed_dictionaries(
    {}, optional={"a": json_values, "b": json_values, "c": json_values}
)
json_templates = st.recursive(
    texts | st.integers() | st.none(),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), children)
    ),
    max_leaves=6,
)


@given(json_templates, values)
@example({"tag": [], "text": "{{ a }}"}, {})
@settings(deadline=None)
def test_a_json_template_always_gives_valid_json(
    template: object, given_values: dict[str, object]
) -> None:
    for message_format in FORMATS.values():
        compiled = compile_json(json.dumps(template), message_format.leaf_rule)
        with suppress(TemplateError):
            text = compiled.render(given_values).text
            json.loads(text, parse_constant=lambda name: 1 / 0)
            text.encode()


@given(values)
@settings(deadline=None)
def test_no_value_is_left_unescaped(given_values: dict[str, object]) -> None:
    plain_source = "{{ a|default('') }}\n{{ b|default('') }}"
    text = compile_text(plain_source).render(given_values, escape_markdown_v2).text
    assert not SPECIAL.search(re.sub(r"\\[_*\[\]()~`>#+\-=|{}.!\\]", "", text))
    page = compile_text(plain_source).render(given_values, escape_html).text
    assert not re.search(r"[<>\"']", page)


@given(json_templates)
@example({"msg_type": []})
@example({"msg_type": "text", "content": "x"})
@settings(deadline=None)
def test_no_json_crashes_a_validator(template: object) -> None:
    content = Content("json", "", json.dumps(template))
    for message_format in FORMATS.values():
        for problem in message_format.validate(content):
            assert problem.remedy


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_source_crashes_the_compiler(source: str) -> None:
    with suppress(SourceError):
        compile_text(source).render({})
    with suppress(SourceError):
        compile_json(source)


@given(
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                "{{-",
                "-}}",
                "if",
                "else",
                "elif",
                "endif",
                "for",
                "in",
                "endfor",
                "a",
                "b",
                ".",
                "|",
                "(",
                ")",
                "[",
                "]",
                "upper",
                "default",
                "join",
                "'",
                '"',
                "1",
                "+",
                "-",
                "~",
                "*",
                "==",
                "<",
                "not",
                "and",
                "is",
                "defined",
                "raw",
                "endraw",
                "\n",
                "loop",
                ".index",
                ",",
                ":",
                "=",
                "_x",
                "__class__",
            ]
        ),
        max_size=25,
    )
)
@settings(deadline=None, max_examples=300)
def test_no_shuffled_syntax_crashes_the_engine(words: list[str]) -> None:
    with suppress(TemplateError):
        compile_text(" ".join(words)).render({"a": [1, "x"], "b": {"a": None}})
