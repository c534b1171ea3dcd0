from typing import Any

import pytest

from channels_app.selectors.masking import UNREADABLE, is_masked, mask, unmask

FORMS = [
    ("bot_token", "123456:AAF-abc_def", "123456:****"),
    (
        "webhook_url",
        "https://open.larksuite.com/open-apis/x",
        "https://open.larksuite.com/****",
    ),
    ("webhook_url", "http://127.0.0.1:8010/lark/h", "http://127.0.0.1:8010/****"),
    ("webhook_url", "https://me:pw@host.example/x", "https://host.example/****"),
    ("url", "tgram://123:token/chat", "tgram://****"),
    ("url", "https://[broken/x", "****"),
    ("secret", "123456:looks-like-a-token", "****"),
    ("secret", "", ""),
    ("secret", None, None),
    ("secret", 12345678, "****"),
    (
        "headers",
        {"Authorization": "Bearer x", "X-A": "1"},
        {"Authorization": "****", "X-A": "****"},
    ),
]


@pytest.mark.parametrize(("name", "secret", "shown"), FORMS)
def test_a_mask_shows_what_recognises_a_secret_and_no_more(
    name: str, secret: Any, shown: Any
) -> None:
    assert mask(name, secret) == shown


@pytest.mark.parametrize(("name", "secret", "shown"), FORMS)
def test_a_mask_sent_back_becomes_the_secret_again(
    name: str, secret: Any, shown: Any
) -> None:
    assert unmask(name, shown, secret) == secret


def test_a_header_that_is_new_goes_beside_the_kept_one() -> None:
    sent = {"A": "****", "B": "new"}
    assert unmask("headers", sent, {"A": "old"}) == {"A": "old", "B": "new"}


@pytest.mark.parametrize(
    "value", ["****", "https://host/****", "1:****", UNREADABLE, {"A": "****"}]
)
def test_a_mask_is_known_as_one(value: Any) -> None:
    assert is_masked(value)


@pytest.mark.parametrize("value", ["https://host/x", "", None, 5, {"A": "1"}])
def test_a_real_value_is_no_mask(value: Any) -> None:
    assert not is_masked(value)
