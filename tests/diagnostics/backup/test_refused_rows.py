"""Rows that are none, or hold what does not belong there, are refused."""

from pathlib import Path

import pytest

from diagnostics.backup.archive import opened
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.backup.refusals import BackupRefusedError
from tests.diagnostics.backup.forged import forged, with_row, with_value
from tests.diagnostics.backup.refusing import CLIENTS, LOGS, refused

pytestmark = pytest.mark.django_db


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
