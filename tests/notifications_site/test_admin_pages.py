"""Every registered page of the admin opens, in both languages, for whom it may."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from channels_app.models import DeliveryAttempt, NotificationLog, Status, UserConfig
from templates_app.models import NotificationTemplate
from templates_app.services import save_template
from tests.channels_app.rows import default_client, make_attempt, make_config, make_log
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LANGUAGES = ["en", "zh-hans"]
MAY_BE_ADDED = {
    "auth.group",
    "auth.user",
    "channels_app.apiclient",
    "channels_app.userconfig",
    "templates_app.notificationtemplate",
}
SEEN_BY_VIEWERS = {
    "channels_app.apiclient",
    "channels_app.featureflag",
    "channels_app.notificationlog",
    "channels_app.schedule",
    "channels_app.taskexecutionrecord",
    "channels_app.userconfig",
    "diagnostics.backup",
    "diagnostics.healthreport",
    "templates_app.notificationtemplate",
}


def route(model: type[Model], page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def a_template() -> NotificationTemplate:
    saved = save_template(
        key="order",
        name="Order",
        variables=["name"],
        contents={"slack": {"content_template": "Hello {{name}}"}},
        author="somebody",
        sample_variables={"name": "Zoë"},
    )
    return saved.template


def a_failed_delivery() -> NotificationLog:
    config = make_config(default_client())
    log = make_log(default_client(), config=config, status=Status.FAILED)
    make_attempt(log, 1, error_code="19021", http_status=200)
    return log


ROWS: dict[type[Model], Callable[[], Model]] = {
    NotificationLog: a_failed_delivery,
    NotificationTemplate: a_template,
    UserConfig: lambda: make_config(default_client()),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_superuser_opens_every_list(model: type[Model], language: str) -> None:
    client = logged_in(make_superuser(), language)
    make_row = ROWS.get(model)
    if make_row:
        make_row()

    assert client.get(reverse(route(model, "changelist"))).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_only_what_may_be_added_can_be_added(model: type[Model]) -> None:
    client = logged_in(make_superuser())

    status = client.get(reverse(route(model, "add"))).status_code

    assert status == (200 if model._meta.label_lower in MAY_BE_ADDED else 403)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label_lower)
@pytest.mark.parametrize("role", ["superuser", "viewer", "operator", "admin"])
def test_everybody_with_a_role_opens_a_row(
    model: type[Model], language: str, role: str
) -> None:
    row = ROWS[model]()
    person = make_superuser() if role == "superuser" else make_person(role)

    response = logged_in(person, language).get(
        reverse(route(model, "change"), args=[row.pk])
    )

    assert response.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_a_viewer_sees_what_is_to_be_seen_and_adds_nothing(model: type[Model]) -> None:
    client = logged_in(make_person("viewer"))
    is_seen = model._meta.label_lower in SEEN_BY_VIEWERS

    assert client.get(reverse(route(model, "changelist"))).status_code == (
        200 if is_seen else 403
    )
    assert client.get(reverse(route(model, "add"))).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_shows_the_last_hour(language: str) -> None:
    response = logged_in(make_superuser(), language).get(reverse("admin:index"))

    assert response.status_code == 200
    assert "dashboard" in response.context


def test_the_first_page_needs_no_rights_but_to_be_staff() -> None:
    person = make_person("viewer")
    person.groups.clear()

    response = logged_in(person).get(reverse("admin:index"))

    assert response.status_code == 200
    assert response.context["dashboard"] is None


def test_a_stranger_is_asked_to_log_in() -> None:
    person = make_person("viewer")
    person.is_staff = False
    person.save()

    response = logged_in(person).get(reverse("admin:index"))

    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]


def test_attempts_have_no_page_of_their_own() -> None:
    assert not admin.site.is_registered(DeliveryAttempt)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_no_list_shows_its_own_markup(model: type[Model]) -> None:
    make_row = ROWS.get(model)
    if make_row:
        make_row()

    page = logged_in(make_superuser()).get(reverse(route(model, "changelist")))

    assert "&lt;span" not in page.content.decode()
