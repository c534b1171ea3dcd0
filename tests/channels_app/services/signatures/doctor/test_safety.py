"""What the doctor never does: show a secret, fall over, be tried without end."""

from dataclasses import replace

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.services.refusals import RequestRefusedError
from channels_app.services.signatures.curl import read_request
from channels_app.services.signatures.doctor import (
    examine_signature,
    limit_examinations,
)
from channels_app.services.signatures.pasted import NotARequestError
from tests.channels_app.services.signatures.doctor.examining import NOW, all_of, examine
from tests.channels_app.services.signatures.pastes import KEY_ID, as_http
from tests.client.test_doctor import BODY, RIGHT, SECRET, STAMP, pasted, signed

pytestmark = pytest.mark.django_db


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
