"""Secrets planted everywhere are found nowhere: in no report, backup, page or log line."""

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.diagnostics.canaries.looking import LOOKS, Hand, Look
from tests.diagnostics.canaries.planting import plant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.ignore_template_errors,
]


@pytest.fixture
def hand(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Hand:
    settings.DATA_DIR = tmp_path
    settings.DEBUG = False
    return Hand(settings, capsys, tmp_path)


@pytest.fixture
def planted(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    return plant(hand.settings, monkeypatch)


def found_in(text: str, planted: Mapping[str, str]) -> list[str]:
    return [place for place, secret in planted.items() if secret in text]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_no_planted_secret_is_shown(
    look: Look,
    hand: Hand,
    planted: Mapping[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        shown = list(look(hand))
    assert any(shown)
    assert {
        text[:200]: found for text in shown if (found := found_in(text, planted))
    } == {}
    assert found_in(caplog.text, planted) == []


def test_what_is_looked_for_would_be_found(planted: Mapping[str, str]) -> None:
    assert len(planted) >= 18
    assert len(set(planted.values())) == len(planted)
    assert all(len(secret) >= 20 for secret in planted.values())
    assert found_in(f"a {planted['REDIS_URL']} b", planted) == ["REDIS_URL"]
