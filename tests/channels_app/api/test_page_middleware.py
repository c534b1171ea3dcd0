"""Pages say what they may load; answers to programs do without."""

import pytest
from django.test import Client

POLICY = "Content-Security-Policy"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/admin/login/", "/api/docs/", "/api/docs"])
@pytest.mark.ignore_template_errors
def test_pages_have_a_policy(path: str) -> None:
    page = Client().get(path)
    assert page.status_code == 200
    assert POLICY in page


@pytest.mark.parametrize("path", ["/livez", "/api/notification-logs", "/api/nothing"])
def test_answers_to_programs_have_no_policy_and_are_not_sniffed(path: str) -> None:
    answer = Client().get(path)
    assert POLICY not in answer
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Content-Type"].startswith("application/json")


def test_a_program_that_names_no_language_is_not_answered_in_the_last_readers() -> None:
    read = Client().get("/api/nothing", headers={"accept-language": "zh-hans"})
    told = Client().get("/api/nothing")
    assert read["Content-Language"] == "zh-hans"
    assert read.json()["error"] != told.json()["error"]
    assert told.json()["error"].isascii()
    assert told["Content-Language"] == "en"
    assert told["Vary"] == "Accept-Language"


def test_a_program_without_a_cookie_opens_no_session() -> None:
    told = Client().get("/api/nothing")
    assert not hasattr(told.wsgi_request, "session")
    assert not hasattr(told.wsgi_request, "user")


def test_who_brings_a_cookie_is_known_to_the_api(admin_client: Client) -> None:
    told = admin_client.get("/api/health?detailed=true")
    assert told.wsgi_request.user.is_authenticated
    assert "checks" in told.json()
