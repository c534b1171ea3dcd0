import json
import re
from pathlib import Path
from typing import Any

import pytest

from channels_app.services.signatures.signature import (
    StampFault,
    check,
    is_in_window,
    is_signed_with,
    message_1,
    message_2,
    payload_of,
    sign,
    stamp_fault,
)

SECRET = "test-secret-key-0123456789abcdef"
STAMP = "1736150400000"
TARGET = b"/api/notification-logs?user_id=u1&limit=5"
VECTORS = [
    (
        "POST",
        b'{"user_id":"u1","channels":["webhook"]}',
        "ad0dbf27be83d0d30bd6d1c843fab04125fdff8f06664b37b25125ef25e43638",
    ),
    (
        "POST",
        '{"user_id":"张三","n":1}'.encode(),
        "988415b8d04df86c60b832580c48de6ea4fd88f9f77156b7067b7679da1b4d82",
    ),
    ("GET", b"", "955165ed866cccafe459cd8f6785f22c62268596ad0c83aeb2b59a24bbc1cbbc"),
    ("POST", b"", "40a81f137554eb5fe888b4e427664f6e9f48a120937f94c28ce829e35983c7a8"),
]
FILE = Path(__file__).parents[4] / "docs" / "reference" / "signature-vectors.json"
WRITTEN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", WRITTEN["version_1"], ids=lambda row: row["name"])
def test_the_written_vectors_of_version_1_hold(vector: dict[str, str]) -> None:
    message = message_1(
        vector["method"],
        WRITTEN["timestamp"],
        vector["target"].encode(),
        vector["body"].encode(),
    )
    assert is_signed_with(WRITTEN["secret"], message, vector["signature"])


@pytest.mark.parametrize("vector", WRITTEN["version_2"], ids=lambda row: row["name"])
def test_the_written_vectors_of_version_2_hold(vector: dict[str, str]) -> None:
    message = message_2(
        vector["method"],
        WRITTEN["timestamp"],
        vector["nonce"],
        vector["target"].encode(),
        vector["body"].encode(),
    )
    assert message.decode() == vector["message"]
    assert is_signed_with(WRITTEN["secret"], message, vector["signature"])


@pytest.mark.parametrize(("method", "body", "signature"), VECTORS)
def test_the_vectors_of_the_contract_hold(
    method: str, body: bytes, signature: str
) -> None:
    payload = payload_of(method, body, TARGET)
    assert sign(SECRET, STAMP, payload) == signature
    assert check(SECRET, STAMP, payload, signature)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_methods_without_a_signed_body_sign_the_target(method: str) -> None:
    assert payload_of(method, b'{"days":1}', TARGET) == TARGET


@pytest.mark.parametrize("signature", ["", "x", "张三", "\ud800", "A" * 64])
def test_any_other_text_is_not_a_signature(signature: str) -> None:
    assert not check(SECRET, STAMP, b"", signature)


@pytest.mark.parametrize(
    ("timestamp", "fault"),
    [
        ("1736150400000", None),
        ("1736150400", StampFault.SECONDS),
        ("1736150400.123", StampFault.SECONDS),
        ("", StampFault.MALFORMED),
        ("173615040000", StampFault.MALFORMED),
        ("17361504000000", StampFault.MALFORMED),
        ("1736150400000\n", StampFault.MALFORMED),
        ("+736150400000", StampFault.MALFORMED),
        ("１７３６１５０４０００００", StampFault.MALFORMED),
        ("2026-01-01T00:00:00Z", StampFault.MALFORMED),
    ],
)
def test_a_timestamp_is_thirteen_ascii_digits(
    timestamp: str, fault: StampFault | None
) -> None:
    assert stamp_fault(timestamp) is fault


@pytest.mark.parametrize(
    ("skew", "is_good"),
    [(0, True), (300_000, True), (-300_000, True), (300_001, False), (-300_001, False)],
)
def test_the_window_is_five_minutes_to_either_side(skew: int, is_good: bool) -> None:
    assert is_in_window(skew) is is_good


def test_the_documented_signatures_are_the_written_ones() -> None:
    page = (FILE.parent / "api.md").read_text(encoding="utf-8")
    written = {
        vector["signature"]
        for version in ("version_1", "version_2")
        for vector in WRITTEN[version]
    }
    shown = set(re.findall(r"`([0-9a-f]{64})`", page))
    assert shown
    assert shown <= written
