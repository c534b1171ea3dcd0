"""The frame of the admin: menu, first page, people, task queue, style."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import RequestFactory
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success
from pytest_django import DjangoAssertNumQueries

from channels_app.models import Outcome, Status
from channels_app.senders.registry import SENDERS
from channels_app.services.explanations import Severity
from notifications_site.admin_site import NotificationsAdminSite
from notifications_site.dashboard import dashboard
from notifications_site.navigation import sections
from tests.channels_app.rows import default_client, make_log
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

STYLESHEET = (
    Path(settings.BASE_DIR) / "notifications_site/static/notifications_site/admin.css"
)


def test_the_site_is_ours() -> None:
    assert isinstance(admin.site, NotificationsAdminSite)


def test_every_menu_entry_leads_to_a_page() -> None:
    person = make_superuser()
    client = logged_in(person)
    request = RequestFactory().get("/")
    request.user = person
    entries = [entry for section in sections(request) for entry in section["items"]]

    assert entries
    for entry in entries:
        assert client.get(str(entry["link"])).status_code == 200


def test_a_viewer_is_offered_no_people_and_no_queue() -> None:
    page = logged_in(make_person("viewer")).get(reverse("admin:index"))

    assert reverse("admin:channels_app_notificationlog_changelist").encode() in (
        page.content
    )
    assert reverse("admin:auth_user_changelist").encode() not in page.content
    assert reverse("admin:django_q_schedule_changelist").encode() not in page.content


def test_the_first_page_counts_in_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = default_client()
    for status in (Status.SENT, Status.FAILED, Status.PENDING):
        make_log(client, status=status)
    person = make_superuser()

    with django_assert_num_queries(3):
        page = dashboard(person)

    assert page is not None
    assert len(page.deliveries) == 3


@pytest.mark.parametrize("model", [Schedule, Failure])
def test_not_even_a_superuser_can_start_a_function(
    model: type[Schedule] | type[Failure],
) -> None:
    client = logged_in(make_superuser())
    name = model._meta.model_name
    task = {"name": "x", "func": "os.system", "args": "'id'", "schedule_type": "O"}

    answers = [
        client.post(reverse(f"admin:django_q_{name}_add"), task),
        client.post(reverse(f"admin:django_q_{name}_changelist"), {"action": "x"}),
    ]

    assert answers[0].status_code == 403
    assert answers[1].status_code in {200, 302, 403}
    assert not model.objects.exists()


def test_a_schedule_can_be_read_but_not_changed() -> None:
    schedule = Schedule.objects.create(name="n", func="a.b", schedule_type="D")
    client = logged_in(make_superuser())
    page = reverse("admin:django_q_schedule_change", args=[schedule.pk])
    delete = reverse("admin:django_q_schedule_delete", args=[schedule.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"func": "os.system"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    schedule.refresh_from_db()
    assert schedule.func == "a.b"


def test_an_administrator_who_is_no_superuser_does_not_see_the_queue() -> None:
    client = logged_in(make_person("admin"))

    assert client.get(reverse("admin:django_q_schedule_changelist")).status_code == 403


def test_queued_and_finished_tasks_have_no_page() -> None:
    assert not admin.site.is_registered(OrmQ)
    assert not admin.site.is_registered(Success)


def test_an_administrator_cannot_make_a_superuser() -> None:
    administrator = make_person("admin")
    page = reverse("admin:auth_user_change", args=[administrator.pk])

    logged_in(administrator).post(
        page,
        {
            "username": administrator.username,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "groups": [Group.objects.get(name="admin").pk],
            "last_login_0": "",
            "last_login_1": "",
        },
    )

    administrator.refresh_from_db()
    assert not administrator.is_superuser


def test_an_administrator_cannot_change_a_superuser() -> None:
    boss = make_superuser()
    client = logged_in(make_person("admin"))

    page = reverse("admin:auth_user_change", args=[boss.pk])
    password = reverse("admin:auth_user_password_change", args=[boss.pk])

    assert client.post(page, {"username": "mine"}).status_code == 403
    assert client.post(password, {"password1": "x"}).status_code == 403


def test_an_administrator_gives_roles() -> None:
    person = User.objects.create_user("new", is_staff=True)
    page = reverse("admin:auth_user_change", args=[person.pk])
    fields = {"username": "new", "is_active": "on", "is_staff": "on"}
    viewer = Group.objects.get(name="viewer")

    logged_in(make_person("admin")).post(page, {**fields, "groups": [viewer.pk]})

    assert list(person.groups.all()) == [viewer]
    assert LogEntry.objects.filter(object_id=str(person.pk)).exists()


def test_users_are_never_deleted() -> None:
    boss = make_superuser()
    page = reverse("admin:auth_user_delete", args=[boss.pk])

    assert logged_in(boss).post(page, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        *(f"nt-status-{status}" for status in Status.values),
        *(f"nt-moment-{outcome}" for outcome in Outcome.values),
        *(f"nt-channel-{kind}" for kind in SENDERS),
        *(f"nt-severity-{severity}" for severity in Severity),
    ],
)
def test_every_state_and_channel_has_its_colour(name: str) -> None:
    assert f".{name}" in STYLESHEET.read_text()


def test_no_page_loads_anything_from_outside() -> None:
    page = logged_in(make_superuser()).get(reverse("admin:index"))
    policy = page["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert b'src="http' not in page.content


def test_the_language_can_be_switched() -> None:
    client = logged_in(make_superuser())

    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/admin/"})

    assert '<html lang="zh-hans"' in client.get(reverse("admin:index")).content.decode()
