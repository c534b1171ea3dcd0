import pytest

from diagnostics.sandbox import webhook
from diagnostics.sandbox.drawing import json_runs
from diagnostics.sandbox.exchange import Reply
from tests.diagnostics.sandbox.builders import NOW, answer_of, post

BODY = '{"who": "Zoë \\"Q\\" \\\\ 张三"}'.encode()
TIME = str(int(NOW))


def headers(**changes: str) -> dict[str, str]:
    sign = webhook.sign(webhook.SIGNED_WITH, "msg_1", TIME, BODY)
    given = {"id": "msg_1", "timestamp": TIME, "signature": sign, **changes}
    return {f"webhook-{name}": value for name, value in given.items()}


def notes_of(reply: Reply) -> dict[str, str]:
    assert reply.arrived is not None
    return {note.name: note.value for note in reply.arrived.seen.notes}


def test_the_signature_matches_the_specifications_vector() -> None:
    assert (
        webhook.sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_any_method_is_taken(method: str) -> None:
    reply = webhook.receive(post("orders", BODY, method=method))
    assert reply.status == 200
    assert notes_of(reply)["method"] == method


@pytest.mark.parametrize(
    ("body", "verdict"), [(BODY, "valid"), (b"{", "invalid"), (b"", "invalid")]
)
def test_the_body_is_shown_and_said_to_be_json_or_not(
    body: bytes, verdict: str
) -> None:
    reply = webhook.receive(post("orders", body))
    assert notes_of(reply)["json"] == verdict
    assert answer_of(reply)["valid_json"] is (verdict == "valid")


def test_the_words_in_json_arrive_intact() -> None:
    reply = webhook.receive(post("orders", BODY))
    assert reply.arrived is not None
    assert '"who": "Zoë \\"Q\\" \\\\ 张三"' in reply.arrived.seen.text


@pytest.mark.parametrize(
    "given",
    [
        headers(),
        headers(signature="v1,bm8= " + headers()["webhook-signature"]),
    ],
)
def test_a_good_signature_is_accepted(given: dict[str, str]) -> None:
    reply = webhook.receive(post("orders-signed", BODY, headers=given))
    assert reply.status == 200
    assert notes_of(reply)["signature"] == "valid"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "missing header webhook-id"),
        (headers(signature="v1,bm8="), "no matching signature"),
        (headers(id="msg_2"), "no matching signature"),
        (headers(timestamp="soon"), "webhook-timestamp is not in Unix seconds"),
        (headers(timestamp=TIME + "000"), "webhook-timestamp is more than five"),
        (headers(signature="v1,ü"), "no matching signature"),
    ],
)
def test_a_bad_signature_is_refused(given: dict[str, str], fault: str) -> None:
    reply = webhook.receive(post("orders-signed", BODY, headers=given))
    assert reply.status == 401
    assert str(answer_of(reply)["detail"]).startswith(fault)
    assert notes_of(reply)["signature"] == "invalid"


@pytest.mark.parametrize(("age", "status"), [(300, 200), (301, 401), (-301, 401)])
def test_a_signature_lives_five_minutes(age: int, status: int) -> None:
    request = post("orders-signed", BODY, headers=headers(), now=int(NOW) + age)
    assert webhook.receive(request).status == status


def test_a_signature_nobody_asked_for_is_not_checked() -> None:
    reply = webhook.receive(post("orders", BODY, headers=headers()))
    assert notes_of(reply)["signature"] == "unchecked"


def test_gone_is_gone() -> None:
    reply = webhook.receive(post("gone", BODY))
    assert reply.status == 410
    assert reply.arrived is not None
    assert not reply.arrived.accepted


def test_the_words_of_a_json_body_are_told_apart() -> None:
    text = '{\n  "a: \\"b": "x: {1}",\n  "n": [-1.5e3, true, null]\n}'
    runs = json_runs(text)
    assert "".join(run.text for run in runs) == text
    looks = {run.text: run.styles for run in runs if run.styles}
    assert looks == {
        '"a: \\"b"': ("json-key",),
        '"x: {1}"': ("json-text",),
        '"n"': ("json-key",),
        "-1.5e3": ("json-number",),
        "true": ("json-word",),
        "null": ("json-word",),
    }


def test_a_long_body_is_not_cut_into_words() -> None:
    assert len(json_runs('"a" ' * 10_000)) == 1
