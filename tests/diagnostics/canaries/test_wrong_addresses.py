"""An address that is wrong, or that nobody answers at, is named without its password."""

from pathlib import Path

import pytest

from tests.notifications_site.programs import free_port, manage, settings_for

CANARY = "canary-of-the-address"
NOBODY = "127.0.0.1:nobody"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"postgres://u:{CANARY}@{NOBODY}/x"),
        ("DATABASE_URL", f"postgres://u:{CANARY}@[bad/x"),
        ("DATABASE_URL", f"postgres://u:{CANARY}@h:port/x"),
        ("DATABASE_URL", f"mongo://u:{CANARY}@h/x"),
        ("REDIS_URL", f"redis://:{CANARY}@{NOBODY}/0"),
        ("REDIS_URL", f"redis://:{CANARY}@h:port/0"),
        ("REDIS_URL", f"http://:{CANARY}@h"),
        ("ENCRYPT_KEY", CANARY),
    ],
)
def test_a_wrong_address_is_named_without_its_password(
    name: str, value: str, tmp_path: Path
) -> None:
    value = value.replace(NOBODY, f"127.0.0.1:{free_port()}")
    environment = settings_for(tmp_path, **{name: value, "LOG_LEVEL": "DEBUG"})
    for command in (["check_environment"], ["diagnose", "--json"], ["migrate"]):
        done = manage(*command, environment=environment)
        said = done.stdout + done.stderr
        assert said
        assert CANARY not in said
