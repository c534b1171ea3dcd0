"""The figures in Prometheus' text format, and those of the process that answers."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from channels_app.selectors.figures import percentiles
from diagnostics.metrics.figures import Figures

_PREFIX = "notifications_"
_QUANTILES = (0.5, 0.95, 0.99)
_STATES = ("pending", "retrying", "sending")

PROCESS = CollectorRegistry()
ProcessCollector(registry=PROCESS)
PlatformCollector(registry=PROCESS)
GCCollector(registry=PROCESS)


class _Gathered(Collector):
    """Families made of figures that were read before."""

    def __init__(self, found: Figures) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(
            f"{_PREFIX}build", "The version that runs.", {"version": settings.VERSION}
        )
        yield from _deliveries(self._found)
        yield from _queue(self._found)
        yield from _engine(self._found)
        yield from _cache(self._found)
        yield from PROCESS.collect()


def exposition(found: Figures, accept: str) -> tuple[bytes, str]:
    """Return the text and its content type: OpenMetrics where it is asked for."""
    registry = CollectorRegistry()
    registry.register(_Gathered(found))
    encoder, content_type = choose_encoder(accept)
    return encoder(registry), content_type


def _deliveries(found: Figures) -> Iterator[Metric]:
    span = f"accepted in the last {found.window.seconds} s"
    counts = GaugeMetricFamily(
        f"{_PREFIX}recent_deliveries",
        f"Deliveries {span}, by channel kind and present state.",
        labels=["channel", "status"],
    )
    for row in _merged(found):
        counts.add_metric([row[0], row[1]], row[2])
    retries = GaugeMetricFamily(
        f"{_PREFIX}recent_retries",
        f"Tries after the first, of deliveries {span}.",
        labels=["channel"],
    )
    success = GaugeMetricFamily(
        f"{_PREFIX}recent_success_ratio",
        f"The part that got through of what has ended, of deliveries {span}.",
        labels=["channel"],
    )
    for kind in found.kinds:
        retries.add_metric([kind], found.retries(kind))
        if (rate := found.success_rate(kind)) is not None:
            success.add_metric([kind], rate)
    yield from (counts, retries, success, _durations(found))


def _merged(found: Figures) -> list[tuple[str, str, int]]:
    """Return the counts of all clients together: a label set may stand only once."""
    pairs = sorted({(row.channel_type, row.status) for row in found.deliveries.rows})
    return [(kind, status, found.count(status, kind=kind)) for kind, status in pairs]


def _durations(found: Figures) -> Metric:
    durations = GaugeMetricFamily(
        f"{_PREFIX}recent_send_duration_seconds",
        f"Time from request to answer of sends in the last {found.window.seconds} s, "
        "by channel kind and quantile.",
        labels=["channel", "quantile"],
    )
    for kind in found.kinds:
        for part, reached in percentiles(found.times_of(kind), *_QUANTILES).items():
            if reached is not None:
                durations.add_metric([kind, str(part)], reached / 1000)
    return durations


def _queue(found: Figures) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        f"{_PREFIX}queue_deliveries",
        "Deliveries that wait or are being sent, by state.",
        labels=["status"],
    )
    for state in _STATES:
        depth.add_metric([state], found.queue.depth.get(state, 0))
    yield depth
    yield _gauge(
        "queue_oldest_due_seconds",
        "For how long the delivery that should have gone first has been due.",
        found.queue.oldest_due_seconds or 0,
    )
    yield _gauge(
        "dead_letters",
        "Deliveries that failed or are held for a person; counting stops at 10,000.",
        found.dead_letters,
    )


def _engine(found: Figures) -> Iterator[Metric]:
    yield _gauge(
        "workers_alive",
        "Workers that gave a sign of life in the last 15 s.",
        found.queue.workers_alive,
    )
    yield _gauge(
        "breakers_open",
        "Channel configs that are left alone because their sends kept failing.",
        found.pace.breakers_open,
    )
    yield _gauge(
        "accepted_last_minute",
        "Deliveries accepted in the last 60 s.",
        found.pace.accepted_last_minute,
    )
    yield _gauge(
        "sent_last_minute",
        "Sends that providers accepted in the last 60 s.",
        found.sent_last_minute,
    )
    switches = GaugeMetricFamily(
        f"{_PREFIX}switch_on", "Whether a switch is on (1).", labels=["switch"]
    )
    for name, is_on in sorted(found.switches.items()):
        switches.add_metric([name], int(is_on))
    yield switches


def _cache(found: Figures) -> Iterator[Metric]:
    uses = CounterMetricFamily(
        f"{_PREFIX}cache_requests",
        "Look-ups in this process's memory, by cache and result.",
        labels=["cache", "result"],
    )
    caches = {"configs": found.config_cache, "templates": found.template_cache}
    for name, use in caches.items():
        uses.add_metric([name, "hit"], use.hits)
        uses.add_metric([name, "miss"], use.misses)
    yield uses


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}{name}", help_text, value)
