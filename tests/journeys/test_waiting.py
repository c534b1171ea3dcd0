"""Callers that wait for the outcome, on a running service."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.calls import SEND, Answer, Api
from tests.journeys.sandbox import KINDS, Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

BATCH = "/api/notifications/send-batch"


def form_for(user: str, **more: object) -> dict[str, object]:
    return {"user_id": user, "custom_content": {"content": f"Hello {user}"}, **more}


def waiting(api: Api, path: str, form: object, seconds: int = 10) -> Answer:
    answer = api.call("POST", path, form, headers={"Prefer": f"wait={seconds}"})
    assert answer.status == 202, answer.body
    return answer


def test_the_answer_says_what_became_of_each_channel(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user()
    sandbox.behave("slack", "refused")
    answer = waiting(api, SEND, form_for(user))
    assert answer.headers["Preference-Applied"] == "wait=10"
    results = {one["channelType"]: one for one in answer.json()["results"]}
    assert set(results) == set(KINDS)
    for kind, result in results.items():
        settled = api.message(result["message_id"])["log"]
        assert result["status"] == settled["status"], result
        assert result["status"] == ("failed" if kind == "slack" else "sent")
    assert results["slack"]["code"]


def test_a_batch_waits_and_what_is_not_settled_goes_on(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user(("webhook",))
    form = {"notifications": [form_for(user), form_for(user, send_at="2099-01-01")]}
    answer = waiting(api, BATCH, form, 2)
    statuses = [one["results"][0]["status"] for one in answer.json()["results"]]
    assert statuses == ["sent", "pending"]
    assert answer.headers["Preference-Applied"] == "wait=2"


def test_many_that_wait_leave_room_for_the_others(service: Service, api: Api) -> None:
    user = service.new_user(("webhook",))
    planned = form_for(user, send_at="2099-01-01")

    def wait(_number: int) -> Answer:
        return waiting(api, SEND, planned, 5)

    with ThreadPoolExecutor(24) as callers:
        answers = [callers.submit(wait, number) for number in range(24)]
        # What nobody waits for is answered while the others are held back.
        assert api.send(**form_for(user))
        assert not all(answer.done() for answer in answers)
    held = [one for one in answers if "Preference-Applied" in one.result().headers]
    assert 0 < len(held) < 24


def test_a_dry_run_shows_what_then_happens(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user()
    seen = api.expect(200, "POST", SEND, form_for(user, dry_run=True))
    assert seen["queue"]["is_worked"] is True
    assert not sandbox.arrived(user)
    waiting(api, SEND, form_for(user))
    for result in seen["results"]:
        kind = result["channelType"]
        [request] = result["requests"]
        [message] = sandbox.wait_for(f"Hello {user}", kind)
        assert set(json.loads(request["body"])) == set(json.loads(message["body"]))
