"""Batches that are rehearsed, whole or in part."""

import pytest

from channels_app.models import NotificationLog
from tests.channels_app.api.signed import BATCH, one, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


def test_a_batch_is_rehearsed_as_a_whole() -> None:
    make_config(default_client())
    entries = [one(), one(priority="urgent"), one("nobody"), one(dry_run=True)]
    answer = post(BATCH, {"dry_run": True, "notifications": entries})
    body = answer.json()
    assert (answer.status_code, body["accepted"], body["rejected"]) == (200, 2, 2)
    assert [r["index"] for r in body["results"]] == [0, 1, 2, 3]
    assert body["results"][0]["results"][0]["content"] == "hello"
    assert body["results"][1]["code"] == "INVALID_PARAMETER"
    assert body["results"][2]["refusal"]["code"] == "USER_NO_CHANNELS"
    assert body["queue"]["is_worked"] is False
    assert not NotificationLog.objects.exists()


def test_one_of_a_batch_that_is_to_be_rehearsed_is_never_sent() -> None:
    make_config(default_client())
    body = post(BATCH, {"notifications": [one(), one(dry_run=True)]}).json()
    assert (body["accepted"], body["rejected"]) == (1, 1)
    assert body["results"][1]["details"] == {"parameter": "notifications[1].dry_run"}
    assert NotificationLog.objects.count() == 1
