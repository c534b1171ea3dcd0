"""Text templates: plain inserts, expressions, loops, and names without a value."""

import json
import threading

import pytest

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.errors import RenderError, SourceError, ValueMissingError
from templates_app.engine.escapes import (
    Escape,
    escape_html,
    escape_lark_markdown,
    escape_markdown_legacy,
    escape_markdown_v2,
    escape_slack,
    neutralise_lark_at,
    plain,
)
from templates_app.engine.json_content import compile_json
from templates_app.engine.text import compile_text

VALUES: dict[str, object] = {
    "name": "Zoë",
    "count": 3,
    "price": 1.5,
    "whole": 2.0,
    "yes": True,
    "nothing": None,
    "user": {"name": "Li", "tags": ["a", "b"]},
    "items": [{"n": "x", "q": 1}, {"n": "y", "q": 2}],
    "range": "a plain name",
    "_user_id": "u1",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("no inserts at all", "no inserts at all"),
        ("", ""),
        ("{{name}} and {{ name }}", "Zoë and Zoë"),
        ("{{count}} {{price}} {{whole}}", "3 1.5 2.0"),
        ("{{yes}}/{{nothing}}/", "true//"),
        ("{{user}}", '{"name":"Li","tags":["a","b"]}'),
        ("{{user.name}} {{user['name']}} {{user.tags[0]}}", "Li Li a"),
        ("{{_user_id}}", "u1"),
        ("{{range}}", "a plain name"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("{% if count > 2 %}many{% elif count %}few{% else %}none{% endif %}", "many"),
        (
            "{% for i in items %}{{loop.index}}.{{i.n}}x{{i.q}} {% endfor %}",
            "1.xx1 2.yx2 ",
        ),
        ("{% for k in user %}{{k}},{% endfor %}", "name,tags,"),
        ("{% for i in nothing %}{{i}}{% else %}empty{% endfor %}", "empty"),
        ("{{ 'a' if yes else 'b' }}", "a"),
        ("{{ user.tags|join(', ') }}", "a, b"),
        ("{{ name|upper }} {{ name|lower }} {{ name|length }}", "ZOË zoë 3"),
        ("{{ 'they are'|title }} {{ ' a '|trim }}", "They Are a"),
        ("{{ 'abcdef'|truncate(4) }} {{ 'abc'|truncate(4) }}", "abc… abc"),
        ("{{ user.tags|first }}{{ user.tags|last }}", "ab"),
        ("{{ price|round }} {{ 1.256|round(2) }}", "2 1.26"),
        (
            "{{ '12'|int }} {{ 'x'|int }} {{ '1.5'|float }} {{ 'inf'|float }}",
            "12 0 1.5 0.0",
        ),
        ("{{ user|tojson }}", '{"name":"Li","tags":["a","b"]}'),
        ("{{ unknown|default('-') }} {{ ''|d('-', true) }}", "- -"),
        ("{% if unknown is defined %}y{% else %}n{% endif %}", "n"),
        ("{% if not unknown and name is string %}y{% endif %}", "y"),
        ("{% if 'a' in user.tags %}y{% endif %}", "y"),
        ("a{# a comment #}b", "ab"),
        ("{% raw %}{{name}}{% endraw %}", "{{name}}"),
        ("x {{- name -}} y", "xZoëy"),
        ("{{ -1 }}", "-1"),
        ("{ {name} } }} %}", "{ {name} } }} %}"),
    ],
)
def test_a_text_is_rendered(source: str, expected: str) -> None:
    assert compile_text(source).render(VALUES).text == expected


WORDS_OF_THE_CODE = (
    *("insert", "rendering", "environment", "resolve", "context", "undefined"),
    *("missing", "Undefined", "LoopContext", "name", "root", "t_1", "l_0_name"),
)


@pytest.mark.parametrize("word", WORDS_OF_THE_CODE)
def test_no_word_of_the_generated_code_means_anything_in_a_template(word: str) -> None:
    source = f"{{% if {word} %}}{{{{ {word} }}}}{{% endif %}}{{{{ {word}.loop }}}}"
    compiled = compile_text(source)
    assert compiled.render({word: {"loop": "own"}}).text == '{"loop":"own"}own'
    assert compiled.render({}).text == f"{{{{ {word}.loop }}}}"
    with pytest.raises(SourceError):
        compile_text(f"{{{{ {word}('x') }}}}")


@pytest.mark.parametrize(
    "source",
    [
        "{{unknown}}",
        "{{ unknown }}",
        "{{  unknown}}",
        "{{ unknown.deep.name }}",
        "{{ user.unknown }}",
        "{{ user.tags[9] }}",
        "{{ unknown|upper }}",
        "{{ unknown|round(2) }}",
        "a {{ name }} {{ unknown }} b",
        "{% for i in items %}{{ i.unknown }}{% endfor %}",
        "{{\n unknown\n}}",
    ],
)
def test_a_name_without_a_value_is_kept_as_it_was_written(source: str) -> None:
    rendered = compile_text(source).render(VALUES, escape_markdown_v2)
    written = source[source.rindex("{{") : source.rindex("}}") + 2]
    assert escape_markdown_v2(written) in rendered.text
    assert rendered.missing


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("{{ b }}{{ a }}{{ b }}", ("b", "a")),
        ("{{ user.x }}{{ y.z|upper }}", ("user.x", "y.z")),
        ("{% for i in rows %}{% endfor %}", ("rows",)),
        ("{% if level > 3 %}{% endif %}", ("level",)),
        ("{% if flag %}{% endif %}", ()),
        ("{{ a or name }}", ()),
        ("{{ a|default(1) }}", ()),
    ],
)
def test_names_without_a_value_are_reported(
    source: str, missing: tuple[str, ...]
) -> None:
    assert compile_text(source).render(VALUES).missing == missing


