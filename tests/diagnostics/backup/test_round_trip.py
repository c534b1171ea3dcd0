"""What is backed up comes back as it was, column by column."""

from pathlib import Path

import pytest

from diagnostics.backup.parts import all_tables
from tests.diagnostics.backup.stock import (
    backed_up,
    everything,
    fill,
    forget_everything,
    planned,
    restored,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_database_gets_every_row_as_it_was(tmp_path: Path) -> None:
    fill()
    before = everything()
    path = backed_up(tmp_path)
    forget_everything()
    restored(path)
    after = everything()
    for table in all_tables():
        if table.name not in {"notification_logs", "delivery_attempts"}:
            assert after[table.name] == before[table.name], table.name
    assert [row["id"] for row in after["notification_logs"]] == [
        row["id"] for row in before["notification_logs"]
    ]
    assert planned(path).is_nothing
