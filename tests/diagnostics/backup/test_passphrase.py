"""A backup that is encrypted as a whole opens with its passphrase, or not at all."""

import io
import secrets
from pathlib import Path
from typing import Any

import pytest

from diagnostics.backup.archive import needs_passphrase, opened
from diagnostics.backup.passphrase import (
    CHUNK,
    HEADER,
    TAG,
    DecryptingReader,
    EncryptingWriter,
)
from diagnostics.backup.refusals import BackupRefusedError
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.stock import backed_up

PASSPHRASE = "correct horse battery"


def encrypted(plain: bytes) -> bytes:
    out = io.BytesIO()
    writer = EncryptingWriter(out, PASSPHRASE)
    for start in range(0, len(plain), 50_000):
        writer.write(plain[start : start + 50_000])
    writer.close()
    return out.getvalue()


def decrypted(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    reader: Any = DecryptingReader(io.BytesIO(sealed), passphrase)
    return io.BufferedReader(reader).read()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]
)
def test_what_goes_in_comes_out(size: int) -> None:
    plain = secrets.token_bytes(size)
    sealed = encrypted(plain)
    assert decrypted(sealed) == plain
    assert plain[:32] not in sealed or size < 16


def test_any_place_can_be_read_without_what_is_before_it() -> None:
    plain = secrets.token_bytes(3 * CHUNK)
    reader = DecryptingReader(io.BytesIO(encrypted(plain)), PASSPHRASE)
    for place in (2 * CHUNK + 5, 3, CHUNK - 2):
        reader.seek(place)
        # A raw reader may stop at the end of a chunk.
        piece = reader.read(10)
        assert piece
        assert plain[place : place + len(piece)] == piece
    assert reader.seek(-4, 2) == 3 * CHUNK - 4
    assert reader.read(10) == plain[-4:]


def test_a_wrong_passphrase_opens_nothing() -> None:
    with pytest.raises(BackupRefusedError) as caught:
        decrypted(encrypted(b"x"), "another passphrase")
    assert caught.value.code == "passphrase_wrong"


def swapped(sealed: bytes) -> bytes:
    first = slice(HEADER, HEADER + CHUNK + TAG)
    second = slice(HEADER + CHUNK + TAG, HEADER + 2 * (CHUNK + TAG))
    return sealed[:HEADER] + sealed[second] + sealed[first] + sealed[second.stop :]


@pytest.mark.parametrize(
    "damage",
    [
        swapped,
        lambda sealed: sealed[: HEADER + CHUNK + TAG],
        lambda sealed: sealed[:HEADER] + sealed[HEADER + CHUNK + TAG :],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"x",
        lambda sealed: sealed[:HEADER],
        lambda sealed: sealed[: HEADER - 1],
        lambda sealed: sealed[:10] + b"x" + sealed[11:],
    ],
)
def test_chunks_cannot_be_swapped_cut_or_added(damage: Any) -> None:
    sealed = encrypted(secrets.token_bytes(3 * CHUNK))
    with pytest.raises(BackupRefusedError):
        decrypted(damage(sealed))


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BackupRefusedError) as caught:
        EncryptingWriter(io.BytesIO(), "short")
    assert caught.value.code == "passphrase_short"


@pytest.mark.django_db(transaction=True)
def test_a_backup_with_a_passphrase_shows_nothing_and_opens_with_it(
    tmp_path: Path,
) -> None:
    default_client()
    path = backed_up(tmp_path, passphrase=PASSPHRASE)
    assert needs_passphrase(path)
    assert b"api_clients" not in path.read_bytes()
    with pytest.raises(BackupRefusedError) as caught, opened(path):
        pass
    assert caught.value.code == "passphrase_needed"
    with opened(path, PASSPHRASE) as archive:
        assert archive.is_encrypted
        assert archive.manifest.rows == 1


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_an_encrypted_backup_can_be_flipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diagnostics.backup.passphrase._COST", 2)
    default_client()
    path = backed_up(tmp_path, passphrase=PASSPHRASE)
    whole = path.read_bytes()
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(BackupRefusedError), opened(path, PASSPHRASE):
            pass