@pytest.mark.parametrize(
    "source",
    [
        "{{ unknown }}",
        "{{ user.unknown }}",
        "{% for i in unknown %}{% endfor %}",
        "{% if unknown == 1 %}{% endif %}",
    ],
)
def test_a_strict_template_refuses_a_missing_value(source: str) -> None:
    with pytest.raises(ValueMissingError, match="unknown"):
        compile_text(source).render(VALUES, plain, MissingPolicy.REFUSE)


@pytest.mark.parametrize(
    "value",
    ["{{name}}", "{% raw %}", "{# #}", "{{ x() }}", "{{", "}}", "{%"],
)
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    for source in ("{{x}}", "{{ x|default('') }}", "{% if x %}{{x}}{% endif %}"):
        assert compile_text(source).render({"x": value, "name": "!"}).text == value


@pytest.mark.parametrize(
    ("escape", "value", "expected"),
    [
        (plain, 'a "b" \\ c', 'a "b" \\ c'),
        (plain, "line\nline", "line\nline"),
        (plain, "😀 \u202eRTL مرحبا", "😀 \u202eRTL مرحبا"),
        (plain, "nul \x00 and \ud800", "nul \ufffd and \ufffd"),
        (escape_markdown_v2, "*a* [b](c).", r"\*a\* \[b\]\(c\)\."),
        (escape_html, "</script><b>", "&lt;/script&gt;&lt;b&gt;"),
        (escape_slack, "<!channel>", "&lt;!channel&gt;"),
        (escape_lark_markdown, "<at id=all>", "&#60;at id=all&#62;"),
        (neutralise_lark_at, "<at user_id=1>", "<\u200bat user_id=1>"),
        (escape_html, {"a": "<"}, "{&quot;a&quot;:&quot;&lt;&quot;}"),
        (plain, float("nan"), "null"),
    ],
)
def test_values_are_escaped_and_the_templates_own_markup_is_not(
    escape: Escape, value: object, expected: str
) -> None:
    own = "*b* <i> [x] {{x}} </i> {% if x %}<at>{% endif %}"
    rendered = compile_text(own).render({"x": value}, escape)
    assert rendered.text == f"*b* <i> [x] {expected} </i> <at>"


@pytest.mark.parametrize(
    ("escape", "source", "expected"),
    [
        (escape_lark_markdown, "[a]({{u}}) {{t}}", "[a](https://x/_%28) &#95;"),
        (escape_markdown_legacy, "[a]({{u}}) {{t}}", "[a](https://x/_%28) \\_"),
        (escape_markdown_v2, "[a]({{u}})", "[a](https://x/\\_\\()"),
        (escape_slack, "<{{m}}|x> <{{u}}|x>", "<%21here|x> <https://x/_(|x>"),
    ],
)
def test_an_address_in_a_link_stays_an_address(
    escape: Escape, source: str, expected: str
) -> None:
    values = {"u": "https://x/_(", "t": "_", "m": "!here"}
    assert compile_text(source).render(values, escape).text == expected


def test_the_escape_filter_is_not_applied_twice() -> None:
    compiled = compile_text("{{ x|escape }} {{ x|e|upper }}")
    assert compiled.render({"x": "<"}, escape_html).text == "&lt; &amp;LT;"
    assert compiled.render({"x": "<"}, escape_markdown_v2).text == "&lt; &LT;"


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("{{ x() }}", 1, 1),
        ("a\n  {{ x }} {{ y() }}", 2, 11),
        ("{% if a %}\n b {% set x = 1 %}{% endif %}", 2, 4),
        ("ok\nok {% for a in b() %}{% endfor %}", 2, 4),
        ("{{ a }}\n\n{{ a b }}", 3, 1),
    ],
)
def test_an_error_names_line_and_column(source: str, line: int, column: int) -> None:
    with pytest.raises(SourceError) as refused:
        compile_text(source)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_the_variables_of_a_text_are_known() -> None:
    source = (
        "{{a}} {{ b.c|default(d) }} {{ _user_id }} "
        "{% for i in e if i > f %}{{ i }}{{ loop.index }}{% endfor %}{{ i }}"
    )
    assert compile_text(source).names == {"a", "b", "d", "e", "f", "i"}
    assert compile_text("{{a}} {{_timestamp}}").names == {"a"}


def test_one_compiled_text_serves_many_threads_at_once() -> None:
    compiled = compile_text("{% for i in x %}{{ i }}{% endfor %}{{ name }}")
    failures: list[str] = []

    def render(number: int) -> None:
        for _turn in range(100):
            text = compiled.render({"x": [number] * 5, "name": number}).text
            if text != str(number) * 6:
                failures.append(text)

    threads = [threading.Thread(target=render, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    "source", ["{{x}}", "{{ x|tojson }}", "{% if 1 %}{{x}}{% endif %}"]
)
def test_a_value_that_cannot_be_written_is_refused(source: str) -> None:
    deep: list[object] = []
    for _level in range(2_000):
        deep = [deep]
    for value in (deep, 10**5_000):
        with pytest.raises(RenderError):
            compile_text(source).render({"x": value})
        with pytest.raises(RenderError):
            compile_json(json.dumps([source])).render({"x": value})
