"""The live preview: a draft in, what receivers would see out; nothing runs, nothing is kept."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from templates_app.models import NotificationTemplate
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

ADDRESS = "/admin/template-preview/"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'{{x}}\x00"


def draft(**changes: object) -> dict[str, object]:
    return {
        "key": "order",
        "name": "Order",
        "variables": ["name"],
        "undefined": "keep",
        "sample_variables": json.dumps({"name": "Zoë"}),
        "contents": {"telegram": {"content_template": "Hello {{name}}"}},
        **changes,
    }


def ask(client: Client, form: object) -> Any:
    answer = client.post(ADDRESS, json.dumps(form), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


@pytest.mark.parametrize(
    ("channel", "seen"),
    [
        ("lark", '<article class="lark">'),
        ("telegram", '<article class="telegram">'),
        ("slack", '<article class="slack">'),
        ("webhook", '<article class="webhook">'),
        ("email", "<dt>Subject</dt>"),
        ("apprise", '<article class="apprise">'),
    ],
)
def test_every_channel_is_drawn(boss: Client, channel: str, seen: str) -> None:
    contents = {channel: {"content_template": "Hello {{name}}"}}
    html = ask(boss, draft(contents=contents))["html"]
    assert seen in html
    assert "Hello Zoë" in html


def test_the_bytes_are_those_that_would_be_sent(boss: Client) -> None:
    html = ask(boss, draft())["html"]
    assert "&quot;text&quot;: &quot;Hello Zoë&quot;" in html


def test_a_value_in_a_preview_stays_text(boss: Client) -> None:
    contents = {
        channel: {"content_template": "{{name}}"}
        for channel in ("lark", "telegram", "slack", "webhook", "apprise")
    }
    contents["email"] = {"content_type": "html", "content_template": "<p>{{name}}</p>"}
    samples = json.dumps({"name": HOSTILE})
    html = ask(boss, draft(contents=contents, sample_variables=samples))["html"]
    assert "<script" not in html
    assert "<img" not in html


def test_a_mail_is_shown_in_a_frame_that_may_nothing(boss: Client) -> None:
    content = {
        "content_type": "html",
        "content_template": "<script>alert(1)</script><img src='http://outside'>",
    }
    html = ask(boss, draft(contents={"email": content}))["html"]
    assert 'sandbox=""' in html
    assert "default-src &#x27;none&#x27;" in html or "default-src 'none'" in html
    assert "<script" not in html


def test_what_a_provider_refuses_is_said_before_it_is_saved(boss: Client) -> None:
    content = {"content_type": "markdown", "content_template": "Hello *{{name}}"}
    html = ask(boss, draft(contents={"telegram": content}))["html"]
    assert "Telegram would refuse this:" in html
    assert "can&#x27;t parse entities" in html


def test_missing_values_and_problems_with_their_place_are_told(boss: Client) -> None:
    contents = {
        "lark": {"content_template": "line one\n{{name"},
        "slack": {"content_template": "{{nick}}"},
    }
    found = ask(boss, draft(contents=contents))
    places = {(p["where"], p["line"]) for p in found["problems"]}
    assert any(place[0].startswith("/contents/lark") for place in places)
    assert "<code>nick</code>" in found["html"]


def test_sample_values_half_typed_are_a_problem_and_no_failure(boss: Client) -> None:
    found = ask(boss, draft(sample_variables='{"name": '))
    assert "sample_variables_invalid" in {p["code"] for p in found["problems"]}
    assert "Hello {{name}}" in found["html"]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a": NaN'])
def test_a_body_that_is_no_draft_is_refused_kindly(boss: Client, body: bytes) -> None:
    answer = boss.post(ADDRESS, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"] == "This is not a draft."


@pytest.mark.parametrize("form", [{}, {"contents": 5}, {"contents": {"lark": 5}}])
def test_a_draft_of_the_wrong_shape_shows_its_problems(
    boss: Client, form: dict[str, object]
) -> None:
    assert ask(boss, form)["problems"]


def test_nothing_is_stored(
    boss: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        ask(boss, draft())
    assert not NotificationTemplate.objects.exists()


def test_viewers_may_look_and_strangers_may_not() -> None:
    assert ask(logged_in(make_person("viewer")), draft())["html"]
    assert (
        Client().post(ADDRESS, "{}", content_type="application/json").status_code == 302
    )
    assert logged_in(make_superuser()).get(ADDRESS).status_code == 405


def test_the_preview_speaks_chinese() -> None:
    client = logged_in(make_superuser(), "zh-hans")
    contents = {"lark": {"content_template": "{{nick}}"}}
    assert "发送" in ask(client, draft(contents=contents))["html"]
