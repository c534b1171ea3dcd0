"""The doctor names the step that fails and the known mistake."""

from collections.abc import Callable

import pytest

from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import examine_signature
from notifications_client.doctor import Pasted, sentences
from tests.channels_app.services.signatures.doctor.examining import (
    all_of,
    examine,
    failed,
)
from tests.channels_app.services.signatures.pastes import (
    KEY_ID,
    as_curl,
    as_http,
    as_measured_http,
    as_verbose_curl,
)
from tests.client.test_doctor import (
    BODY,
    RIGHT,
    RIGHT_2,
    SECRET,
    STAMP,
    TABLE,
    TS,
    pasted,
    second,
    signed,
)

pytestmark = pytest.mark.django_db

# What is no known mistake in signing is told by the step that it fails at.
STEP_OF = {
    sentences.MISSING_HEADER: "headers",
    sentences.SECONDS_SENT: "timestamp",
    sentences.STRANGE_TIMESTAMP: "timestamp",
    sentences.STRANGE_NONCE: "version",
    sentences.UNKNOWN_VERSION: "version",
    sentences.STRANGE_SIGNATURE: "form",
    sentences.NO_MATCH: "signature",
}

WAYS: list[Callable[[Pasted], str]] = [
    as_http,
    lambda request: as_http(request, "\r\n"),
    as_measured_http,
    lambda request: as_measured_http(request, "\r\n", "\r\n\r\n"),
    as_verbose_curl,
    as_curl,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("request_", "name"), TABLE)
def test_a_mistake_is_named_however_it_is_pasted(
    request_: Pasted, name: str, way: Callable[[Pasted], str]
) -> None:
    found = examine(way(request_))
    if name in STEP_OF:
        assert STEP_OF[name] in failed(found)
    else:
        assert found.mistake == name
    assert not found.is_good
    told = all_of(found)
    assert SECRET not in told
    assert RIGHT not in told
    assert RIGHT_2 not in told


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("request_", [pasted(RIGHT), second(RIGHT_2)])
def test_a_good_request_is_good(request_: Pasted, way: Callable[[Pasted], str]) -> None:
    found = examine(way(request_))
    assert failed(found) == []
    assert found.is_good
    assert (found.mistake, found.key_id) == ("", KEY_ID)
    assert found.comparison.at is None
    assert RIGHT not in all_of(found)


def test_a_good_get_is_good() -> None:
    target = "/api/notification-logs?user_id=u1&limit=5"
    request = Pasted(
        "GET",
        target,
        {
            "host": "api.example",
            "x-timestamp": STAMP,
            "x-signature": signed(TS + target.encode()),
        },
    )
    assert examine(as_http(request)).is_good


def test_both_messages_are_shown_up_to_the_first_difference() -> None:
    comparison = examine(as_http(pasted(signed(TS + b"." + BODY)))).comparison
    assert comparison.at == 13
    assert comparison.wrong is not None
    assert (comparison.right.shared, comparison.right.first) == (STAMP, "{")
    assert (comparison.wrong.shared, comparison.wrong.first) == (STAMP, ".")


def test_without_a_known_mistake_what_must_be_signed_is_shown() -> None:
    comparison = examine(as_http(pasted(signed(b"?")))).comparison
    assert comparison.wrong is None
    assert comparison.right.text == f"{STAMP}{BODY.decode()}"


@pytest.mark.parametrize(
    ("skew", "said"), [(-301_000, "after the time"), (301_000, "before the time")]
)
def test_a_clock_that_is_off_is_told_with_the_skew(skew: int, said: str) -> None:
    request = read_request(as_http(pasted(RIGHT)))
    found = examine_signature(request, now_ms=int(STAMP) + skew)
    assert failed(found) == ["window"]
    [window] = [step for step in found.steps if step.name == "window"]
    assert said in window.evidence
    assert "301.0 s" in window.evidence
    assert window.remedy


def test_a_stamp_in_time_says_how_far_it_is_off() -> None:
    found = examine(as_http(pasted(RIGHT)))
    [window] = [step for step in found.steps if step.name == "window"]
    assert "2.0 s" in window.evidence
