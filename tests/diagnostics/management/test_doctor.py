"""`manage.py doctor signature`, from a file and from standard input."""

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from channels_app.models import ApiClient
from notifications_client.doctor import Pasted
from tests.channels_app.services.signatures.pastes import KEY_ID, as_http, make_shop
from tests.client.test_doctor import BODY, SECRET, pasted, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop() -> None:
    make_shop()


def fresh(mark: bytes = b"") -> Pasted:
    stamp = str(time.time_ns() // 1_000_000)
    return pasted(signed(stamp.encode() + mark + BODY), X_Timestamp=stamp)


def examine(file: Path, request: bytes, *options: str) -> tuple[str, int]:
    file.write_bytes(request)
    out = io.StringIO()
    try:
        call_command("doctor", "signature", "--file", str(file), *options, stdout=out)
    except SystemExit as left:
        return out.getvalue(), int(str(left.code))
    return out.getvalue(), 0


def test_a_good_request_ends_with_status_0(tmp_path: Path) -> None:
    said, status = examine(tmp_path / "r", as_http(fresh()).encode())
    assert status == 0
    assert "✘" not in said
    assert "The messages are the same, byte for byte." in said


def test_a_mistake_is_told_with_both_messages_and_status_1(tmp_path: Path) -> None:
    request = fresh(b".")
    said, status = examine(tmp_path / "r", as_http(request).encode())
    assert status == 1
    assert "There is a separator between timestamp and payload" in said
    assert f'{request.headers["x-timestamp"]}⟨.{{"user_id"' in said
    assert SECRET not in said
    assert request.headers["x-signature"] not in said


def test_programs_read_json(tmp_path: Path) -> None:
    said, status = examine(tmp_path / "r", as_http(fresh(b".")).encode(), "--json")
    told: dict[str, Any] = json.loads(said)
    assert (status, told["good"], told["mistake"]) == (1, False, "separator")
    assert (told["first_difference"], told["key_id"]) == (13, KEY_ID)
    assert [step["name"] for step in told["steps"] if step["ok"] is False] == [
        "signature"
    ]


def test_a_client_is_named_by_its_name_or_key_id(tmp_path: Path) -> None:
    _said, status = examine(
        tmp_path / "r", as_http(fresh()).encode(), "--client", KEY_ID.upper()
    )
    assert status == 0
    with pytest.raises(CommandError) as refused:
        examine(tmp_path / "r", b"GET /x", "--client", "nobody")
    assert refused.value.returncode == 2
    make_shop(key_id="second")
    make_shop(key_id="third")
    ApiClient.objects.update(name="Shop")
    with pytest.raises(CommandError, match="Several"):
        examine(tmp_path / "r", b"GET /x", "--client", "sHoP")


def test_the_request_comes_from_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO(as_http(fresh()).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw))
    out = io.StringIO()
    call_command("doctor", "signature", stdout=out)
    assert "✔" in out.getvalue()


def test_what_is_no_text_at_all_is_examined_too(tmp_path: Path) -> None:
    request = as_http(fresh()).encode().replace(BODY, b"\xff\xfe\x00")
    said, status = examine(tmp_path / "r", request, "--json")
    assert status == 1
    assert said.encode()


def test_what_cannot_be_examined_ends_with_status_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        examine(tmp_path / "r", b"hello")
    assert refused.value.returncode == 2
    with pytest.raises(CommandError) as missing:
        call_command("doctor", "signature", "--file", str(tmp_path / "none"))
    assert missing.value.returncode == 2
