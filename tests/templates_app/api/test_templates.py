from typing import Any

import pytest

from templates_app.models import NotificationTemplate, TemplateVersion
from tests.conftest import Signed

pytestmark = pytest.mark.django_db

CARD = {"msg_type": "text", "content": {"text": "Hello {{name}}"}}
BODY: dict[str, Any] = {
    "name": "Welcome",
    "description": "Says hello",
    "variables": ["name"],
    "contents": {
        "lark": {"content_type": "json", "content_template": CARD},
        "webhook": {"subject_template": "Hi", "content_template": "Hello {{name}}"},
    },
}


def saved(signed: Signed, **changes: Any) -> None:
    answer = signed("PUT", "/api/templates/welcome", {**BODY, **changes})
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "path", ["/api/templates?key=welcome", "/api/templates/welcome/"]
)
def test_a_template_is_saved_and_shown(signed: Signed, method: str, path: str) -> None:
    answer = signed(method, path, BODY)
    assert answer.status_code == 200
    assert answer.json()["warnings"] == []
    shown = signed("GET", path).json()["data"]
    template = shown["template"]
    assert template["template_key"] == "welcome"
    assert template["template_name"] == "Welcome"
    assert template["supported_channels"] == ["lark", "webhook"]
    assert set(shown["contents"][0]) == {
        "channel_type",
        "content_type",
        "subject_template",
        "content_template",
    }


def test_each_save_is_a_version_of_whoever_signed(signed: Signed) -> None:
    saved(signed)
    saved(signed, name="Welcome!")
    versions = TemplateVersion.objects.order_by("number")
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].author == "API: default"


def test_the_key_may_stand_in_the_body(signed: Signed) -> None:
    answer = signed("POST", "/api/templates", {**BODY, "key": "welcome"})
    assert answer.status_code == 200
    assert NotificationTemplate.objects.get().template_key == "welcome"


