"""Templates leave and come in as one file, looked at before anything is saved."""

import json
from typing import Any

import pytest

from templates_app.engine.errors import SourceError
from templates_app.models import NotificationTemplate, TemplateVersion
from templates_app.refusals import TemplateInvalid
from templates_app.services import save_template
from templates_app.services.exchange import (
    Action,
    export_templates,
    import_templates,
    plan_import,
)

pytestmark = pytest.mark.django_db

TRICKY = 'Hello {{name}}\n  "quoted" \\ ünïcode 张三 😀\n- not a list: {a: b}\n'


def make(key: str = "order", text: str = TRICKY, **changes: Any) -> None:
    save_template(
        key=key,
        name="Order",
        variables=["name"],
        contents={"webhook": {"content_template": text}},
        author="ann",
        sample_variables={"name": "Zoë"},
        **changes,
    )


@pytest.mark.parametrize("as_yaml", [False, True])
def test_what_goes_out_comes_in_the_same(as_yaml: bool) -> None:
    make()
    make("second", "plain", is_active=False)
    text = export_templates(as_yaml=as_yaml)
    plan = plan_import(text)
    assert [one.action for one in plan.templates] == [Action.SAME, Action.SAME]
    assert import_templates(plan, author="bob") == 0

    NotificationTemplate.objects.all().delete()
    assert import_templates(plan_import(text), author="bob") == 2
    assert export_templates(as_yaml=as_yaml) == text


def test_only_the_named_ones_go_out() -> None:
    make()
    make("second")
    data = json.loads(export_templates(["second"]))
    assert [one["key"] for one in data["templates"]] == ["second"]


def test_a_plan_shows_what_would_change_and_saves_nothing() -> None:
    make(text="old {{name}}")
    text = export_templates().replace("old", "new")
    (one,) = plan_import(text).templates
    assert one.action is Action.CHANGE
    (difference,) = one.differences
    assert [(row.before, row.after) for row in difference.rows] == [
        ("old {{name}}", "new {{name}}")
    ]
    assert NotificationTemplate.objects.get().version == 1


def test_an_import_is_a_version_with_its_author() -> None:
    make(text="old {{name}}")
    plan = plan_import(export_templates().replace("old", "new"))
    assert import_templates(plan, author="bob") == 1
    newest = TemplateVersion.objects.first()
    assert newest is not None
    assert (newest.number, newest.author) == (2, "bob")


def test_one_bad_template_keeps_all_out() -> None:
    good = {"key": "a", "name": "A", "contents": {"webhook": {"content_template": "x"}}}
    bad = {**good, "key": "b", "contents": {"webhook": {"content_template": "{{x"}}}
    plan = plan_import(json.dumps([good, bad]))
    assert not plan.is_possible
    assert plan.templates[1].problems
    with pytest.raises(TemplateInvalid):
        import_templates(plan, author="bob")
    assert not NotificationTemplate.objects.exists()


def test_a_key_that_is_there_twice_is_refused() -> None:
    one = {"key": "a", "name": "A", "contents": {"webhook": {"content_template": "x"}}}
    plan = plan_import(json.dumps([one, one]))
    assert [p.code for p in plan.templates[1].problems] == ["key_twice"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\nb: [*a, *a]",
        "a: [",
        "!!python/object/apply:os.system ['true']",
        "{",
        "templates:\n- 5",
        "a" * 5_000_001,
        "\x00",
    ],
)
def test_what_is_no_file_of_templates_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        plan_import(text)
