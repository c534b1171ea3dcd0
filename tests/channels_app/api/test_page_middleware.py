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
