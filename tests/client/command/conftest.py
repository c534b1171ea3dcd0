"""Every command runs without the settings of whoever runs the tests."""

from pathlib import Path

import pytest

from tests.client.clients import SECRET


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NOTIFY_URL", "NOTIFY_KEY_ID", "NOTIFY_CONFIG", "NOTIFY_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("NOTIFY_SECRET", SECRET)
    monkeypatch.setenv("NOTIFY_LANGUAGE", "en")
