"""Bulk replay in the admin: a plan first, and nothing before it is confirmed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from channels_app.models import BulkReplay, NotificationLog, Status
from tests.channels_app.rows import default_client, make_config, make_log
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/notificationlog/"
PAGE = f"{LIST}replay/"


def failed(content: str, **fields: str) -> NotificationLog:
    values = {"status": Status.FAILED, "created_at": timezone.now()}
    return make_log(default_client(), content=content, **{**values, **fields})


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that confirms."""
    form = page[page.index('<form class="nt-actions') :]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def test_the_list_leads_to_the_page_and_the_page_shows_the_plan(boss: Client) -> None:
    make_config(default_client())
    failed("a", error_code="dns_failed")
    failed("b", user_id="nobody")
    assert PAGE in boss.get(LIST).content.decode()
    page = boss.get(PAGE).content.decode()
    assert "1 of 2 failed deliveries" in page
    assert "dns_failed" in page
    assert "Their channel config is gone" in page
    assert NotificationLog.objects.filter(status=Status.FAILED).count() == 2


def test_chosen_deliveries_are_replayed_on_confirmation(boss: Client) -> None:
    make_config(default_client())
    chosen, other = failed("a"), failed("b")
    action = {"action": "replay", "_selected_action": [str(chosen.pk)], "index": "0"}
    page = boss.post(LIST, action, follow=True).content.decode()
    assert "1 of 1 failed deliveries" in page
    answer = boss.post(PAGE, fields_of(page), follow=True)
    assert "1 delivery is queued to be sent again." in answer.content.decode()
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert (chosen.status, other.status) == (Status.PENDING, Status.FAILED)
    assert BulkReplay.objects.get().by == "boss"


def test_a_filter_holds_from_the_plan_to_the_deed(boss: Client) -> None:
    make_config(default_client())
    make_config(default_client(), channel_type="slack")
    failed("a", error_code="x")
    failed("b", channel_type="slack")
    query = {"channel": "slack", "since": "2020-01-01T00:00"}
    page = boss.get(PAGE, query).content.decode()
    boss.post(PAGE, fields_of(page))
    assert NotificationLog.objects.get(status=Status.PENDING).content == "b"


def test_what_failed_after_the_plan_was_shown_stays(boss: Client) -> None:
    make_config(default_client())
    failed("a")
    page = boss.get(PAGE).content.decode()
    later = timezone.now() + timedelta(minutes=1)
    make_log(default_client(), status=Status.FAILED, created_at=later, settled_at=later)
    boss.post(PAGE, fields_of(page))
    assert NotificationLog.objects.get(status=Status.PENDING).content == "a"


def test_a_wrong_filter_shows_no_plan(boss: Client) -> None:
    failed("a")
    page = boss.get(PAGE, {"since": "soon"}).content.decode()
    assert "failed deliveries will be queued" not in page


def test_who_may_only_look_replays_nothing() -> None:
    viewer = logged_in(make_person("viewer"))
    assert viewer.get(PAGE).status_code == 403
    assert viewer.post(PAGE, {"confirmed": "yes"}).status_code == 403
