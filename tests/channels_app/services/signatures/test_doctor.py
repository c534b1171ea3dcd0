"""The doctor names the step that fails and the known mistake, and tells no secret."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.delivery.once import SignatureUse
from channels_app.models import ApiClient, Secret
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import nonce_use, signature_use, use_signature
from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import (
    SignatureDiagnosis,
    examine_signature,
    limit_examinations,
)
from channels_app.services.signatures.pasted import NotARequestError
from notifications_client.doctor import Pasted, sentences
from tests.channels_app.rows import secret_of
from tests.channels_app.services.signatures.pastes import (
    KEY_ID,
    as_curl,
    as_http,
    as_measured_http,
    as_verbose_curl,
    make_shop,
)
from tests.client.test_doctor import (
    BODY,
    COMPACT,
    NONCE,
    RIGHT,
    RIGHT_2,
    SECRET,
    STAMP,
    TABLE,
    TS,
    VALUE,
    pasted,
    second,
    signed,
)

pytestmark = pytest.mark.django_db

NOW = int(STAMP) + 2_000
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


@pytest.fixture(autouse=True)
def shop() -> ApiClient:
    return make_shop()


def examine(text: str, key_id: str = "") -> SignatureDiagnosis:
    return examine_signature(read_request(text), key_id=key_id, now_ms=NOW)


def failed(found: SignatureDiagnosis) -> list[str]:
    return [step.name for step in found.steps if step.ok is False]


def all_of(found: SignatureDiagnosis) -> str:
    titles = "\n".join(step.title for step in found.steps)
    return f"{found!r}\n{titles}\n{found.comparison.sentence}"


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


def test_a_pasted_body_that_was_laid_out_anew_is_seen_through() -> None:
    request = as_measured_http(replace(pasted(RIGHT), bodies=(BODY,)))
    found = examine(request.replace(BODY.decode(), json.dumps(VALUE, indent=2)))
    assert found.is_good
    [body] = [step for step in found.steps if step.name == "body"]
    assert "laid out anew" in body.evidence


def test_a_body_of_another_length_than_declared_is_told() -> None:
    request = as_measured_http(pasted(RIGHT)).replace("length: ", "length: 9")
    found = examine(request)
    assert "body" in failed(found)
    assert not found.is_good


def test_a_body_cut_by_its_declared_length_is_checked_as_the_service_reads_it() -> None:
    length = f"content-length: {len(BODY)}"
    request = as_measured_http(pasted(RIGHT)).replace(length, "content-length: 10")
    found = examine(request)
    assert {"body", "signature"} <= set(failed(found))


def test_line_ends_of_a_form_in_the_browser_do_no_harm() -> None:
    body = json.dumps(VALUE, indent=2).encode()
    request = replace(pasted(signed(TS + body)), bodies=(body,))
    assert examine(as_http(request).replace("\n", "\r\n")).is_good
    assert examine(as_measured_http(request).replace("\n", "\r\n")).is_good


def test_the_declared_length_settles_whether_a_line_end_belongs_to_the_body() -> None:
    with_end = pasted(signed(TS + BODY + b"\n"))
    assert examine(as_measured_http(with_end, end="\n")).mistake == "newline"
    assert examine(as_http(with_end, end="\n")).is_good


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


def test_an_unknown_or_switched_off_client_is_told(shop: ApiClient) -> None:
    shop.is_active = False
    shop.save()
    found = examine(as_http(pasted(RIGHT)))
    assert failed(found) == ["key_id"]
    assert (found.client_id, found.client) == (None, "")
    assert [step.ok for step in found.steps if step.name == "signature"] == [None]


def test_a_secret_that_cannot_be_read_is_told(shop: ApiClient) -> None:
    with override_settings(ENCRYPT_KEY="another-key-0123456789abcdef0123"):
        found = examine(as_http(pasted(RIGHT)))
    assert failed(found) == ["key_id"]


def test_a_client_may_want_version_2_only(shop: ApiClient) -> None:
    shop.needs_signature_v2 = True
    shop.save()
    assert failed(examine(as_http(pasted(RIGHT)))) == ["accepted"]
    assert examine(as_http(second(RIGHT_2))).is_good


def test_a_request_without_the_key_id_of_its_secret_is_told() -> None:
    request = as_http(pasted(RIGHT)).replace(f"x-key-id: {KEY_ID}\n", "")
    assert examine(request).mistake == "other-client"
    found = examine(request, key_id=KEY_ID)
    assert failed(found) == ["key_id"]
    assert found.mistake == "other-client"


def test_the_secret_of_another_client_is_named_as_a_mistake() -> None:
    make_shop(secret_of("b"), "b")
    request = pasted(signed(TS + BODY, secret_of("b").encode()))
    assert examine(as_http(request)).mistake == "other-client"


def test_the_old_secret_is_good_and_told(shop: ApiClient) -> None:
    shop.old_secret = shop.secret
    shop.secret = Secret(secret_of("new"))
    shop.save()
    found = examine(as_http(pasted(RIGHT)))
    assert found.is_good
    assert "old secret" in all_of(found)


@pytest.mark.parametrize(
    ("request_", "use"),
    [
        (
            pasted(RIGHT),
            signature_use(key_id=KEY_ID, signature=RIGHT, timestamp=STAMP),
        ),
        (second(RIGHT_2), nonce_use(key_id=KEY_ID, nonce=NONCE)),
    ],
)
def test_a_used_signature_is_told_and_none_is_spent(
    request_: Pasted, use: SignatureUse
) -> None:
    assert examine(as_http(request_)).is_good
    assert examine(as_http(request_)).is_good
    use_signature(use)
    assert failed(examine(as_http(request_))) == ["replay"]
    with override_settings(API_REFUSE_REPLAYS=False):
        assert examine(as_http(request_)).is_good


@pytest.mark.parametrize("place", ["key", "path", "body", "timestamp", "version"])
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_secret_that_was_pasted_along_is_not_shown(
    place: str, is_signed: bool
) -> None:
    body = f'{{"a": "{SECRET}"}}'.encode() if place == "body" else BODY
    stamp = SECRET if place == "timestamp" else STAMP
    message = stamp.encode() + body
    request = replace(
        pasted(signed(message + b" ") if is_signed else "f" * 64), bodies=(body,)
    )
    text = as_http(request).replace(STAMP, stamp)
    if place == "key":
        text = text.replace(f"x-key-id: {KEY_ID}", f"x-key-id: {SECRET}")
    if place == "path":
        text = text.replace("/send ", f"/send?secret={SECRET} ")
    if place == "version":
        text = text.replace("host:", f"x-signature-version: {SECRET}\nhost:")
    assert SECRET not in all_of(examine(text))


def test_a_person_may_not_try_more_than_the_api_allows() -> None:
    with override_settings(LIMIT_BAD_SIGNATURES=2):
        limit_examinations("7")
        limit_examinations("7")
        limit_examinations("8")
        with pytest.raises(RequestRefusedError) as refused:
            limit_examinations("7")
    assert refused.value.code == "RATE_LIMITED"


def test_a_large_body_is_checked_but_not_worked_on() -> None:
    body = b"x" * 70_000
    request = replace(pasted(signed(TS + body)), bodies=(body,))
    assert examine(as_http(request)).is_good
    wrong = replace(pasted(signed(TS + b"." + body)), bodies=(body,))
    assert failed(examine(as_http(wrong))) == ["signature"]


def test_a_body_that_was_written_anew_shows_where() -> None:
    found = examine(as_http(pasted(signed(TS + COMPACT))))
    assert found.comparison.wrong is not None
    assert found.comparison.right.first == "‹SP›"
    digest = hashlib.sha256(COMPACT).hexdigest()
    assert digest not in all_of(found)


TOKENS = st.sampled_from(
    [
        "POST /x HTTP/1.1",
        "curl https://x/",
        " -d ",
        " -H ",
        "\n",
        "\r\n",
        ": ",
        "X-Timestamp",
        "X-Signature",
        "X-Signature-Version: 2",
        "Content-Length: 3",
        "'",
        "$'\\u",
        "\\",
        STAMP,
        RIGHT,
        "\udcff",
        "\x00",
        "张",
    ]
)


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(TOKENS | st.text(max_size=5), max_size=20))
def test_no_paste_makes_the_doctor_fall_over(parts: list[str]) -> None:
    try:
        request = read_request("".join(parts))
    except NotARequestError:
        return
    assert all_of(examine_signature(request, now_ms=NOW)).encode()
