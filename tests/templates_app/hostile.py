"""Templates that try to break out, flood or hang, by what they try."""

from collections.abc import Mapping
from types import MappingProxyType

# Each: the source, the code of the refusal, and what its sentence names.
REFUSED: Mapping[str, list[tuple[str, str, str]]] = MappingProxyType(
    {
        "attribute walks": [
            ("{{ x.__class__.__mro__[1].__subclasses__ }}", "name_refused", "__"),
            ("{{ x['__cl' ~ 'ass__'] }}", "construct_refused", "joining"),
            ("{{ x['__class__']['__base__'] }}", "name_refused", "__"),
            ("{{ [].__class__ }}", "name_refused", "__class__"),
            ("{{ (1).__class__ }}", "name_refused", "__class__"),
            ("{% if x.__globals__ %}y{% endif %}", "name_refused", "__globals__"),
            ("{% for a in x.__dict__ %}{% endfor %}", "name_refused", "__dict__"),
            ("{{ loop._iterable }}", "name_refused", "_iterable"),
            ("{{ _rendering._policy }}", "name_refused", "_"),
            ("{{ x|default(y.__init__) }}", "name_refused", "__init__"),
            ("{{ x[['__class__']|first|attr('y')] }}", "filter_refused", "attr"),
        ],
        "filters": [
            ("{{ x|attr('__class__') }}", "filter_refused", "attr"),
            ("{{ ()|attr('\\x5f\\x5fclass\\x5f\\x5f') }}", "filter_refused", "attr"),
            ("{{ x|map(attribute='__class__') }}", "filter_refused", "map"),
            ("{{ x|selectattr('a')|list }}", "filter_refused", "list"),
            ("{{ x|groupby('__class__') }}", "filter_refused", "groupby"),
            ("{{ x|xmlattr }}", "filter_refused", "xmlattr"),
            ("{{ x|safe }}", "filter_refused", "safe"),
            ("{{ x|_insert }}", "filter_refused", "_insert"),
            ("{{ x|wordwrap(1) }}", "filter_refused", "wordwrap"),
            ("{{ x|urlize }}", "filter_refused", "urlize"),
        ],
        "format strings": [
            ("{{ '{0.__class__}'.format(x) }}", "construct_refused", "a call"),
            ("{{ '{0:9999999999}'|format(x) }}", "filter_refused", "format"),
            ("{{ '%9999999999d' % 1 }}", "construct_refused", "arithmetic"),
            ("{{ x.format_map(y) }}", "construct_refused", "a call"),
        ],
        "calls and globals": [
            ("{{ self() }}", "construct_refused", "a call"),
            ("{{ lipsum() }}", "construct_refused", "a call"),
            ("{{ namespace(a=1) }}", "construct_refused", "a call"),
            ("{{ joiner() }}", "construct_refused", "a call"),
            ("{{ ().__class__() }}", "construct_refused", "a call"),
            ("{{ x if y() else z }}", "construct_refused", "a call"),
        ],
        "huge repeats": [
            ("{{ 'x' * 1000000000 }}", "construct_refused", "arithmetic"),
            ("{{ [0] * 100000000 }}", "construct_refused", "arithmetic"),
            ("{{ 2 ** 2 ** 100 }}", "construct_refused", "arithmetic"),
            ("{{ range(999999999)|join }}", "construct_refused", "a call"),
            ("{{ x|center(999999999) }}", "filter_refused", "center"),
            ("{{ x|replace('', 'yyyyyyyy') }}", "filter_refused", "replace"),
            ("{{ x ~ x ~ x ~ x }}", "construct_refused", "joining"),
            ("{{ 123456789012345678901234567890 }}", "construct_refused", "number"),
        ],
        "loops and recursion": [
            (
                "{% for a in x recursive %}{% endfor %}",
                "construct_refused",
                "recursive",
            ),
            (
                "{% for a in x %}" * 3 + "{% endfor %}" * 3,
                "loops_nested",
                "2",
            ),
            ("{% macro m() %}{% endmacro %}", "block_refused", "macro"),
            ("{% include 'self' %}", "block_refused", "include"),
            ("{% extends x %}", "block_refused", "extends"),
            ("{% set x = x %}", "block_refused", "set"),
            ("{% block a %}{% endblock %}", "block_refused", "block"),
            ("{% call(a) x() %}{% endcall %}", "block_refused", "call"),
        ],
        "deep nesting": [
            ("{% if a %}" * 25 + "{% endif %}" * 25, "too_complex", "20"),
            ("{{ " + "[" * 25 + "x" + "]" * 25 + " }}", "too_complex", "complex"),
            ("{{ " + "(" * 2_000 + "x" + ")" * 2_000 + " }}", "too_complex", "deep"),
            ("{{ x" + "[0]" * 500 + " }}", "too_complex", "complex"),
            ("{{ " + "not " * 500 + "x }}", "too_complex", "complex"),
            ("{{ x" + "|upper" * 500 + " }}", "too_complex", "complex"),
            ("{{ x" + " and x" * 500 + " }}", "too_complex", "complex"),
        ],
        "unicode tricks": [
            ("{{ \ufb01le }}", "construct_refused", "name"),
            ("{{ \U0001d431 }}", "construct_refused", "name"),
            ("{{ x.\uff3fclass }}", "template_syntax", "read"),
            ("{{ x['\uff3f\uff3fclass\uff3f\uff3f'] }}", "name_refused", "underscore"),
            ("a\x00b", "unsendable_character", "character"),
            ("{{ '\x00' }}", "unsendable_character", "character"),
            ("\udcff", "unsendable_character", "character"),
        ],
        "inputs for regular expressions": [
            ("{{" * 9_000, "too_complex", "deep"),
            ("{%" * 9_000, "template_syntax", "read"),
            ("{#" * 9_000, "template_syntax", "read"),
            ("{{ '" + "\\" * 15_001, "template_syntax", "read"),
            ("{{ x" + " " * 19_000, "template_syntax", "read"),
            ("{{ " + "a." * 9_000 + " }}", "template_syntax", "read"),
            ("{{ '" + "a" * 9_000 + '" }}', "template_syntax", "read"),
            ("x" * 20_001, "source_too_long", "20000"),
        ],
    }
)

