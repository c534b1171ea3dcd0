"""JSON templates: rendered leaf by leaf, valid whatever the values are."""

import json

import pytest

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.errors import (
    BudgetExceededError,
    SourceError,
    ValueMissingError,
)
from templates_app.engine.escapes import escape_html
from templates_app.engine.json_content import LeafRule, Parent, compile_json
from templates_app.engine.json_places import Path

NASTY = 'Zoë "Q" \\ 张三\n\t</script> {{x}} <at user_id="all"> 😀 \u202e \u2028'


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ('{"a": "{{x}}"}', 5, {"a": 5}),
        ('{"a": "{{ x }}"}', 1.5, {"a": 1.5}),
        ('{"a": "{{x}}"}', True, {"a": True}),
        ('{"a": "{{x}}"}', None, {"a": None}),
        ('{"a": "{{x}}"}', [1, {"b": "c"}], {"a": [1, {"b": "c"}]}),
        ('{"a": "{{x}}"}', "5", {"a": "5"}),
        ('{"a": "{{x|int}}"}', "5", {"a": 5}),
        ('{"a": "{{x}} "}', 5, {"a": "5 "}),
        ('{"a": "n {{x}}"}', None, {"a": "n "}),
        ('{"a": "{{x}}"}', float("inf"), {"a": None}),
        ('{"a": "{{y}}"}', 5, {"a": "{{y}}"}),
        ('{"a": "{{ y }} {{x}}"}', 5, {"a": "{{ y }} 5"}),
        ('{"a": "{% if x > 3 %}big{% endif %}"}', 5, {"a": "big"}),
        ('{"{{x}}": 1}', 5, {"{{x}}": 1}),
        (
            '["{{x}}", 1, true, null, {}, [], "s", 1.5]',
            5,
            [5, 1, True, None, {}, [], "s", 1.5],
        ),
        ('"{{x}}"', NASTY, NASTY),
        ('{"a": ["{{x}}", "t {{x}}"]}', NASTY, {"a": [NASTY, f"t {NASTY}"]}),
        ('{"a": "{{x}}"}', {"k": NASTY}, {"a": {"k": NASTY}}),
        ('{"a": "{{x}}"}', ["\x00", "\ud800"], {"a": ["\ufffd", "\ufffd"]}),
    ],
)
def test_json_is_rendered_leaf_by_leaf(
    source: str, value: object, expected: object
) -> None:
    rendered = compile_json(source).render({"x": value})
    assert json.loads(rendered.text) == expected
    rendered.text.encode()


def test_the_json_is_compact_and_keeps_its_order_and_letters() -> None:
    source = '{ "b" : "张三 {{x}}" ,\n "a" : [ 1 , 2 ] }'
    assert compile_json(source).render({"x": "é"}).text == '{"b":"张三 é","a":[1,2]}'


def test_the_place_of_a_leaf_decides_how_values_are_escaped() -> None:
    seen: list[Path] = []

    def rules(path: Path, parent: Parent) -> LeafRule:
        seen.append(path)
        is_html = isinstance(parent, dict) and parent.get("kind") == "html"
        return LeafRule(escape_html, keeps_type=False) if is_html else LeafRule()

    source = '{"a": [{"kind": "html", "t": "{{x}}"}, {"t": "{{x}}"}, "fixed"]}'
    compiled = compile_json(source, rules)
    assert seen == [("a", 0, "t"), ("a", 1, "t")]
    assert json.loads(compiled.render({"x": "<"}).text) == {
        "a": [{"kind": "html", "t": "&lt;"}, {"t": "<"}, "fixed"]
    }
    assert '"t":"5"},{"t":5}' in compiled.render({"x": 5}).text


def test_names_and_missing_values_are_gathered_over_all_leaves() -> None:
    compiled = compile_json('["{{a}}", {"k": "{{b}} {{ c.d }}"}]')
    assert compiled.names == {"a", "b", "c"}
    assert compiled.render({"b": 1}).missing == ("a", "c.d")
    with pytest.raises(ValueMissingError):
        compiled.render({"b": 1}, MissingPolicy.REFUSE)


def test_the_budget_counts_over_all_leaves() -> None:
    loop = "{% for i in x %}{{ i }}{% endfor %}"
    compiled = compile_json(json.dumps([loop] * 3))
    assert json.loads(compiled.render({"x": [1] * 1_600}).text) == ["1" * 1_600] * 3
    with pytest.raises(BudgetExceededError):
        compiled.render({"x": [1] * 2_000})


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ('{\n "a": 1,\n "b" 2}', "invalid_json", 3, 6),
        ('{\n "n": {{x}}}', "invalid_json", 2, 8),
        ('{\n "a": 1,\n "a": 2}', "duplicate_key", 3, 2),
        ('{\n "a": "b",\n "c": "{{ x() }}"}', "construct_refused", 3, 8),
    ],
)
def test_a_mistake_in_json_is_shown_where_it_is(
    source: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(SourceError) as refused:
        compile_json(source)
    found = refused.value
    assert (found.code, found.line, found.column) == (code, line, column)


def test_an_insert_without_quotes_is_explained() -> None:
    with pytest.raises(SourceError) as refused:
        compile_json('{"n": {{x}}}')
    assert '"{{count}}"' in refused.value.remedy


def test_all_leaves_are_checked_before_the_json_is_refused() -> None:
    with pytest.raises(SourceError) as refused:
        compile_json('["{{ x() }}", "ok {{y}}", {"k": "{% set a = 1 %}"}]')
    codes = [refused.value.code, *(other.code for other in refused.value.also)]
    assert codes == ["construct_refused", "block_refused"]
    assert refused.value.also[0].path == (2, "k")


def test_the_output_budget_counts_every_character_once() -> None:
    compiled = compile_json('["{{x}}", "{{y}}"]')
    assert len(compiled.render({"x": "a" * 50_000, "y": "b" * 49_000}).text) == 99_007
    with pytest.raises(BudgetExceededError):
        compiled.render({"x": "a" * 50_000, "y": "b" * 51_000})
