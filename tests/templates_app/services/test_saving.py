"""A save is validated whole, leaves a version, and writes nothing when refused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from templates_app.models import NotificationTemplate, TemplateContent, TemplateVersion
from templates_app.services import (
    SavedTemplate,
    TemplateDraft,
    TemplateInvalid,
    TemplateNotFound,
    deactivate_template,
    save_content,
    save_template,
    validate_template,
)

pytestmark = pytest.mark.django_db

CHANNELS = ("lark", "telegram", "slack", "webhook", "email")


def save(**changes: Any) -> SavedTemplate:
    fields: dict[str, Any] = {
        "key": "order-paid",
        "name": "Order paid",
        "description": "Sent when an order is paid",
        "variables": ["name"],
        "contents": {"webhook": {"content_template": "Hello {{name}}"}},
        "author": "ann",
        "channel_types": CHANNELS,
    }
    return save_template(**{**fields, **changes})


def codes(**changes: Any) -> list[str]:
    with pytest.raises(TemplateInvalid) as refused:
        save(**changes)
    assert not NotificationTemplate.objects.exists()
    return [problem.code for problem in refused.value.problems]


def test_a_new_template_is_written_with_its_first_version() -> None:
    saved = save(note="first", sample_variables={"name": "Zoë\x00"})
    assert (saved.created, saved.warnings) == (True, ())
    template = NotificationTemplate.objects.get()
    assert template.version == 1
    assert template.sample_variables == {"name": "Zoë\ufffd"}
    version = TemplateVersion.objects.get()
    assert (version.number, version.author, version.note) == (1, "ann", "first")
    assert version.snapshot == {
        "name": "Order paid",
        "description": "Sent when an order is paid",
        "variables": ["name"],
        "undefined": "keep",
        "contents": [
            {
                "channel_type": "webhook",
                "content_type": "text",
                "subject_template": "",
                "content_template": "Hello {{name}}",
            }
        ],
    }


def test_a_second_save_replaces_contents_and_keeps_the_past() -> None:
    save()
    kept = TemplateContent.objects.get().pk
    contents = {
        "webhook": {"content_template": "Bye {{name}}"},
        "slack": {"content_type": "markdown", "content_template": "*{{name}}*"},
    }
    assert not save(contents=contents).created
    assert TemplateContent.objects.get(channel_type="webhook").pk == kept
    save(contents={"slack": {"content_template": "{{name}}"}})
    assert [row.channel_type for row in TemplateContent.objects.all()] == ["slack"]
    numbers = TemplateVersion.objects.order_by("number").values_list(
        "number", flat=True
    )
    assert list(numbers) == [1, 2, 3]
    second = TemplateVersion.objects.get(number=2)
    assert [c["content_template"] for c in second.snapshot["contents"]] == [
        "*{{name}}*",
        "Bye {{name}}",
    ]


def test_json_may_be_sent_as_an_object() -> None:
    body = {"msg_type": "text", "content": {"text": "你好 {{name}}"}}
    save(contents={"lark": {"content_template": body}})
    row = TemplateContent.objects.get()
    assert row.content_type == "json"
    assert "你好 {{name}}" in row.content_template
    assert row.content_template.count("\n") > 2


def test_all_problems_are_listed_at_once() -> None:
    contents = {
        "lark": {"content_type": "json", "content_template": '{"msg_type": "x"}'},
        "telegram": {"content_template": "{{ x() }}", "subject_template": "a\nb"},
        "pager": {"content_template": "hello"},
        "slack": "hello",
        "webhook": {"content_type": "text", "content_template": {"a": 1}},
        "email": {"content_type": 5, "content_template": None},
    }
    found = codes(
        key="no spaces",
        name=" ",
        variables=["1x", "_x"],
        contents=contents,
        undefined="?",
    )
    assert found == [
        "key_invalid",
        "name_invalid",
        "undefined_invalid",
        "variable_invalid",
        "variable_invalid",
        "lark_msg_type_unknown",
        "subject_line_break",
        "construct_refused",
        "channel_unknown",
        "content_not_an_object",
        "content_type_not_json",
        "field_not_text",
        "field_not_text",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": ""}, "key_invalid"),
        ({"key": "a" * 101}, "key_invalid"),
        ({"key": "a\n"}, "key_invalid"),
        ({"key": "模板"}, "key_invalid"),
        ({"key": 5}, "key_invalid"),
        ({"name": None}, "name_invalid"),
        ({"name": "a\x00"}, "name_invalid"),
        ({"name": "a" * 201}, "name_invalid"),
        ({"description": ["x"]}, "description_invalid"),
        ({"description": "\ud800"}, "description_invalid"),
        ({"variables": "name"}, "variables_invalid"),
        ({"variables": [5]}, "variable_invalid"),
        ({"variables": ["x"] * 201}, "variables_invalid"),
        ({"sample_variables": []}, "sample_variables_invalid"),
        ({"contents": {}}, "contents_missing"),
        ({"contents": None}, "contents_missing"),
        ({"contents": ["x"]}, "contents_missing"),
        ({"contents": {"webhook": {}}}, "field_not_text"),
        ({"contents": {"webhook": {"content_template": ""}}}, "content_empty"),
    ],
)
def test_a_wrong_field_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code in codes(**changes)


def test_a_problem_names_the_channel_it_is_in() -> None:
    with pytest.raises(TemplateInvalid) as refused:
        save(contents={"webhook": {"content_template": "ok\n{{ x() }}"}})
    (problem,) = refused.value.problems
    assert problem.where == "/contents/webhook/content_template"
    assert (problem.line, problem.column) == (2, 1)


def test_variables_are_compared_with_what_is_used() -> None:
    saved = save(
        variables=["name", "spare", "_timestamp"],
        contents={"webhook": {"content_template": "{{name}} {{other}} {{_user_id}}"}},
    )
    assert [problem.code for problem in saved.warnings] == [
        "variable_reserved",
        "variable_undeclared",
        "variable_unused",
    ]
    assert "other" in saved.warnings[1].message
    assert "spare" in saved.warnings[2].message


def test_one_content_can_be_added_or_replaced() -> None:
    save()
    save_content(
        key="order-paid",
        channel_type="slack",
        content_template="*{{name}}*",
        content_type="markdown",
        author="bob",
        channel_types=CHANNELS,
    )
    rows = TemplateContent.objects.values_list("channel_type", "content_type")
    assert sorted(rows) == [("slack", "markdown"), ("webhook", "text")]
    latest = TemplateVersion.objects.order_by("-number")[0]
    assert (latest.number, latest.author) == (2, "bob")
    with pytest.raises(TemplateInvalid):
        save_content(
            key="order-paid",
            channel_type="slack",
            content_template="{{",
            author="bob",
        )
    assert TemplateVersion.objects.count() == 2


def test_one_content_needs_its_template() -> None:
    with pytest.raises(TemplateNotFound):
        save_content(
            key="unknown", channel_type="slack", content_template="x", author="bob"
        )


def test_a_deactivated_template_stays_and_comes_back_with_a_save() -> None:
    save()
    assert not deactivate_template(key="order-paid").is_active
    assert TemplateVersion.objects.count() == 1
    assert save().template.is_active
    with pytest.raises(TemplateNotFound):
        deactivate_template(key="unknown")


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel_type": "webhook"},
        {"channel_type": ""},
        {"channel_type": "slack", "content_type": "xml"},
    ],
)
def test_the_database_holds_what_must_be_true(wrong: dict[str, str]) -> None:
    template = save().template
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateContent.objects.create(template=template, content_template="x", **wrong)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (["for"], "variable_is_a_word"),
        (["true"], "variable_is_a_word"),
        (["\ufb01le"], "variable_invalid"),
        (["a" * 101], "variable_invalid"),
        (["a-b"], "variable_invalid"),
    ],
)
def test_a_name_that_no_template_can_use_is_refused(
    variables: list[str], code: str
) -> None:
    assert code in codes(variables=variables)


def test_a_name_is_compared_where_it_is_used_even_beside_a_broken_content() -> None:
    body = '{"a": 1,\n "b": "x\\n{{ order }}"}'
    contents = {
        "webhook": {"content_type": "json", "content_template": body},
        "slack": {"content_template": "{{"},
    }
    with pytest.raises(TemplateInvalid) as refused:
        save(variables=["name", "name"], contents=contents)
    found = [(p.code, p.where, p.line, p.column) for p in refused.value.problems]
    assert found == [
        ("variable_twice", "/variables/1", None, None),
        ("template_syntax", "/contents/slack/content_template", 1, 1),
        ("variable_undeclared", "/contents/webhook/content_template", 2, 11),
    ]


def test_a_variable_that_loops_hide_is_a_warning() -> None:
    draft = TemplateDraft(
        key="a",
        name="A",
        contents={"webhook": {"content_template": "{{loop}}"}},
        variables=["loop"],
    )
    found = validate_template(draft)
    assert [problem.code for problem in found.warnings] == ["variable_hidden"]
    assert found.template is not None