# Each: the source, its values, and the budget that stops it.
STOPPED: list[tuple[str, dict[str, object], str]] = [
    ("{% for a in x %}{% endfor %}", {"x": [0] * 5_001}, "loop_budget"),
    (
        "{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}",
        {"x": [0] * 71},
        "loop_budget",
    ),
    ("{% for a in x %}{% endfor %}" * 6, {"x": [0] * 1_000}, "loop_budget"),
    ("{% for a in x %}{% endfor %}", {"x": "y" * 5_001}, "loop_budget"),
    (
        "{% for a in x %}" + "y" * 500 + "{% endfor %}",
        {"x": [0] * 201},
        "output_budget",
    ),
    ("{{x}}" * 11, {"x": "y" * 10_000}, "output_budget"),
    (
        "{% for a in x %}{{ b }}{% endfor %}",
        {"x": [0] * 11, "b": "y" * 10_000},
        "output_budget",
    ),
    ("{{ x|join(',') }}", {"x": ["y" * 1_000] * 101}, "output_budget"),
    ("{{ x|join(y) }}", {"x": [0] * 100, "y": "z" * 2_000}, "output_budget"),
    ("{{ x|tojson }}", {"x": [["y" * 1_000] * 101]}, "output_budget"),
    ("{{ x|title }}", {"x": "y" * 100_001}, "output_budget"),
    ("{{ x }}", {"x": {"a": "y" * 100_001}}, "output_budget"),
]

# Passed by the compiler, and yet costly to read for whoever looks closely.
TEDIOUS: list[tuple[str, str, str]] = [
    ("telegram", "markdown", "*" * 19_999),
    ("telegram", "markdown", "[" * 20_000),
    ("telegram", "markdown", "`" * 19_999),
    ("telegram", "markdown", "](" * 10_000),
    ("telegram", "markdown", ">" * 20_000),
    ("telegram", "html", "<b>" * 6_000),
    ("telegram", "html", "<a " + "x " * 9_000),
    ("telegram", "html", "&" * 20_000),
    ("telegram", "html", "<" * 20_000),
    ("email", "html", "<a" * 10_000),
    ("email", "html", "<script>" * 2_500),
    ("email", "html", "<b>" * 3_000 + "</i>" * 2_500),
    ("email", "html", "{% raw %}" + "{{" * 9_000 + "{% endraw %}"),
    ("lark", "markdown", "<at " * 5_000),
    ("lark", "markdown", "<" + " " * 19_000),
]
