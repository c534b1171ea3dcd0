"""Alerts in the words of a template that a label names."""

from collections.abc import Mapping
from typing import Any

import pytest

from channels_app.models import NotificationLog
from templates_app.services import save_template
from tests.channels_app.api.alerts.posts import body_of, data_of, told

pytestmark = pytest.mark.django_db


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
