"""One idempotency key, used by many callers at once."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.calls import SEND, Answer, Api
from tests.journeys.sandbox import KINDS, Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

CALLERS = 20


def test_twenty_callers_at_once_with_one_key_send_once(
    service: Service, api: Api, sandbox: Sandbox
) -> None:
    user = service.new_user()
    form = {
        "user_id": user,
        "custom_content": {"content": f"Hello {user}"},
        "idempotency_key": secrets.token_hex(8),
    }
    body = json.dumps(form).encode()

    def send(_: int) -> Answer:
        return api.call("POST", SEND, body=body)

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(send, range(CALLERS)))

    accepted = [answer for answer in answers if answer.status == 202]
    in_progress = [answer for answer in answers if answer.status == 409]
    assert len(accepted) + len(in_progress) == CALLERS
    assert all(a.json()["code"] == "IDEMPOTENCY_IN_PROGRESS" for a in in_progress)
    assert all(answer.headers["Retry-After"] for answer in in_progress)
    first = [a for a in accepted if "Idempotent-Replayed" not in a.headers]
    repeated = [a for a in accepted if a.headers["Idempotent-Replayed"] == "true"]
    assert (len(first), len(repeated)) == (1, len(accepted) - 1)
    assert all(answer.json() == first[0].json() for answer in repeated)

    for result in first[0].json()["results"]:
        service.sent(result["message_id"])
    logs = api.expect(200, "GET", f"/api/notification-logs?user_id={user}")["data"]
    assert logs["total"] == len(KINDS)
    assert sorted(m["provider"] for m in sandbox.arrived(user)) == sorted(KINDS)


def test_a_key_belongs_to_its_first_body(service: Service, api: Api) -> None:
    user = service.new_user(("slack",))
    form = {"user_id": user, "idempotency_key": f"key of {user}"}
    api.send(**form, custom_content={"content": "one"})
    other = {**form, "custom_content": {"content": "two"}}
    refusal = api.expect(422, "POST", SEND, other)
    assert refusal["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert refusal["hint"]


def test_the_header_is_as_good_as_the_field(service: Service, api: Api) -> None:
    user = service.new_user(("slack",))
    form = {"user_id": user, "custom_content": {"content": "Hello"}}
    headers = {"Idempotency-Key": f'"key of {user}"'}
    body = json.dumps(form).encode()
    first, second = (
        api.call("POST", SEND, body=body, headers=headers) for _ in range(2)
    )
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