def test_a_bad_template_is_refused_whole_with_every_problem(signed: Signed) -> None:
    contents = {
        "lark": {"content_template": "Hello {{ name"},
        "pigeon": {"content_template": "x"},
        "webhook": {"content_template": 5},
    }
    body = {**BODY, "name": "", "contents": contents}
    answer = signed("POST", "/api/templates?key=welcome", body)
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "INVALID_PARAMETER"
    assert isinstance(told["error"], str)
    assert told["request_id"]
    places = {problem["where"] for problem in told["details"]["problems"]}
    assert {"/name", "/contents/pigeon"} <= places
    assert any(place.startswith("/contents/lark") for place in places)
    assert all(problem["remedy"] for problem in told["details"]["problems"])
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/templates", BODY),
        ("/api/templates?key=%00", BODY),
        ("/api/templates?key=a%20b", BODY),
        ("/api/templates?key=" + "x" * 101, BODY),
        ("/api/templates/k", {}),
        ("/api/templates/k", {**BODY, "variables": "name"}),
        ("/api/templates/k", {**BODY, "variables": ["1x"]}),
        ("/api/templates/k", {**BODY, "contents": []}),
        ("/api/templates/k", {**BODY, "contents": {"lark": 5}}),
        ("/api/templates/k", {**BODY, "is_active": "maybe"}),
        ("/api/templates/k", {**BODY, "undefined": "maybe"}),
        ("/api/templates/k", {**BODY, "note": "x" * 1001}),
        ("/api/templates/k", {**BODY, "name": "x" * 201}),
    ],
)
def test_bad_input_is_refused(signed: Signed, path: str, body: dict[str, Any]) -> None:
    answer = signed("PUT", path, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "INVALID_PARAMETER"
    assert not NotificationTemplate.objects.exists()


def test_a_warning_does_not_stop_a_save(signed: Signed) -> None:
    answer = signed("PUT", "/api/templates/k", {**BODY, "variables": ["name", "x"]})
    assert answer.status_code == 200
    assert [w["code"] for w in answer.json()["warnings"]] == ["variable_unused"]


def test_the_list_leaves_out_what_is_out_of_use(signed: Signed) -> None:
    saved(signed)
    assert signed("DELETE", "/api/templates?key=welcome").json()["success"] is True
    assert signed("GET", "/api/templates").json()["data"] == []
    listed = signed("GET", "/api/templates?include_inactive=true").json()
    assert listed["data"][0]["is_active"] is False
    assert listed["meta"]["total"] == 1
    assert TemplateVersion.objects.exists()


def test_the_list_goes_by_pages(signed: Signed) -> None:
    for key in ("a", "b", "c"):
        signed("PUT", f"/api/templates/{key}", BODY)
    listed = signed("GET", "/api/templates?limit=1&offset=1").json()
    assert [row["template_key"] for row in listed["data"]] == ["b"]
    assert listed["meta"] == {"total": 3, "limit": 1, "offset": 1}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "offset=-1",
        "limit=9999999999999",
        "include_inactive=perhaps",
    ],
)
def test_a_bad_list_query_is_refused(signed: Signed, query: str) -> None:
    answer = signed("GET", f"/api/templates?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/templates/none"),
        ("GET", "/api/templates?key=none"),
        ("GET", "/api/templates?key=%00"),
        ("DELETE", "/api/templates/none"),
        ("POST", "/api/templates/none/contents/lark"),
    ],
)
def test_a_template_that_is_not_there(signed: Signed, method: str, path: str) -> None:
    answer = signed(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_deleting_needs_a_key(signed: Signed) -> None:
    assert signed("DELETE", "/api/templates").status_code == 400


def test_one_channels_content_is_added(signed: Signed) -> None:
    saved(signed)
    content = {"content_template": "*Hello* {{name}}", "content_type": "markdown"}
    path = "/api/templates/welcome/contents/telegram"
    assert signed("POST", path, content).status_code == 200
    shown = signed("GET", "/api/templates/welcome").json()["data"]
    assert shown["template"]["supported_channels"] == ["lark", "telegram", "webhook"]
    refused = signed("POST", path, {"content_template": "{{"})
    assert refused.status_code == 400


def test_every_problem_is_told_with_channel_field_line_and_column(
    signed: Signed,
) -> None:
    card = {"elements": [{"tag": "divider"}, {"tag": "markdown", "content": 5}]}
    contents = {
        "lark": {"content_template": {"msg_type": "interactive", "card": card}},
        "telegram": {
            "content_type": "markdown",
            "content_template": "Hi {{name}}\n*{{name}}",
        },
        "email": {
            "content_type": "html",
            "subject_template": "a\nb",
            "content_template": "{{ x() }}\n {% set a = 1 %}{{ y|attr('z') }}",
        },
    }
    answer = signed("PUT", "/api/templates/k", {**BODY, "contents": contents})
    told = {
        (p["code"], p["channel"], p["field"], p["line"], p["column"])
        for p in answer.json()["details"]["problems"]
        if p["severity"] == "error"
    }
    assert answer.status_code == 400
    assert told == {
        ("lark_tag_unknown", "lark", "content_template", 6, 16),
        ("part_missing", "lark", "content_template", 10, 20),
        ("telegram_markup_refused", "telegram", "content_template", 2, 1),
        ("subject_line_break", "email", "subject_template", 1, 2),
        ("block_refused", "email", "content_template", 2, 2),
    }


def test_each_refused_insert_of_a_text_is_told(signed: Signed) -> None:
    content = {"content_template": "{{ x() }}\n{{ y|attr('z') }}{{ _a }}"}
    answer = signed("PUT", "/api/templates/k", {**BODY, "contents": {"slack": content}})
    problems = answer.json()["details"]["problems"]
    assert [(p["code"], p["line"], p["column"]) for p in problems] == [
        ("construct_refused", 1, 1),
        ("filter_refused", 2, 1),
        ("name_refused", 2, 18),
    ]
