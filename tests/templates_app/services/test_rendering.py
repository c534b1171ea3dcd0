"""Rendering: one query a send, edits seen at once, refusals with their reason."""

import pytest
from pytest_django import DjangoAssertNumQueries

from templates_app import selectors
from templates_app.models import NotificationTemplate, TemplateContent
from templates_app.services import (
    ContentMissing,
    RenderRefused,
    TemplateNotFound,
    deactivate_template,
    render_template,
    save_template,
)

pytestmark = pytest.mark.django_db


def save(
    text: str = "Hello {{name}}", undefined: str = "keep", key: str = "greet"
) -> None:
    save_template(
        key=key,
        name="Greeting",
        variables=["name"],
        undefined=undefined,
        contents={
            "webhook": {"subject_template": "To {{name}}", "content_template": text},
            "telegram": {"content_type": "markdown", "content_template": f"*{text}*"},
            "lark": {
                "content_template": {"msg_type": "text", "content": {"text": text}}
            },
        },
        author="ann",
    )


def test_a_channels_message_is_rendered_with_its_version() -> None:
    save()
    done = render_template(
        key="greet", channel_type="telegram", values={"name": "Z.", "_user_id": "u1"}
    )
    assert (done.content, done.content_type) == ("*Hello Z\\.*", "markdown")
    assert (done.version, done.missing) == (1, ())


def test_the_channel_config_decides_the_dialect() -> None:
    save()
    done = render_template(
        key="greet",
        channel_type="telegram",
        values={"name": "Z."},
        options={"parse_mode": "Markdown"},
    )
    assert done.content == "*Hello Z.*"


def test_all_channels_of_a_send_cost_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    save()
    with django_assert_num_queries(2):
        selectors.compiled_template("greet")
    with django_assert_num_queries(1):
        compiled = selectors.compiled_template("greet")
        for channel in compiled.channels:
            assert "Zoë" in compiled.render(channel, {"name": "Zoë"}).content


def test_an_edit_is_live_at_the_next_request() -> None:
    save()
    assert selectors.compiled_template("greet").version == 1
    save("Bye {{name}}")
    done = render_template(key="greet", channel_type="webhook", values={"name": "A"})
    assert (done.content, done.version) == ("Bye A", 2)


def test_missing_values_are_kept_and_reported() -> None:
    save()
    done = render_template(key="greet", channel_type="webhook", values={})
    assert done.content == "Hello {{name}}"
    assert done.subject == "To {{name}}"
    assert done.missing == ("name",)


def test_missing_values_are_refused_if_the_template_says_so() -> None:
    save(undefined="refuse")
    with pytest.raises(RenderRefused) as refused:
        render_template(key="greet", channel_type="webhook", values={})
    assert refused.value.code == "value_missing"
    assert "name" in refused.value.message


def test_a_result_that_is_too_long_is_refused() -> None:
    save()
    with pytest.raises(RenderRefused) as refused:
        render_template(
            key="greet", channel_type="webhook", values={"name": "x" * 100_001}
        )
    assert refused.value.code == "output_budget"


def test_a_channel_without_content_is_told_apart() -> None:
    save()
    assert not selectors.compiled_template("greet").has_content("slack")
    with pytest.raises(ContentMissing) as refused:
        render_template(key="greet", channel_type="slack", values={})
    assert refused.value.channel_type == "slack"


@pytest.mark.parametrize("key", ["unknown", "", "a b", "x\x00", "\ud800", "x" * 200])
def test_an_unknown_key_is_told_apart(key: str) -> None:
    with pytest.raises(TemplateNotFound):
        render_template(key=key, channel_type="webhook", values={})


def test_an_inactive_template_is_not_used_though_it_is_still_cached() -> None:
    save()
    selectors.compiled_template("greet")
    deactivate_template(key="greet")
    with pytest.raises(TemplateNotFound):
        selectors.compiled_template("greet")


def test_a_broken_content_spoils_no_other_channel() -> None:
    save()
    TemplateContent.objects.filter(channel_type="lark").update(content_template="{")
    compiled = selectors.compiled_template("greet")
    assert compiled.render("webhook", {"name": "A"}).content == "Hello A"
    with pytest.raises(RenderRefused) as refused:
        compiled.render("lark", {})
    assert refused.value.code == "invalid_json"


def test_the_cache_forgets_what_was_used_least(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small = selectors._CompiledTemplates(2)
    monkeypatch.setattr(selectors, "_compiled_templates", small)
    for key in ("a", "b", "c"):
        save(key=key)
    for key in ("a", "b", "a", "c"):
        selectors.compiled_template(key)
    with django_assert_num_queries(1):
        selectors.compiled_template("a")
    with django_assert_num_queries(2):
        selectors.compiled_template("b")
    assert selectors.clear_compiled_templates() == 2


def test_templates_are_listed_with_their_contents(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for key in ("b", "a", "c"):
        save(key=key)
    deactivate_template(key="c")
    with django_assert_num_queries(2):
        found = selectors.templates()
        assert [len(row.contents.all()) for row in found] == [3, 3]
    assert [row.template_key for row in found] == ["a", "b"]
    everything = selectors.templates(include_inactive=True, limit=2, offset=1)
    assert [row.template_key for row in everything] == ["b", "c"]
    assert selectors.template_count() == 2
    assert selectors.template_count(include_inactive=True) == 3


def test_a_template_is_found_by_its_key_even_when_inactive() -> None:
    save()
    deactivate_template(key="greet")
    assert selectors.template(key="greet").template_name == "Greeting"
    assert selectors.template_detail(key="greet").contents.count() == 3
    for read in (selectors.template, selectors.template_detail):
        with pytest.raises(TemplateNotFound):
            read(key="unknown")
    assert NotificationTemplate.objects.count() == 1
