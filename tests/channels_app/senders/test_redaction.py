import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.senders.redaction import HIDDEN, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Post https://e.org/x?k=1: refused", f"Post {HIDDEN} refused"),
        ("at /open-apis/bot/v2/hook/abc-1 now", f"at {HIDDEN} now"),
        ("no /services/T1/B1/xyz", f"no {HIDDEN}"),
        ("POST /bot12345:AAE-x_yz12/sendMessage", f"POST /{HIDDEN}/sendMessage"),
        ("got whsec_abc=", f"got {HIDDEN}"),
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN}"),
        ('{"token": "abc", "a": 1}', f'{{"token": "{HIDDEN}", "a": 1}}'),
        ("api_key=abc&b=1", f"api_key={HIDDEN}&b=1"),
        (
            "incoming webhook access token invalid",
            "incoming webhook access token invalid",
        ),
        ("bot was blocked by the user", "bot was blocked by the user"),
        ("sign match fail or timestamp", "sign match fail or timestamp"),
        ("design: fine", "design: fine"),
    ],
)
def test_what_looks_secret_is_hidden_and_the_rest_stays(
    text: str, expected: str
) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "echo",
    ["geheim/ü 1", "geheim%2F%C3%BC%201", "geheim/\\u00fc 1"],
)
def test_a_known_secret_is_hidden_in_every_spelling(echo: str) -> None:
    assert redact(f"a {echo} b", ["geheim/ü 1"]) == f"a {HIDDEN} b"


def test_the_path_of_a_secret_address_is_secret_too() -> None:
    assert redact("no /a/b-c here", ["https://e.org/a/b-c"]) == f"no {HIDDEN} here"


@given(before=st.text(), secret=st.text(min_size=12), after=st.text())
def test_no_known_secret_is_left(before: str, secret: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret])
