"""The messages that are made of the bodies that Grafana and Alertmanager post."""

import pytest

from channels_app.models import NotificationLog, Priority
from tests.channels_app.api.alerts.posts import PAYLOADS, body_of, data_of, told

pytestmark = pytest.mark.django_db

SILENCE = (
    "https://grafana.example.com/alerting/silence/new?alertmanager=grafana"
    "&matcher=alertname%3DHigh+memory+usage&matcher=zone%3Deu-1&orgId=1"
)
BODIES = sorted(
    str(path.relative_to(PAYLOADS))
    for folder in ("grafana", "alertmanager")
    for path in (PAYLOADS / folder).glob("*.json")
)


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


def test_no_alerts_are_nothing_to_send() -> None:
    data = data_of({"receiver": "ops", "alerts": []})
    assert data == {"message_ids": [], "processed_alerts": 0, "notification_status": []}


@pytest.mark.usefixtures("ops")
def test_an_alert_of_which_hardly_anything_is_known_arrives() -> None:
    body = {"receiver": "ops", "alerts": [{"labels": {"n": 1, "x": None}, "values": 7}]}
    data_of(body, X_Notification_Channels="lark")
    assert told().content == "🔥 Alert\nn=1"
