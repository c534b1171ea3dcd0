"""The figures as the JSON of `/api/metrics`."""

from __future__ import annotations

from typing import Any

from channels_app.selectors.figures import mean, percentiles
from diagnostics.metrics.figures import Figures
from templates_app.selectors import CacheUse

_UNDELIVERED = ("failed", "unknown", "expired")


def summary(found: Figures) -> dict[str, Any]:
    """Return totals, each channel kind, durations in milliseconds, cache and queue."""
    return {
        "totalSent": found.count("sent"),
        "totalFailed": found.count(*_UNDELIVERED),
        "totalRetries": found.retries(),
        "successRate": found.success_rate(),
        "avgResponseTime": mean(found.times),
        "channelBreakdown": {kind: _channel(found, kind) for kind in found.kinds},
        "performance": _performance(found),
        "cache": _cache(found),
        "queue": _queue(found),
        "window": {
            "seconds": found.window.seconds,
            "is_capped": found.deliveries.is_capped,
        },
    }


def _channel(found: Figures, kind: str) -> dict[str, Any]:
    times = found.times_of(kind)
    return {
        "sent": found.count("sent", kind=kind),
        "failed": found.count(*_UNDELIVERED, kind=kind),
        "waiting": found.count("pending", "retrying", "sending", kind=kind),
        "retries": found.retries(kind),
        "successRate": found.success_rate(kind),
        "avgResponseTime": mean(times),
        "p95": percentiles(times, 0.95)[0.95],
    }


def _performance(found: Figures) -> dict[str, Any]:
    parts = percentiles(found.times, 0.5, 0.95, 0.99)
    return {
        "p50": parts[0.5],
        "p95": parts[0.95],
        "p99": parts[0.99],
        "acceptedLastMinute": found.pace.accepted_last_minute,
        "sentLastMinute": found.sent_last_minute,
    }


def _cache(found: Figures) -> dict[str, Any]:
    """Return how often memory had what was looked for: together, and each alone."""
    configs, templates = found.config_cache, found.template_cache
    both = CacheUse(configs.hits + templates.hits, configs.misses + templates.misses)
    return {**_use(both), "configs": _use(configs), "templates": _use(templates)}


def _use(use: CacheUse) -> dict[str, Any]:
    return {"hit_rate": use.hit_rate, "hits": use.hits, "misses": use.misses}


def _queue(found: Figures) -> dict[str, Any]:
    queue = found.queue
    return {
        "pending": queue.depth.get("pending", 0),
        "retrying": queue.depth.get("retrying", 0),
        "sending": queue.depth.get("sending", 0),
        "oldest_due_seconds": queue.oldest_due_seconds,
        "workers_alive": queue.workers_alive,
        "dead_letters": found.dead_letters,
        "breakers_open": found.pace.breakers_open,
    }
