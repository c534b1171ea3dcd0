"""A test that waits in vain tells what it found; otherwise nobody could say why."""

from pathlib import Path

import pytest

from tests.faults.account import wait_until_settled
from tests.faults.floods import LOOPBACK, flood
from tests.notifications_site.programs import migrate, settings_for

pytestmark = pytest.mark.faults


def test_who_waits_in_vain_tells_rows_processes_and_last_words(tmp_path: Path) -> None:
    environment = settings_for(tmp_path, **LOOPBACK)
    migrate(environment)
    flood(environment, "http://127.0.0.1:9/", 2)
    (tmp_path / "output-1").write_text("the last words\n")
    with pytest.raises(AssertionError, match="in vain until all deliveries") as told:
        wait_until_settled(environment, 0.2)
    (scene,) = told.value.__notes__
    assert "pending | 1 | at_least_once |  | 2 |" in scene
    for part in ("breakers", "pump slots", "heartbeats", "queue", "processes"):
        assert f"-- {part}" in scene
    assert scene.endswith("the last words")
