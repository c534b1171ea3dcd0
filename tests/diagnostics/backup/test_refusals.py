"""A backup whose contents are not what it says, or not for this place, is refused."""

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels_app.models import ApiClient
from diagnostics.backup.archive import opened
from diagnostics.backup.manifest import require_fitting
from diagnostics.backup.refusals import CODES, BackupRefusedError
from tests.diagnostics.backup.forged import facts_of, forged, put_together, taken_apart
from tests.diagnostics.backup.refusing import CLIENTS, refused

pytestmark = pytest.mark.django_db


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
