"""Who may post alerts and when, and which bodies are refused."""

import base64

import pytest
from django.conf import LazySettings

from channels_app.services.switches import set_switch
from tests.channels_app.api.alerts.posts import basic, body_of, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


def test_the_alias_answers_alike() -> None:
    make_config(default_client(), "ops")
    assert (
        post(body_of("grafana/firing.json"), "/api/grafana/webhook").status_code == 200
    )


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "MISSING_AUTH_HEADERS"),
        (basic("grafana:wrong"), "INVALID_CREDENTIALS"),
        (basic("else:pässword"), "INVALID_CREDENTIALS"),
        (basic("grafana:"), "INVALID_CREDENTIALS"),
        (basic(":"), "INVALID_CREDENTIALS"),
        ("Basic !!!", "INVALID_CREDENTIALS"),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), "INVALID_CREDENTIALS"),
        ("Basic", "INVALID_CREDENTIALS"),
        ("Bearer grafana:pässword".encode().decode("latin-1"), "INVALID_CREDENTIALS"),
    ],
)
def test_who_does_not_log_in_rightly_is_refused(header: str, code: str) -> None:
    answer = post(body_of("grafana/firing.json"), Authorization=header)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "pässword" not in answer.content.decode()


def test_a_signature_opens_nothing_here() -> None:
    answer = post(
        {}, Authorization="", X_Timestamp="1736150400000", X_Signature="0" * 64
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["BASIC_AUTH_USER", "BASIC_AUTH_PASSWORD"])
def test_without_a_login_the_address_is_not_there(
    name: str, settings: LazySettings
) -> None:
    setattr(settings, name, "")
    for header in (basic(), basic(":"), basic("grafana:"), ""):
        answer = post(body_of("grafana/firing.json"), Authorization=header)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_wrong_logins_are_limited_and_right_ones_are_not(
    settings: LazySettings,
) -> None:
    settings.LIMIT_BAD_SIGNATURES = 2
    make_config(default_client(), "ops")
    wrong = basic("grafana:wrong")
    statuses = [post({}, Authorization=wrong).status_code for _n in range(3)]
    assert statuses == [401, 401, 429]
    assert post(body_of("grafana/firing.json")).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_PARAMETER"),
        ({"receiver": "ops"}, "MISSING_PARAMETER"),
        ({"alerts": []}, "MISSING_PARAMETER"),
        ({"receiver": "", "alerts": []}, "INVALID_PARAMETER"),
        ({"receiver": "o" * 101, "alerts": []}, "INVALID_PARAMETER"),
        ({"receiver": "ops", "alerts": {}}, "INVALID_PARAMETER"),
        ({"receiver": "ops", "alerts": [1]}, "INVALID_PARAMETER"),
        ([], "INVALID_REQUEST"),
    ],
)
def test_another_body_is_refused_with_its_reason(body: object, code: str) -> None:
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.usefixtures("ops")
def test_in_maintenance_the_sender_is_asked_to_come_again() -> None:
    set_switch(name="maintenance", is_enabled=True, changed_by="a")
    answer = post(body_of("grafana/firing.json"))
    assert (answer.status_code, answer.json()["code"]) == (503, "MAINTENANCE")
    assert answer.headers["Retry-After"]
