"""Templates in the admin: one validator, problems at their fields, every save kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from templates_app.formats.registry import FORMATS
from templates_app.models import NotificationTemplate, TemplateContent, TemplateVersion
from templates_app.services import save_template
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/templates_app/notificationtemplate/"


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def make_template(key: str = "order", **changes: Any) -> NotificationTemplate:
    fields: dict[str, Any] = {
        "key": key,
        "name": "Order shipped",
        "variables": ["name"],
        "contents": {"slack": {"content_template": "Hello {{name}}"}},
        "author": "somebody",
        "sample_variables": {"name": "<Zoë>"},
        **changes,
    }
    return save_template(**fields).template


def change_page(template: NotificationTemplate) -> str:
    return reverse(
        "admin:templates_app_notificationtemplate_change", args=[template.pk]
    )


def written(**changes: str) -> dict[str, str]:
    fields = {
        "template_key": "order",
        "template_name": "Order shipped",
        "description": "",
        "is_active": "on",
        "undefined": "keep",
        "variable_names": "name",
        "sample_variables": '{"name": "Zoë"}',
        "note": "why not",
    }
    for channel in FORMATS:
        fields |= {f"content_type_{channel}": "text", f"subject_{channel}": ""}
        fields[f"content_{channel}"] = ""
    return {**fields, **changes}


def test_a_template_is_added_as_its_first_version(boss: Client) -> None:
    response = boss.post(f"{LIST}add/", written(content_slack="Hello {{name}}"))

    assert response.status_code == 302, response.context["adminform"].errors
    template = NotificationTemplate.objects.get()
    version = TemplateVersion.objects.get()
    assert (template.template_key, template.version) == ("order", 1)
    assert (version.author, version.note) == ("boss", "why not")
    assert TemplateContent.objects.get().content_template == "Hello {{name}}"


def test_a_change_is_another_version(boss: Client) -> None:
    template = make_template()

    boss.post(change_page(template), written(content_slack="Bye {{name}}"))

    template.refresh_from_db()
    assert template.version == 2
    assert template.contents.get().content_template == "Bye {{name}}"


def test_spaces_and_lines_of_a_content_are_kept(boss: Client) -> None:
    text = "  Hello {{name}}\n\n  indented\n"

    boss.post(f"{LIST}add/", written(content_slack=text))

    stored = TemplateContent.objects.get().content_template
    assert stored.replace("\r\n", "\n") == text


def test_a_problem_stands_at_its_channels_field_with_its_place(boss: Client) -> None:
    response = boss.post(
        f"{LIST}add/",
        written(content_slack="Hello\n{{ name", content_telegram="Hello {{name}}"),
    )

    errors = response.context["adminform"].errors
    assert list(errors) == ["content_slack"]
    assert errors["content_slack"][0].startswith("Line 2, column ")
    assert not NotificationTemplate.objects.exists()


def test_a_card_is_looked_into_as_the_browser_sends_its_lines(boss: Client) -> None:
    card = '{"card":\r\n {"elements": [\r\n  {"tag": "divider"},\r\n  {"tag": "markdown"}]}}'
    response = boss.post(
        f"{LIST}add/", written(content_lark=card, content_type_lark="json")
    )

    errors = response.context["adminform"].errors
    assert [text.partition(":")[0] for text in errors["content_lark"]] == [
        "Line 3, column 11",
        "Line 4, column 3",
    ]


def test_all_problems_are_told_at_once(boss: Client) -> None:
    response = boss.post(
        f"{LIST}add/",
        written(
            content_slack="{{ name",
            content_webhook="not json",
            content_type_webhook="json",
            subject_telegram="{% if %}",
            content_telegram="x",
        ),
    )

    assert set(response.context["adminform"].errors) == {
        "content_slack",
        "content_webhook",
        "subject_telegram",
    }


def test_a_template_without_contents_is_refused(boss: Client) -> None:
    response = boss.post(f"{LIST}add/", written())

    assert "says nothing" in response.content.decode()
    assert not NotificationTemplate.objects.exists()


def test_a_key_that_is_taken_is_refused(boss: Client) -> None:
    make_template()

    response = boss.post(f"{LIST}add/", written(content_slack="Other"))

    assert list(response.context["adminform"].errors) == ["template_key"]
    assert NotificationTemplate.objects.get().version == 1


def test_warnings_are_said_after_the_save(boss: Client) -> None:
    response = boss.post(
        f"{LIST}add/", written(content_email="Hello {{name}}"), follow=True
    )

    assert NotificationTemplate.objects.count() == 1
    assert "has no subject" in response.content.decode()


def test_what_somebody_saved_meanwhile_is_not_overwritten(boss: Client) -> None:
    template = make_template()
    make_template(name="Changed meanwhile")

    response = boss.post(
        change_page(template), written(content_slack="Mine", seen_version="1")
    )

    assert "Version 2 was saved while you were writing" in response.content.decode()
    template.refresh_from_db()
    assert template.template_name == "Changed meanwhile"


def test_a_channel_without_a_format_keeps_its_content(boss: Client) -> None:
    template = make_template(
        contents={
            "pigeon": {"content_template": "Coo"},
            "slack": {"content_template": "x"},
        }
    )

    form = boss.get(change_page(template)).context["adminform"].form
    boss.post(
        change_page(template),
        written(content_slack="y", content_pigeon="Coo", content_type_pigeon="text"),
    )

    assert "content_pigeon" in form.fields
    assert template.contents.get(channel_type="pigeon").content_template == "Coo"


def test_the_page_brings_the_editor_and_the_place_of_the_preview(boss: Client) -> None:
    for page in (change_page(make_template()), f"{LIST}add/"):
        shown = boss.get(page).content.decode()
        assert 'src="/static/templates_app/editor.js"' in shown
        assert 'data-live-preview="/admin/template-preview/"' in shown
        assert 'data-channel="slack" data-editor="content"' in shown or (
            'data-editor="content" data-channel="slack"' in shown
        )


def test_versions_are_listed_with_author_and_note(boss: Client) -> None:
    template = make_template(note="first <i>")

    page = boss.get(change_page(template)).content.decode()

    assert "first &lt;i&gt;" in page
    assert "somebody" in page


def test_a_viewer_reads_the_source_and_writes_nothing() -> None:
    template = make_template()
    client = logged_in(make_person("viewer"))

    shown = client.get(change_page(template)).content.decode()
    refused = client.post(change_page(template), written(content_slack="x"))

    assert "Hello {{name}}" in shown
    assert '<script id="stored-draft" type="application/json">' in shown
    assert refused.status_code == 403


def test_templates_are_taken_out_of_use_not_deleted(boss: Client) -> None:
    template = make_template()

    assert boss.post(f"{LIST}{template.pk}/delete/").status_code == 403
    boss.post(change_page(template), written(content_slack="x", is_active=""))
    template.refresh_from_db()
    assert not template.is_active


def test_the_list_costs_the_same_for_twenty_as_for_one(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_template(key=f"t{number}")

    with django_assert_max_num_queries(7):
        page = boss.get(LIST).content.decode()

    assert page.count('<span class="nt-badge nt-channel-slack">Slack</span>') == 20
