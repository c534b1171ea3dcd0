"""What a rehearsal spends and what it does not: keys, signatures, limits."""

import time

import pytest
from django.conf import LazySettings

from channels_app.models import DedupeWindow, NotificationLog
from channels_app.services.limits import forget_limits
from tests.channels_app.api.signed import SEND, one, post
from tests.channels_app.rows import default_client, make_config

pytestmark = pytest.mark.django_db


def test_keys_that_were_used_before_are_told_and_not_spent() -> None:
    make_config(default_client())
    named = {"idempotency_key": "k1", "dedupe_key": "d1"}
    [first] = post(SEND, one(**named)).json()["results"]
    answer = post(SEND, one(dry_run=True, **named)).json()
    assert answer["idempotency_key_used"] is True
    [result] = answer["results"]
    assert (result["status"], result["code"]) == ("would_skip", "deduplicated")
    assert result["duplicate_of"] == first["messageId"]
    assert NotificationLog.objects.count() == 1
    assert DedupeWindow.objects.get().held_back == 0


def test_its_signature_is_good_once() -> None:
    make_config(default_client())
    stamp = str(time.time_ns() // 1_000_000)
    answers = [post(SEND, one(dry_run=True), X_Timestamp=stamp) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["code"] == "REPLAYED_REQUEST"


def test_it_counts_on_the_limit_of_sends(settings: LazySettings) -> None:
    settings.LIMIT_SENDS_PER_MINUTE = 2
    forget_limits()
    make_config(default_client())
    statuses = [post(SEND, one(dry_run=True, n=n)).status_code for n in range(3)]
    assert statuses == [200, 200, 429]
