"""Templates that try to break out, hang or flood are refused or stopped."""

import pytest

from templates_app.engine.errors import BudgetExceededError, SourceError, TemplateError
from templates_app.engine.json_content import compile_json
from templates_app.engine.text import compile_text

REFUSED = [
    # attribute walks
    ("{{ x.__class__ }}", "name_refused"),
    ("{{ x['__class__'] }}", "name_refused"),
    ("{{ ''.__class__.__mro__ }}", "name_refused"),
    ("{{ x.__init__.__globals__ }}", "name_refused"),
    ("{{ _x }}", "name_refused"),
    ("{{ __import__ }}", "name_refused"),
    ("{{ _rendering }}", "name_refused"),
    ("{{ self._TemplateReference__context }}", "name_refused"),
    ("{{ x|attr('__class__') }}", "filter_refused"),
    ("{{ x.\uff3f\uff3fclass\uff3f\uff3f }}", "template_syntax"),
    ("{{ \ufb01le }}", "construct_refused"),
    # calls
    ("{{ x() }}", "construct_refused"),
    ("{{ x.items() }}", "construct_refused"),
    ("{{ range(10) }}", "construct_refused"),
    ("{{ lipsum(n=1000) }}", "construct_refused"),
    ("{{ cycler('a', 'b').next() }}", "construct_refused"),
    ("{{ self.x() }}", "construct_refused"),
    ("{% for i in range(1000000000) %}x{% endfor %}", "construct_refused"),
    ("{% if x.pop() %}{% endif %}", "construct_refused"),
    # format strings and arithmetic
    ("{{ '{0.__class__}'.format(x) }}", "construct_refused"),
    ("{{ '%0999999999d' % 1 }}", "construct_refused"),
    ("{{ 'a' * 1000000000 }}", "construct_refused"),
    ("{{ 9 ** 9 ** 9 }}", "construct_refused"),
    ("{{ 1 + 1 }}", "construct_refused"),
    ("{{ 1 // 0 }}", "construct_refused"),
    ("{{ -x }}", "construct_refused"),
    ("{{ +x }}", "construct_refused"),
    ("{{ a ~ b }}", "construct_refused"),
    ("{{ x[0:9] }}", "construct_refused"),
    ("{{ {'a': 1} }}", "construct_refused"),
    ("{{ 99999999999999999999 }}", "construct_refused"),
    ("{{ 1e999 }}", "construct_refused"),
    ("{{ " + "9" * 5000 + " }}", "template_syntax"),
    # filters and tests
    ("{{ x|replace('a', 'aaaaaaaaaa') }}", "filter_refused"),
    ("{{ x|center(1000000000) }}", "filter_refused"),
    ("{{ x|format(1) }}", "filter_refused"),
    ("{{ x|map('upper') }}", "filter_refused"),
    ("{{ x|safe }}", "filter_refused"),
    ("{{ x|pprint }}", "filter_refused"),
    ("{{ x|batch(1) }}", "filter_refused"),
    ("{{ x|indent(1000000) }}", "filter_refused"),
    ("{{ x|join(*y) }}", "construct_refused"),
    ("{{ x is divisibleby(0) }}", "test_refused"),
    ("{{ x is callable }}", "test_refused"),
    ("{{ x is sameas(y) }}", "test_refused"),
    # blocks
    ("{% set x = 1 %}", "block_refused"),
    ("{% macro m() %}{{ m() }}{% endmacro %}", "block_refused"),
    ("{% include 'x' %}", "block_refused"),
    ("{% import 'x' as y %}", "block_refused"),
    ("{% from 'x' import y %}", "block_refused"),
    ("{% extends 'x' %}", "block_refused"),
    ("{% block b %}{% endblock %}", "block_refused"),
    ("{% call x() %}{% endcall %}", "block_refused"),
    ("{% filter upper %}a{% endfilter %}", "block_refused"),
    ("{% with x = 1 %}{% endwith %}", "block_refused"),
    ("{% autoescape false %}{% endautoescape %}", "block_refused"),
    ("{% print x %}", "block_refused"),
    ("{% do x %}", "block_refused"),
    ("{% debug %}", "block_refused"),
    # recursion and nesting
    ("{% for x in y recursive %}{{ loop(x) }}{% endfor %}", "construct_refused"),
    (
        "{% for a in x %}" * 3 + "{% endfor %}" * 3,
        "loops_nested",
    ),
    ("{% if a %}" * 30 + "{% endif %}" * 30, "too_complex"),
    ("{{ " + "(" * 3000 + "x" + ")" * 3000 + " }}", "too_complex"),
    ("{{ " + "not " * 2000 + "x }}", "too_complex"),
    ("{{ x" + ".a" * 2000 + " }}", "too_complex"),
    ("{{ x" + "|upper" * 2000 + " }}", "too_complex"),
    ("{{ [" + "x|upper," * 200 + "]|length }}", "too_complex"),
    ("{{ x if y" + " else x if y" * 200 + " }}", "too_complex"),
    # broken syntax
    ("{{", "template_syntax"),
    ("{{ x", "template_syntax"),
    ("{{ }}", "template_syntax"),
    ("{{ x }", "template_syntax"),
    ("{% if x %}", "template_syntax"),
    ("{% endfor %}", "template_syntax"),
    ("{# never closed", "template_syntax"),
    ("{{ x | }}", "template_syntax"),
    ("{% for x %}{% endfor %}", "template_syntax"),
    ("{{ 'x }}", "template_syntax"),
    ("{{ (x }}", "template_syntax"),
    # characters and size
    ("a\x00b", "unsendable_character"),
    ("a\ud800b", "unsendable_character"),
    ("x" * 20_001, "source_too_long"),
    ("{{x}}" * 5_000, "source_too_long"),
]


