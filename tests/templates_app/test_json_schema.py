"""The words of the API's descriptions make schemas that judge as they read."""

import pytest
from jsonschema import Draft202012Validator

from templates_app.json_schema import (
    INTEGER,
    STRING,
    STRINGS,
    Schema,
    by_name,
    form,
    list_of,
    or_null,
    record,
)


@pytest.mark.parametrize(
    ("schema", "value", "is_valid"),
    [
        (record(a=STRING), {"a": "x"}, True),
        (record(a=STRING), {}, False),
        (record("a", a=STRING), {}, True),
        (record("a", a=STRING), {"a": 1}, False),
        (form(a=STRING), {}, True),
        (form("a", a=STRING), {}, False),
        (list_of(INTEGER), [1, 2], True),
        (list_of(INTEGER), ["1"], False),
        (STRINGS, ["1"], True),
        (by_name(INTEGER), {"any": 1}, True),
        (by_name(INTEGER), {"any": "1"}, False),
        (or_null(STRING), None, True),
        (or_null(STRING), 1, False),
    ],
)
def test_a_schema_takes_what_it_says_and_nothing_else(
    schema: Schema, value: object, is_valid: bool
) -> None:
    assert Draft202012Validator(schema).is_valid(value) is is_valid
