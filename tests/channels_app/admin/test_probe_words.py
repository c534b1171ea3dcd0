"""The page of a channel config says when it was probed, and with what answer."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from channels_app.models import UserConfig
from tests.channels_app.rows import NOON, default_client, make_config

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def change_page(config: UserConfig) -> str:
    return reverse("admin:channels_app_userconfig_change", args=[config.pk])


def test_the_page_of_a_died_config_tells_of_its_probes(
    boss: Client, settings: LazySettings
) -> None:
    settings.TIME_ZONE = "UTC"
    config = make_config(
        default_client(),
        is_active=False,
        disabled_reason="19001: token invalid",
        disabled_at=NOON,
        probed_at=NOON + timedelta(days=1),
        probe_answer="19001: still invalid",
        next_probe_at=NOON + timedelta(days=2),
    )
    page = boss.get(change_page(config)).content.decode()
    assert "Probed last on 2025-01-07 12:00 UTC. Its answer: 19001: still" in page
    assert "asked again on 2025-01-08 12:00 UTC" in page
    settings.PROBE_DISABLED_CONFIGS = False
    assert (
        "switched off by the settings" in boss.get(change_page(config)).content.decode()
    )


def test_the_page_of_a_working_config_tells_of_none(boss: Client) -> None:
    page = boss.get(change_page(make_config(default_client()))).content.decode()
    assert "probed" not in page


def test_what_cannot_be_probed_waits_for_a_person(boss: Client) -> None:
    config = make_config(default_client(), is_active=False, disabled_at=NOON)
    assert "cannot be probed" in boss.get(change_page(config)).content.decode()
