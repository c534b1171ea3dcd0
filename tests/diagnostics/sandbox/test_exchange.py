import pytest

from diagnostics.sandbox.drawing import link_address
from diagnostics.sandbox.exchange import mask, mask_header, mask_query
from diagnostics.sandbox.providers import BY_NAME


@pytest.mark.parametrize(
    ("secret", "shown"),
    [("short", "***"), ("long-enough-token", "long***"), ("", "***")],
)
def test_a_credential_is_masked(secret: str, shown: str) -> None:
    assert mask(secret) == shown


@pytest.mark.parametrize(
    ("name", "is_hidden"),
    [
        ("authorization", True),
        ("cookie", True),
        ("x-api-key", True),
        ("x-auth-token", True),
        ("content-type", False),
        ("webhook-signature", False),
        ("idempotency-key", False),
    ],
)
def test_headers_that_carry_credentials_are_masked(name: str, is_hidden: bool) -> None:
    shown = mask_header(name, "some-long-value")
    assert (shown != "some-long-value") is is_hidden


def test_query_fields_that_carry_credentials_are_masked() -> None:
    query = "access_token=0123456789&text=hello&key=0123456789"
    assert mask_query(query) == "access_token=0123***&text=hello&key=0123***"


@pytest.mark.parametrize(
    ("provider", "path", "shown"),
    [
        ("lark", "hook/0123456789", "hook/0123***"),
        ("lark", "hook/demo", "hook/***"),
        ("telegram", "bot123456:abcdefgh/sendMessage", "bot1234***/sendMessage"),
        ("slack", "services/T0/B0/0123456789", "services/T0/B0/0123***"),
        ("webhook", "orders", "orders"),
        ("slack", "services", "services"),
    ],
)
def test_paths_hide_their_credential(provider: str, path: str, shown: str) -> None:
    assert BY_NAME[provider].masked(path) == shown


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://x.y/", "https://x.y/"),
        ("http://x.y", "http://x.y"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        (" JavaScript:alert(1)", ""),
        ("http://[", ""),
        ("/relative", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_only_web_addresses_become_links(address: object, kept: str) -> None:
    assert link_address(address) == kept
