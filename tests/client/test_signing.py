"""The signature, against the vectors that the documents publish."""

import json
from pathlib import Path
from typing import Any

import pytest

from notifications_client.signing import (
    Credentials,
    ToSign,
    message_v1,
    message_v2,
    signature_of,
    signed_headers,
)

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "docs/reference/signature-vectors.json").read_text())
SECRET, STAMP = VECTORS["secret"], VECTORS["timestamp"]


def names(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def request_of(vector: dict[str, Any]) -> ToSign:
    return ToSign(vector["method"], vector["target"], vector["body"].encode())


@pytest.mark.parametrize("vector", VECTORS["version_1"], ids=names)
def test_version_1_is_signed_as_published(vector: dict[str, Any]) -> None:
    message = message_v1(request_of(vector), STAMP)
    assert signature_of(SECRET, message) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["version_2"], ids=names)
def test_version_2_is_signed_as_published(vector: dict[str, Any]) -> None:
    message = message_v2(request_of(vector), STAMP, vector["nonce"])
    assert message.decode() == vector["message"]
    assert signature_of(SECRET, message) == vector["signature"]


def test_version_2_has_a_new_nonce_each_time() -> None:
    credentials, request = Credentials(SECRET, "k1"), ToSign("GET", "/api/templates")
    first, second = (signed_headers(credentials, request, STAMP) for _ in range(2))
    assert first["X-Nonce"] != second["X-Nonce"]
    assert first["X-Signature-Version"] == "2"
    assert first["X-Key-Id"] == "k1"
    message = message_v2(request, STAMP, first["X-Nonce"])
    assert first["X-Signature"] == signature_of(SECRET, message)


def test_version_1_sends_only_the_fixed_headers() -> None:
    headers = signed_headers(
        Credentials(SECRET, version=1), ToSign("POST", "/x", b"{}"), STAMP
    )
    assert set(headers) == {"X-Timestamp", "X-Signature"}


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(Credentials(SECRET))