@pytest.mark.parametrize(("source", "code"), REFUSED, ids=lambda text: text[:40])
def test_a_hostile_template_is_refused_when_it_is_saved(source: str, code: str) -> None:
    with pytest.raises(SourceError) as refused:
        compile_text(source)
    assert refused.value.code == code
    assert refused.value.message
    assert refused.value.remedy


STOPPED: list[tuple[str, dict[str, object]]] = [
    ("{% for a in x %}{% endfor %}", {"x": [0] * 5_001}),
    ("{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}", {"x": [0] * 80}),
    ("{% for a in x %}" + "y" * 1000 + "{% endfor %}", {"x": [0] * 200}),
    ("{% for a in x %}{{ big }}{% endfor %}", {"x": [0] * 200, "big": "y" * 1000}),
    ("{{ x }}", {"x": "y" * 100_001}),
    ("{{ x|tojson }}", {"x": ["y" * 100_001]}),
    ("{{ x|tojson }} {{ y }}", {"x": ["y" * 60_000], "y": "y" * 50_000}),
    ("{{ x|join(y) }}", {"x": [0] * 10_000, "y": "z" * 100_000}),
    ("{{ x|title|length }}", {"x": "y z " * 100_000}),
    (
        "{% if x|upper|lower == y %}{% endif %}" * 400,
        {"x": "y" * 1_000_000, "y": ""},
    ),
    (
        "{% for a in x %}{% if a in y %}{% endif %}{% endfor %}",
        {"x": list(range(1, 5_000)), "y": [0] * 20_000},
    ),
]


@pytest.mark.parametrize(("source", "values"), STOPPED, ids=lambda item: str(item)[:40])
def test_a_costly_template_is_stopped_within_its_budget(
    source: str, values: dict[str, object]
) -> None:
    with pytest.raises(BudgetExceededError):
        compile_text(source).render(values)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("{% if x > 3 %}{% endif %}", {"x": "text"}),
        ("{% if 3 in x %}{% endif %}", {"x": 5}),
        ("{% for a, b in x %}{% endfor %}", {"x": [1]}),
        ("{% for a in x %}{% endfor %}", {"x": 5}),
        ("{{ x|round }}", {"x": "text"}),
        ("{{ x|round(99999999) }}", {"x": 1.5}),
        ("{{ x|first }}", {"x": 5}),
        ("{{ x|upper(1, 2) }}", {"x": "a"}),
        ("{{ x|truncate(y) }}", {"x": "a", "y": "text"}),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_line(
    source: str, values: dict[str, object]
) -> None:
    with pytest.raises(TemplateError) as failed:
        compile_text("\n" + source).render(values)
    assert failed.value.code in {"wrong_type", "not_a_list"}
    assert failed.value.line == 2


@pytest.mark.parametrize(
    "source",
    [
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        '{"a": {{x}}}',
        '{"a": "b"',
        "",
        "[" * 60 + "]" * 60,
        "[" * 9_000 + "]" * 9_000,
        '{"a": "{{ x() }}"}',
        '{"a": "{% set x = 1 %}"}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a": ' + "9" * 5_000 + "}",
        '"' + "x" * 20_000 + '"',
    ],
    ids=lambda text: text[:30],
)
def test_json_that_cannot_be_sent_is_refused(source: str) -> None:
    with pytest.raises(SourceError) as refused:
        compile_json(source)
    assert refused.value.remedy


def test_no_value_gives_access_to_python_objects() -> None:
    source = "{{ x.append }}{{ x.keys }}{{ x[k] }}{{ y.upper }}{{ z.real }}"
    values = {"x": {}, "k": "__class__", "y": "", "z": 1}
    assert compile_text(source).render(values).text == source


def test_a_key_that_looks_like_an_attribute_is_only_a_key() -> None:
    values = {"x": {"__class__": "a text"}, "k": "__class__"}
    assert compile_text("{{ x[k] }}").render(values).text == "a text"
