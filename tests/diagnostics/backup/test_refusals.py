"""A file that is not exactly what was written is refused, and nothing is changed."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels_app.models import ApiClient
from diagnostics.backup.archive import opened
from diagnostics.backup.manifest import require_fitting
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.backup.refusals import CODES, BackupRefusedError
from diagnostics.backup.seal import SEAL_BYTES
from tests.diagnostics.backup.forged import (
    facts_of,
    forged,
    put_together,
    taken_apart,
    with_row,
    with_value,
)
from tests.diagnostics.backup.stock import everything

pytestmark = pytest.mark.django_db

CLIENTS = "api_clients"
LOGS = "notification_logs"


def refused(path: Path, passphrase: str = "") -> str:
    """Return the code that a restore of the file is refused with."""
    before = everything()
    with pytest.raises(BackupRefusedError) as caught:
        _plan(path, passphrase)
    assert everything() == before
    assert caught.value.sentence
    assert caught.value.remedy
    return caught.value.code


def _plan(path: Path, passphrase: str) -> None:
    with opened(path, passphrase) as archive:
        require_fitting(archive.manifest, using="default")
        plan_restore(archive, Wanted())


def test_every_single_byte_that_is_flipped_is_noticed(small: Path) -> None:
    whole = small.read_bytes()
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        small.write_bytes(flipped)
        with pytest.raises(BackupRefusedError), opened(small):
            pass
    small.write_bytes(whole)
    with opened(small) as archive:
        assert archive.manifest.rows == 1


def test_every_byte_that_is_replaced_by_any_other_in_the_seal_is_noticed(
    small: Path,
) -> None:
    whole = small.read_bytes()
    for place in range(len(whole) - SEAL_BYTES, len(whole)):
        for other in {0, 32, 48, 58, 65, 97, 255} - {whole[place]}:
            small.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
            with pytest.raises(BackupRefusedError), opened(small):
                pass


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda whole: whole[:-1], "not_a_backup"),
        (lambda whole: whole[: len(whole) // 2], "not_a_backup"),
        (lambda whole: whole + b"\0", "not_a_backup"),
        (lambda whole: b"", "not_a_backup"),
        (lambda whole: b"PK\5\6" + bytes(18), "not_a_backup"),
        (lambda whole: b"x" + whole, "damaged"),
        (lambda whole: whole[1:], "damaged"),
        (lambda whole: whole.replace(b":0001:", b":0002:"), "newer_format"),
    ],
)
def test_what_was_cut_or_added_is_noticed(
    small: Path, damage: Callable[[bytes], bytes], code: str
) -> None:
    small.write_bytes(damage(small.read_bytes()))
    assert refused(small) == code


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == "not_readable"


def test_a_backup_under_another_key_is_refused_until_that_key_is_known(
    small: Path, settings: Any
) -> None:
    old = settings.ENCRYPT_KEY
    settings.ENCRYPT_KEY = secrets.token_hex(16)
    assert refused(small) == "foreign_key"
    settings.ENCRYPT_KEYS_OLD = [old]
    with opened(small) as archive:
        assert archive.manifest.rows == 1


def test_secrets_under_a_lost_key_are_refused(full: Path, settings: Any) -> None:
    manifest, parts = taken_apart(full)
    put_together(full, replace(manifest, key_ids=("0000abcd",)), parts)
    assert refused(full) == "lost_secrets"
    lost = replace(manifest, key_ids=("0000abcd",), lost_key_ids=("0000abcd",))
    put_together(full, lost, parts)
    with opened(full) as archive:
        require_fitting(archive.manifest, using="default")


def test_a_backup_of_a_newer_product_is_refused(full: Path) -> None:
    manifest, parts = taken_apart(full)
    names = {**manifest.migrations, "channels_app": ["9999_from_the_future"]}
    put_together(full, replace(manifest, migrations=names), parts)
    assert refused(full) == "newer_product"


def test_a_newer_format_in_the_table_of_contents_is_refused(full: Path) -> None:
    manifest, parts = taken_apart(full)
    put_together(full, replace(manifest, format=2), parts)
    assert refused(full) == "newer_format"


@pytest.mark.parametrize(
    "about",
    [
        b" ",
        b"{}",
        b"[]",
        b"null",
        b'{"format": "1"}',
        b"[" * 100_000,
        b'{"format": 1, "parts": 5}',
        b" " * (2 << 20),
    ],
)
def test_a_table_of_contents_that_is_none_is_refused(small: Path, about: bytes) -> None:
    manifest, parts = taken_apart(small)
    put_together(small, manifest, parts, about=about)
    assert refused(small) == "wrong_manifest"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x",
        "/etc/passwd",
        "..\\x",
        "auth_user.jsonl",
        "api_clients.jsonl/",
        "API_CLIENTS.jsonl",
    ],
)
def test_a_part_that_does_not_belong_there_is_refused(small: Path, name: str) -> None:
    manifest, parts = taken_apart(small)
    put_together(small, manifest, parts, extra={name: b"x"})
    assert refused(small) == "wrong_parts"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(small: Path) -> None:
    manifest, parts = taken_apart(small)
    put_together(small, manifest, parts, extra={"api_clients.jsonl": b"x"})
    assert refused(small) == "wrong_parts"


def test_a_part_that_is_missing_is_refused(small: Path) -> None:
    manifest, parts = taken_apart(small)
    del parts[CLIENTS]
    put_together(small, manifest, parts)
    assert refused(small) == "wrong_parts"


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"rows": 3}, "wrong_part"),
        ({"sha256": "0" * 64}, "wrong_part"),
        ({"bytes": 5}, "too_large"),
        ({"bytes": 1 << 40}, "too_large"),
    ],
)
def test_a_table_of_contents_that_lies_is_refused(
    small: Path, lie: dict[str, Any], code: str
) -> None:
    path = forged(small, CLIENTS, lambda text: text, **lie)
    assert refused(path) == code


def test_a_zip_bomb_is_refused_before_it_is_unpacked(small: Path) -> None:
    path = forged(small, CLIENTS, lambda text: text + b"\n" * (100 << 20))
    assert path.stat().st_size < 1 << 20
    assert refused(path) == "too_large"


def test_a_huge_line_is_refused_and_never_held_whole(small: Path) -> None:
    path = forged(small, CLIENTS, lambda text: b" " * (17 << 20) + text)
    assert refused(path) == "line_too_long"


def test_a_last_line_without_its_end_is_refused(small: Path) -> None:
    path = forged(small, CLIENTS, lambda text: text[:-1])
    assert refused(path) == "wrong_part"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b'"row"',
        b"{",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"id": NaN}',
        b'{"id": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_line_that_is_no_row_is_refused(small: Path, line: bytes) -> None:
    path = forged(small, CLIENTS, lambda text: text + line + b"\n")
    assert refused(path) == "not_a_row"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (CLIENTS, "key_id", None),
        (CLIENTS, "key_id", 5),
        (CLIENTS, "key_id", ["default"]),
        (CLIENTS, "is_active", 1),
        (CLIENTS, "is_active", "true"),
        (CLIENTS, "id", "1"),
        (CLIENTS, "id", True),
        (CLIENTS, "id", 2**63),
        (CLIENTS, "sends_per_minute", -1),
        (CLIENTS, "sends_per_minute", 1.5),
        (CLIENTS, "scopes", None),
        (CLIENTS, "created_at", "yesterday"),
        (CLIENTS, "created_at", "2026-01-01T00:00:00"),
        (CLIENTS, "created_at", 1767225600),
        (CLIENTS, "secret", "in clear"),
        (CLIENTS, "secret", {"secret": "in clear"}),
        (CLIENTS, "no_such_column", 1),
        ("user_configs", "client", "default"),
        ("user_configs", "client", ["default", "x"]),
        ("user_configs", "client", [1]),
        ("user_configs", "client", None),
        (LOGS, "status", "lost"),
        (LOGS, "config", [["default"], "u0"]),
        ("delivery_attempts", "log", None),
        ("delivery_attempts", "retry_after_seconds", "1"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    full: Path, table: str, column: str, value: object
) -> None:
    path = forged(full, table, with_value(column, value))
    assert refused(path) == "wrong_row"


def test_a_row_that_lacks_what_it_needs_is_refused(full: Path) -> None:
    path = forged(full, LOGS, with_row(lambda row: row.pop("message_id")))
    assert refused(path) == "wrong_row"


def test_rows_that_belong_to_no_unit_are_refused(full: Path) -> None:
    path = forged(full, "delivery_attempts", with_value("log", ["no-such-message"]))
    assert refused(path) == "wrong_part"


def test_the_error_of_a_wrong_row_shows_nothing_of_it(full: Path) -> None:
    path = forged(full, CLIENTS, with_value("secret", "canary-in-clear"))
    with opened(path) as archive, pytest.raises(BackupRefusedError) as caught:
        plan_restore(archive, Wanted())
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "canary" not in " ".join(map(repr, chain))


def test_every_refusal_has_a_sentence_and_a_remedy_in_which_names_are_filled() -> None:
    values: dict[str, Any] = dict.fromkeys(
        [
            *("why", "key", "format", "name", "version", "column", "what", "since"),
        ],
        "x",
    ) | dict.fromkeys(("known", "least", "line", "most", "count"), 1)
    for code in CODES:
        error = BackupRefusedError(code, **values)
        assert json.dumps(error.as_dict())
        assert error.code in str(error)


def test_facts_are_those_of_a_part() -> None:
    assert facts_of(b"a\nb\n").rows == 2
    assert ApiClient.objects.count() <= 1
