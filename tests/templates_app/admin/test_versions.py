"""A template's past in the admin: compared, gone back to, and drafts kept apart."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils.timezone import localdate

from channels_app.models.ids import new_message_id
from templates_app.models import DraftTemplate, NotificationTemplate
from templates_app.services.publishing import seen_of
from tests.channels_app.rows import default_client, make_log
from tests.people import logged_in, make_person, make_superuser
from tests.templates_app.admin.test_templates import (
    LIST,
    change_page,
    make_template,
    written,
)

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


@pytest.fixture
def template() -> NotificationTemplate:
    make_template()
    return make_template(
        contents={"slack": {"content_template": "Goodbye <i>{{name}}"}}
    )


def page_of(template: NotificationTemplate, rest: str) -> str:
    return f"/admin/templates_app/notificationtemplate/{template.pk}/{rest}"


def draft_form(**changes: str) -> dict[str, str]:
    return written(content_slack="Soon {{name", seen_version="2", _draft="1", **changes)


def test_two_versions_stand_side_by_side(
    boss: Client, template: NotificationTemplate
) -> None:
    page = boss.get(page_of(template, "compare/?from=1&to=2")).content.decode()
    assert '<td class="nt-diff-old">Hello {{name}}</td>' in page
    assert '<td class="nt-diff-new">Goodbye &lt;i&gt;{{name}}</td>' in page


def test_what_changed_between_two_dates_is_shown(
    boss: Client, template: NotificationTemplate
) -> None:
    today = localdate()
    yesterday = today - timedelta(days=1)
    page = boss.get(page_of(template, f"compare/?since={yesterday}&until={today}"))
    shown = page.content.decode()
    assert "Not there yet" in shown
    assert "Version 2" in shown
    assert "Goodbye" in shown


@pytest.mark.parametrize(
    "query", ["?from=9&to=1", "?to=draft", "?from=x", "?from=" + "9" * 40]
)
def test_what_cannot_be_compared_says_so(
    boss: Client, template: NotificationTemplate, query: str
) -> None:
    answer = boss.get(page_of(template, f"compare/{query}"), follow=True)
    assert answer.status_code == 200
    assert b"has no version" in answer.content or b"no draft" in answer.content


def test_going_back_is_a_post_and_is_audited(
    boss: Client, template: NotificationTemplate
) -> None:
    boss.get(page_of(template, "versions/1/restore/"))
    template.refresh_from_db()
    assert template.version == 2
    page = boss.post(page_of(template, "versions/1/restore/"), follow=True)
    template.refresh_from_db()
    assert (template.version, template.contents.get().content_template) == (
        3,
        "Hello {{name}}",
    )
    assert b"Version 1 is live again, as version 3." in page.content
    assert LogEntry.objects.get().change_message == "Went back to version 1."


def test_a_draft_is_kept_shown_and_published(
    boss: Client, template: NotificationTemplate
) -> None:
    kept = boss.post(change_page(template), draft_form(), follow=True).content.decode()
    template.refresh_from_db()
    assert template.version == 2
    assert "The draft is kept. Version 2 is still live." in kept
    assert "Soon {{name</textarea>" in kept
    compared = boss.get(page_of(template, "compare/?from=2&to=draft")).content.decode()
    assert '<td class="nt-diff-new">Soon {{name</td>' in compared

    seen = seen_of(template)
    assert f'name="seen_draft" value="{seen.draft}"' in kept
    form = written(content_slack="Soon {{name}}", seen_version="2")
    boss.post(change_page(template), {**form, "seen_draft": seen.draft})
    template.refresh_from_db()
    assert template.version == 3
    assert not DraftTemplate.objects.exists()


def test_a_new_template_begins_as_a_draft(boss: Client) -> None:
    form = written(content_slack="Soon {{name", _draft="1")
    kept = boss.post(f"{LIST}add/", form, follow=True).content.decode()
    template = NotificationTemplate.objects.get()
    assert (template.version, template.is_active) == (0, False)
    assert "The draft is kept. Nothing is live yet." in kept
    assert "Soon {{name</textarea>" in kept
    assert "Version 0" not in kept
    assert "Draft only" in boss.get(LIST).content.decode()
    assert boss.get(page_of(template, "rehearsal/")).status_code == 200
    assert boss.get(page_of(template, "compare/"), follow=True).status_code == 200

    seen = seen_of(template)
    form = written(content_slack="Soon {{name}}", seen_version="0")
    boss.post(change_page(template), {**form, "seen_draft": seen.draft})
    template.refresh_from_db()
    assert (template.version, template.is_active) == (1, True)


def test_a_new_template_that_is_discarded_is_gone(boss: Client) -> None:
    boss.post(f"{LIST}add/", written(content_slack="Soon", _draft="1"))
    template = NotificationTemplate.objects.get()
    page = boss.post(page_of(template, "draft/discard/"), follow=True)
    assert page.redirect_chain[-1][0] == LIST
    assert b"The draft is gone. Nothing was live." in page.content
    assert not NotificationTemplate.objects.exists()


def test_a_draft_with_anothers_key_is_told_at_the_key(
    boss: Client, template: NotificationTemplate
) -> None:
    form = written(content_slack="Mine", _draft="1")
    page = boss.post(f"{LIST}add/", form).content.decode()
    assert "already exists" in page
    template.refresh_from_db()
    assert template.version == 2


def test_a_draft_can_be_discarded(boss: Client, template: NotificationTemplate) -> None:
    boss.post(change_page(template), draft_form())
    page = boss.post(page_of(template, "draft/discard/"), follow=True).content.decode()
    assert "The draft is gone." in page
    assert "Goodbye" in page
    again = boss.post(page_of(template, "draft/discard/"), follow=True)
    assert b"There is no draft" in again.content


def test_a_viewer_compares_and_changes_nothing(template: NotificationTemplate) -> None:
    client = logged_in(make_person("viewer"))
    assert client.get(page_of(template, "compare/?from=1&to=2")).status_code == 200
    for rest in ("versions/1/restore/", "draft/discard/"):
        assert client.post(page_of(template, rest)).status_code == 403
    assert client.get(page_of(template, "compare/")).status_code == 200


def send_from(template: NotificationTemplate, **variables: object) -> None:
    make_log(
        default_client(),
        template_key=template.template_key,
        request_id=new_message_id(),
        variables=variables,
    )


def test_a_rehearsal_page_tells_what_would_fail_and_masks_values(
    boss: Client, template: NotificationTemplate
) -> None:
    send_from(template, name="Zoë Quark")
    form = written(content_slack="Soon {{name}} {{nick}}", seen_version="2", _draft="1")
    boss.post(change_page(template), form)
    page = boss.get(page_of(template, "rehearsal/")).content.decode()
    assert "All of the last 1 notifications would come out." in page
    assert "<code>nick</code>: in 1 notification" in page
    assert "Zo•••••••" in page
    assert "Quark" not in page


@pytest.mark.parametrize(
    ("query", "total"), [("?last=1", 1), ("?last=0", 1), ("?last=x", 2), ("", 2)]
)
def test_a_rehearsal_takes_as_many_as_are_asked_for(
    boss: Client, template: NotificationTemplate, query: str, total: int
) -> None:
    send_from(template, name="Zoë")
    send_from(template, name="Ada")
    page = boss.get(page_of(template, f"rehearsal/{query}")).content.decode()
    assert f"All of the last {total} notifications would come out." in page


def test_a_save_that_would_fail_is_told_first_and_audited_if_wanted(
    boss: Client, template: NotificationTemplate
) -> None:
    send_from(template, name="Zoë")
    form = written(content_slack="Soon {{nick}}", undefined="refuse", seen_version="2")
    refused = boss.post(change_page(template), form).content.decode()
    template.refresh_from_db()
    assert template.version == 2
    assert "1 of the last 1 notifications would fail with this text." in refused

    boss.post(change_page(template), {**form, "publish_anyway": "on"})
    template.refresh_from_db()
    assert template.version == 3
    said = "Published although 1 of 1 rehearsed notifications fail."
    assert {entry.change_message for entry in LogEntry.objects.all()} == {
        said,
        "Saved version 3.",
    }


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-02-31&until=2026-03-01",
        "since=2026-01-01&until=9999-12-31",
        "to=" + "9" * 5000,
    ],
)
def test_an_impossible_date_or_number_is_told(
    boss: Client, template: NotificationTemplate, query: str
) -> None:
    answer = boss.get(page_of(template, f"compare/?{query}"), follow=True)
    assert answer.status_code == 200


def test_a_draft_kept_meanwhile_is_told_and_stays(
    boss: Client, template: NotificationTemplate
) -> None:
    boss.post(change_page(template), draft_form())
    stale = written(content_slack="Mine {{name}}", seen_version="2", seen_draft="")
    for form in (stale, {**stale, "_draft": "1"}):
        page = boss.post(change_page(template), form).content.decode()
        assert "kept a draft while you were writing" in page
    assert (
        DraftTemplate.objects.get()
        .state["contents"]["slack"]["content_template"]
        .startswith("Soon")
    )


def test_keeping_a_draft_is_logged_as_what_it_is(
    boss: Client, template: NotificationTemplate
) -> None:
    boss.post(change_page(template), draft_form())
    assert LogEntry.objects.get().change_message == "Kept a draft."
