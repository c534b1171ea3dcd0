"""The demo: loaded once, kept as it is, and following the sandbox to another port."""

from pathlib import Path

import pytest

from channels_app.selectors.clients import signer_with
from channels_app.selectors.configs import configs_of
from notifications_site.demo import (
    TEMPLATE_KEY,
    USER_ID,
    configs,
    load_configs,
    load_template,
)
from templates_app.selectors import template_detail
from tests.notifications_site.programs import free_port, manage, running, settings_for
from tests.waiting import wait_until

SANDBOX = "http://127.0.0.1:8010"
OTHER = "http://127.0.0.1:8011"


def stored() -> dict[str, dict[str, object]]:
    signer = signer_with(key_id="default")
    assert signer is not None
    found = configs_of(signer.client, user_id=USER_ID)
    return {config.channel_type: dict(config.config_data()) for config in found}


@pytest.mark.django_db
def test_it_is_loaded_once() -> None:
    assert load_configs(SANDBOX) == list(configs(SANDBOX))
    assert load_template()
    assert load_configs(SANDBOX) == []
    assert not load_template()
    detail = template_detail(key=TEMPLATE_KEY)
    channels = {content.channel_type for content in detail.contents.all()}
    assert channels == set(configs(SANDBOX)) == set(stored())


@pytest.mark.django_db
def test_it_follows_the_sandbox_to_another_port() -> None:
    load_configs(SANDBOX)
    assert load_configs(OTHER) == ["lark", "webhook", "slack"]
    assert str(stored()["lark"]["webhook_url"]).startswith(OTHER)


@pytest.mark.journey
def test_up_sends_it_to_every_channel_once_all_is_ready(tmp_path: Path) -> None:
    sandbox_port = str(free_port())
    environment = settings_for(
        tmp_path,
        OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8",
        TELEGRAM_API_BASE="http://127.0.0.1:1/telegram",
    )
    manage("migrate", "-v0", environment=environment)
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    loaded = manage(
        "demo", "load", "--sandbox-url", sandbox_url, environment=environment
    )
    assert "template demo_welcome saved" in loaded.stdout
    output = tmp_path / "output"
    command = ("up", "--port", str(free_port()), "--sandbox", "--demo")
    with running(
        *command, "--sandbox-port", sandbox_port, environment=environment, output=output
    ):
        wanted = {f"demo     | {kind:<9} sent" for kind in configs(sandbox_url)}
        wait_until(
            lambda: wanted <= set(output.read_text().splitlines()),
            "every channel got its message",
            60,
        )


def test_sending_without_a_service_says_that_none_answers(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = manage("demo", "send", "--url", url, environment=settings_for(tmp_path))
    assert result.returncode == 2
    assert f"{url} does not answer" in result.stderr


def test_the_first_admin_is_made_once_and_its_password_shown_once(
    tmp_path: Path,
) -> None:
    environment = settings_for(tmp_path)
    manage("migrate", "-v0", environment=environment)
    first = manage("first_admin", environment=environment)
    second = manage("first_admin", environment=environment)
    assert "name      admin" in first.stdout
    assert "password  " in first.stdout
    assert (second.returncode, second.stdout) == (0, "")
