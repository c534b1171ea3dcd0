"""A byte that is not the one that was written is noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from diagnostics.backup.archive import opened
from diagnostics.backup.refusals import BackupRefusedError
from diagnostics.backup.seal import SEAL_BYTES
from tests.diagnostics.backup.refusing import refused

pytestmark = pytest.mark.django_db


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
