"""Where `notify` takes its address, its key and its secret from."""

from pathlib import Path

import pytest

from notifications_client.command.main import main
from tests.client.clients import SECRET
from tests.client.hostile import hostile
from tests.client.test_doctor import signed


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "notify.ini"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_file_holds_the_settings_of_several_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SECRET")
    (tmp_path / "secret").write_text(SECRET + "\n")
    with hostile() as service:
        written(
            tmp_path,
            f"[default]\nurl = http://127.0.0.1:9\nsecret = %{SECRET}\n"
            f"[staging]\nurl = {service.url}\nsecret_file = {tmp_path}/secret\n"
            "key_id = k_staging\nsignature_version = 1\n",
        )
        assert main(["send", "u1", "Hello", "--profile", "staging"]) == 0
        assert main(["send", "u1", "Hello", "--profile", "nobody"]) == 2
    (seen,) = service.seen
    assert seen.headers["X-Key-Id"] == "k_staging"
    assert "X-Nonce" not in seen.headers
    stamp = seen.headers["X-Timestamp"].encode()
    assert seen.headers["X-Signature"] == signed(stamp + seen.body)


def test_options_come_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "[default]\nurl = http://127.0.0.1:9\nkey_id = of_file\n")
    with hostile() as service:
        monkeypatch.setenv("NOTIFY_URL", service.url)
        monkeypatch.setenv("NOTIFY_KEY_ID", "of_environment")
        main(["send", "u1", "Hello"])
        main(["send", "u1", "Hello", "--key-id", "of_options"])
    keys = [seen.headers["X-Key-Id"] for seen in service.seen]
    assert keys == ["of_environment", "of_options"]


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile() as service:
        written(tmp_path, f"[default]\nurl = {service.url}\n").chmod(0o644)
        assert main(["send", "u1", "Hello"]) == 0
    assert "chmod 600" in capsys.readouterr().err
