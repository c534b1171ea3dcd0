"""Alerts of Grafana and Alertmanager, from the bodies that they post."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from channels_app.models import NotificationLog, Priority
from channels_app.services.switches import set_switch
from templates_app.services import save_template
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db

PATH = "/api/webhooks/grafana"
PAYLOADS = Path(__file__).parents[2] / "payloads"
SILENCE = (
    "https://grafana.example.com/alerting/silence/new?alertmanager=grafana"
    "&matcher=alertname%3DHigh+memory+usage&matcher=zone%3Deu-1&orgId=1"
)
BODIES = sorted(
    str(path.relative_to(PAYLOADS))
    for folder in ("grafana", "alertmanager")
    for path in (PAYLOADS / folder).glob("*.json")
)


def basic(login: str = "grafana:pässword") -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


@pytest.fixture(autouse=True)
def _login(settings: LazySettings) -> None:
    settings.BASIC_AUTH_USER, settings.BASIC_AUTH_PASSWORD = "grafana", "pässword"


@pytest.fixture
def ops() -> None:
    """Give the user `ops` Lark, Telegram and a webhook."""
    make_config(default_client(), "ops")
    for kind in ("telegram", "webhook"):
        make_config(default_client(), "ops", channel_type=kind)


def body_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return found


def post(body: object, path: str = PATH, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": basic(), **named},
    )


def data_of(body: object, **headers: str) -> dict[str, Any]:
    answer = post(body, **headers)
    assert answer.status_code == 200, answer.content
    assert answer.json()["success"] is True
    data: dict[str, Any] = answer.json()["data"]
    assert set(data) == {"message_ids", "processed_alerts", "notification_status"}
    return data


def told(kind: str = "lark") -> NotificationLog:
    return NotificationLog.objects.get(channel_type=kind)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.usefixtures("ops")
def test_each_body_is_one_message_on_each_channel(name: str) -> None:
    body = body_of(name)
    data = data_of(body)
    assert data["processed_alerts"] == len(body["alerts"])
    assert len(data["message_ids"]) == NotificationLog.objects.count() == 3
    assert {row["status"] for row in data["notification_status"]} == {"pending"}
    for log in NotificationLog.objects.all():
        assert log.message_id in data["message_ids"]
        assert (log.user_id, log.priority) == ("ops", Priority.HIGH)
        for alert in body["alerts"]:
            assert alert["labels"]["alertname"] in log.subject
            assert alert["annotations"]["summary"] in log.content
        for word in ("None", "null", "%(", "0001-01-01"):
            assert word not in log.content


@pytest.mark.usefixtures("ops")
def test_a_firing_group_reads_well() -> None:
    data_of(body_of("grafana/firing.json"), X_Notification_Channels="lark")
    log = told()
    assert log.subject == "🔥 [FIRING:2] High memory usage"
    first, second = log.content.split("\n\n")
    assert first.splitlines() == [
        "🔥 High memory usage · critical",
        "High memory usage in eu-1",
        "Memory of the machines in eu-1 has been above 90 % for five minutes.",
        "grafana_folder=Machines, team=blue, zone=eu-1",
        "Values: B=91.2394, C=1",
        "Since 2025-03-04 07:51:03 UTC",
        "Rule: https://grafana.example.com/alerting/grafana/c6eadffa3/view?orgId=1",
        f"Silence: {SILENCE}",
        "Dashboard: https://grafana.example.com/d/machines?orgId=1",
        "Panel: https://grafana.example.com/d/machines?orgId=1&viewPanel=4",
        "Runbook: https://wiki.example.com/runbooks/memory",
    ]
    assert "zone=us-1" in second
    assert log.metadata["source"] == "grafana"
    assert log.metadata["fingerprints"] == ["c6eadffa33fcdf37", "bc97ff14869b13e3"]


@pytest.mark.usefixtures("ops")
def test_what_has_ended_stands_last_with_its_end() -> None:
    data_of(body_of("grafana/partly_resolved.json"), X_Notification_Channels="lark")
    log = told()
    assert log.subject == "🔥 [FIRING:1, RESOLVED:1] High memory usage"
    assert log.content.index("us-1") < log.content.index("✅ High memory usage")
    assert "Until 2025-03-04 08:02:33 UTC" in log.content


@pytest.mark.usefixtures("ops")
def test_all_resolved_is_told_as_good_news() -> None:
    data_of(body_of("alertmanager/resolved.json"), X_Notification_Channels="lark")
    assert told().subject == "✅ [RESOLVED:1] InstanceDown"
    assert told().metadata["source"] == "alertmanager"


@pytest.mark.usefixtures("ops")
def test_a_group_of_any_size_is_one_message_of_bounded_length() -> None:
    body = body_of("grafana/five_firing.json")
    body["alerts"] = [
        {**alert, "fingerprint": f"{n}-{alert['fingerprint']}"}
        for n in range(40)
        for alert in body["alerts"]
    ]
    data_of(body)
    assert len(told("lark").content) < 4000
    assert "more alerts" in told("lark").content
    assert len(told("webhook").content) > 40_000


@pytest.mark.usefixtures("ops")
def test_alerts_that_the_sender_left_out_are_counted() -> None:
    data_of(body_of("alertmanager/group.json"), X_Notification_Channels="lark")
    assert "… and 3 more alerts" in told().content
    assert "http://alertmanager.example.com:9093" in told().content


@pytest.mark.usefixtures("ops")
def test_title_and_message_that_a_person_wrote_are_kept() -> None:
    own = {"title": "Machines: {memory}", "message": "Call the night shift."}
    data_of(body_of("grafana/firing.json") | own, X_Notification_Channels="lark")
    assert (told().subject, told().content) == (own["title"], own["message"])


def test_the_alias_answers_alike() -> None:
    make_config(default_client(), "ops")
    assert (
        post(body_of("grafana/firing.json"), "/api/grafana/webhook").status_code == 200
    )


@pytest.mark.usefixtures("ops")
@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("lark", ["lark"]),
        (" Lark , webhook ,", ["lark", "webhook"]),
        ("", ["lark", "telegram", "webhook"]),
        (",", ["lark", "telegram", "webhook"]),
    ],
)
def test_the_header_names_the_channels(header: str, kinds: list[str]) -> None:
    data = data_of(body_of("grafana/firing.json"), X_Notification_Channels=header)
    assert [row["channelType"] for row in data["notification_status"]] == kinds


@pytest.mark.usefixtures("ops")
def test_one_misspelled_channel_loses_no_alert() -> None:
    data = data_of(
        body_of("grafana/firing.json"), X_Notification_Channels="lark,webhok"
    )
    lark, unknown = data["notification_status"]
    assert (lark["status"], unknown["status"]) == ("pending", "failed")
    assert (unknown["channelType"], unknown["code"]) == (
        "webhok",
        "INVALID_CHANNEL_TYPE",
    )
    assert len(data["message_ids"]) == 1


@pytest.mark.usefixtures("ops")
def test_without_any_channel_that_exists_it_is_refused() -> None:
    answer = post(body_of("grafana/firing.json"), X_Notification_Channels="webhok")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CHANNEL_TYPE")


def test_a_receiver_that_is_no_user_is_refused() -> None:
    answer = post(body_of("grafana/firing.json"))
    assert (answer.status_code, answer.json()["code"]) == (400, "USER_NO_CHANNELS")


@pytest.mark.usefixtures("ops")
def test_posted_again_nothing_is_sent_again() -> None:
    body = body_of("grafana/partly_resolved.json")
    first = data_of(body)
    again = data_of({**body, "alerts": body["alerts"][::-1]})
    assert again["message_ids"] == first["message_ids"]
    assert all(row["deduplicated"] for row in again["notification_status"])
    assert NotificationLog.objects.count() == 3


@pytest.mark.usefixtures("ops")
def test_whatever_has_changed_is_sent() -> None:
    body = body_of("grafana/firing.json")
    firing = body["alerts"][0]
    ended = {**firing, "status": "resolved", "endsAt": "2025-03-04T10:02:33Z"}
    for changed in (
        body,
        {**body, "alerts": [firing]},
        {**body, "alerts": [{**firing, "startsAt": "2025-03-04T12:00:00Z"}]},
        {**body, "alerts": [ended], "status": "resolved"},
        {**body, "groupKey": "another"},
    ):
        rows = data_of(changed, X_Notification_Channels="lark")["notification_status"]
        assert not any("deduplicated" in row for row in rows)
    assert NotificationLog.objects.count() == 5


@pytest.mark.usefixtures("ops")
def test_without_a_window_each_post_is_sent(settings: LazySettings) -> None:
    settings.ALERT_REPEAT_SECONDS = 0
    for _again in range(2):
        data_of(body_of("grafana/firing.json"), X_Notification_Channels="lark")
    assert NotificationLog.objects.count() == 2


@pytest.mark.usefixtures("ops")
def test_an_end_that_moves_while_it_fires_is_no_change() -> None:
    body = body_of("alertmanager/firing.json")
    data_of(body)
    body["alerts"][0]["endsAt"] = "2099-01-01T00:00:00Z"
    data_of(body)
    assert NotificationLog.objects.count() == 3


def labelled(body: dict[str, Any], where: str, key: str) -> dict[str, Any]:
    """Put the label that names a template into alerts or into the group."""
    label = {"notification_template": key}
    if where == "alerts":
        alerts = [{**a, "labels": {**a["labels"], **label}} for a in body["alerts"]]
        return {**body, "alerts": alerts}
    return {**body, where: {**body[where], **label}}


SAYS = (
    "{{status}} {{alertname}} {{severity}} {{alertCount}}: {% for alert in firing %}"
    "{{alert.labels.zone}} {{alert.values.B|round(1)}} {{alert.summary}} "
    "{{alert.generatorURL}} {{alert.silenceURL|length}} {{alert.panelURL|length}} "
    "{{alert.fingerprint}};{% endfor %}{{resolvedCount}} {{externalURL}} "
    "{{links|length}} {{commonLabels.team}} {{labelsText}} {{valuesText}}"
)


def save(text: str = SAYS, kind: str = "lark") -> None:
    content: Mapping[str, Any] = {
        "content_template": text,
        "subject_template": "{{title}}",
    }
    save_template(key="alarm", name="Alarm", contents={kind: content}, author="a")


@pytest.mark.usefixtures("ops")
@pytest.mark.parametrize("where", ["alerts", "commonLabels", "groupLabels"])
def test_a_label_picks_the_template(where: str) -> None:
    save()
    body = labelled(body_of("grafana/partly_resolved.json"), where, "alarm")
    data = data_of(body, X_Notification_Channels="lark")
    [row] = data["notification_status"]
    assert (row["template"], "warning" in row) == ("alarm", False)
    log = told()
    assert log.template_key == "alarm"
    assert "{{" not in log.content
    assert log.content.startswith("firing High memory usage critical 2: us-1 91.2 High")
    assert "bc97ff14869b13e3;1 https://grafana.example.com/ 5 blue" in log.content


@pytest.mark.usefixtures("ops")
def test_alerts_with_different_templates_are_different_messages() -> None:
    save()
    body = body_of("grafana/firing.json")
    body["alerts"][0]["labels"]["notification_template"] = "alarm"
    data = data_of(body, X_Notification_Channels="lark")
    assert [(r["template"], r["alerts"]) for r in data["notification_status"]] == [
        ("alarm", 1),
        (None, 1),
    ]
    assert NotificationLog.objects.count() == 2


@pytest.mark.usefixtures("ops")
def test_a_template_that_is_not_there_does_not_stop_the_alert() -> None:
    body = labelled(body_of("grafana/firing.json"), "commonLabels", "nope")
    data = data_of(body)
    assert len(data["notification_status"]) == 3
    for row in data["notification_status"]:
        assert (row["status"], row["template"]) == ("pending", None)
        assert "nope" in row["warning"]
    assert "High memory usage in eu-1" in told().content
    assert told().metadata["template"] == "nope"


@pytest.mark.usefixtures("ops")
def test_a_channel_that_the_template_leaves_out_is_told_plainly() -> None:
    save(kind="webhook")
    body = labelled(body_of("grafana/firing.json"), "commonLabels", "alarm")
    rows = data_of(body)["notification_status"]
    assert {row["channelType"]: row["template"] for row in rows} == {
        "lark": None,
        "telegram": None,
        "webhook": "alarm",
    }
    assert [("warning" in row) for row in rows] == [True, True, False]


@pytest.mark.usefixtures("ops")
def test_a_template_that_fails_with_these_values_is_told_plainly() -> None:
    save("{{alerts|round}}")
    body = labelled(body_of("grafana/firing.json"), "commonLabels", "alarm")
    [row] = data_of(body, X_Notification_Channels="lark")["notification_status"]
    assert row["status"] == "pending"
    assert row["warning"]
    assert "High memory usage in eu-1" in told().content


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


def test_no_alerts_are_nothing_to_send() -> None:
    data = data_of({"receiver": "ops", "alerts": []})
    assert data == {"message_ids": [], "processed_alerts": 0, "notification_status": []}


@pytest.mark.usefixtures("ops")
def test_an_alert_of_which_hardly_anything_is_known_arrives() -> None:
    body = {"receiver": "ops", "alerts": [{"labels": {"n": 1, "x": None}, "values": 7}]}
    data_of(body, X_Notification_Channels="lark")
    assert told().content == "🔥 Alert\nn=1"


@pytest.mark.usefixtures("ops")
def test_in_maintenance_the_sender_is_asked_to_come_again() -> None:
    set_switch(name="maintenance", is_enabled=True, changed_by="a")
    answer = post(body_of("grafana/firing.json"))
    assert (answer.status_code, answer.json()["code"]) == (503, "MAINTENANCE")
    assert answer.headers["Retry-After"]
