"""Answers of the operations that look after the service, as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = dict[str, Any]

_AT = "2026-01-31T09:30:00.120000Z"
_SCHEMA: Example = {"isValid": True, "missingTables": [], "pendingMigrations": []}
_RUN: Example = {
    "id": 311,
    "task": "retention",
    "slot": _AT,
    "status": "succeeded",
    "asked_by": "",
    "worker": "host-4711",
    "started_at": _AT,
    "finished_at": "2026-01-31T09:30:00.480000Z",
    "duration_ms": 360,
    "summary": "120 deliveries deleted.",
    "error": "",
}
_METRICS: Example = {
    "success": True,
    "totalSent": 980,
    "totalFailed": 20,
    "totalRetries": 31,
    "successRate": 0.98,
    "avgResponseTime": 214.5,
    "channelBreakdown": {
        "telegram": {
            "sent": 980,
            "failed": 20,
            "waiting": 3,
            "retries": 31,
            "successRate": 0.98,
            "avgResponseTime": 214.5,
            "p95": 530,
        }
    },
    "performance": {
        "p50": 180,
        "p95": 530,
        "p99": 1210,
        "acceptedLastMinute": 12,
        "sentLastMinute": 11,
    },
    "cache": {
        "hit_rate": 0.97,
        "hits": 970,
        "misses": 30,
        "configs": {"hit_rate": 0.96, "hits": 480, "misses": 20},
        "templates": {"hit_rate": 0.98, "hits": 490, "misses": 10},
    },
    "queue": {
        "pending": 2,
        "retrying": 1,
        "sending": 0,
        "oldest_due_seconds": 0.4,
        "workers_alive": 1,
        "dead_letters": 20,
        "breakers_open": 0,
    },
    "window": {"seconds": 604800, "is_capped": False},
}

OPERATING_ANSWERS: Mapping[tuple[str, int], Example] = {
    ("render_template", 200): {
        "success": True,
        "data": {
            "template_key": "deploy-done",
            "version": 3,
            "channels": {
                "telegram": {
                    "subject": "Deployed",
                    "content": "shop 1.4.2 is live.",
                    "content_type": "text",
                    "warnings": [],
                    "requests": [
                        {
                            "method": "POST",
                            "content_type": "application/json",
                            "body": '{"chat_id":"1","text":"shop 1.4.2 is live."}',
                        }
                    ],
                    "meters": [
                        {
                            "unit": "characters",
                            "used": 19,
                            "limit": 4096,
                            "is_over": False,
                        }
                    ],
                    "refusal": None,
                }
            },
        },
    },
    ("get_queue_status", 200): {
        "success": True,
        "data": {
            "depth": {"pending": 2, "retrying": 1, "sending": 0},
            "oldest_due_seconds": 0.4,
            "in_flight": 0,
            "workers_alive": 1,
            "dead_letters": 20,
            "sent_last_minute": 11,
        },
    },
    ("clear_retries", 200): {
        "success": True,
        "message": "2 waiting retries are settled.",
        "data": {"updated": 2},
    },
    ("clear_queue", 200): {
        "success": True,
        "message": "3 deliveries would be cancelled.",
        "data": {"cancelled": 3, "dry_run": True},
    },
    ("clear_cache", 200): {
        "success": True,
        "data": {"cleared": ["templates", "configs", "clients", "switches"]},
    },
    ("get_metrics", 200): _METRICS,
    ("scrape_metrics", 200): _METRICS,
    ("get_database_schema", 200): {"success": True, "data": _SCHEMA},
    ("migrate_database", 200): {
        "success": True,
        "data": {**_SCHEMA, "applied": [], "dryRun": True},
    },
    ("get_health", 200): {
        "status": "healthy",
        "timestamp": _AT,
        "version": "1.0.0",
        "services": {"database": True, "queue": True, "cache": True},
    },
    ("get_health", 503): {
        "status": "unhealthy",
        "timestamp": _AT,
        "version": "1.0.0",
        "services": {"database": False, "queue": False, "cache": True},
    },
    ("get_liveness", 200): {"status": "alive"},
    ("get_readiness", 200): {"status": "ready", "reasons": []},
    ("get_readiness", 503): {
        "status": "not ready",
        "reasons": ["queue: no worker is alive; run manage.py worker"],
    },
    ("list_task_runs", 200): {"success": True, "data": [_RUN]},
    ("run_scheduled_task", 202): {
        "success": True,
        "message": "A worker takes it within seconds.",
        "data": _RUN,
    },
    ("get_scheduled_tasks", 200): {
        "timestamp": _AT,
        "tasks": {
            "retention": {
                "status": "scheduled",
                "lastRun": _AT,
                "nextRun": "2026-02-01T03:00:00Z",
                "lastStatus": "succeeded",
                "lastDuration": 360,
                "successRate": 1.0,
            }
        },
    },
}
