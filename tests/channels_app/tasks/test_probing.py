"""The worker's daily round: the ticker asks for it, a task of the cluster does it."""

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now
from django_q.models import OrmQ

from channels_app.models import UserConfig
from channels_app.tasks import ticker
from channels_app.tasks.probing import probe
from tests.channels_app.delivery.deliveries import webhook_config
from tests.channels_app.delivery.receivers import OK, answering, receiver


def died(url: str) -> None:
    webhook_config(
        url, is_active=False, disabled_reason="http_410: gone", next_probe_at=Now()
    )


@pytest.mark.django_db(transaction=True)
def test_a_round_probes_what_is_due_and_leaves_the_rest(
    settings: LazySettings,
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiver(answering(OK)) as there:
        died(there.url)
        probe()
        probe()
        assert len(there.requests) == 1
    assert UserConfig.objects.get().is_active


@pytest.mark.django_db
@pytest.mark.parametrize(("is_wanted", "asked"), [(True, 1), (False, 0)])
def test_the_ticker_asks_for_a_round_when_one_is_due(
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    is_wanted: bool,
    asked: int,
) -> None:
    settings.PROBE_DISABLED_CONFIGS = is_wanted
    monkeypatch.setattr(ticker, "PROBE_EVERY", 0.0)
    ticker.Ticker().tick()
    assert _rounds() == 0
    died("https://receiver.example/hook")
    ticker.Ticker().tick()
    assert _rounds() == asked


def _rounds() -> int:
    functions = [row.task["func"] for row in OrmQ.objects.all()]
    return functions.count("channels_app.tasks.probing.probe")
