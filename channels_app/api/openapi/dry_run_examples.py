"""What `dry_run: true` answers, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = dict[str, Any]

_PROSPECT: Example = {
    "channelType": "telegram",
    "userId": "u1",
    "status": "would_send",
    "code": None,
    "error": None,
    "remedy": [],
    "until": None,
    "duplicate_of": None,
    "subject": "Deployed",
    "content": "shop 1.4.2 is live.",
    "content_type": "text",
    "missing_variables": [],
    "requests": [
        {
            "method": "POST",
            "url": "https://api.telegram.org/****",
            "content_type": "application/json",
            "body": '{"chat_id":"@deployments","text":"shop 1.4.2 is live."}',
        }
    ],
    "meters": [{"unit": "characters", "used": 19, "limit": 4096, "is_over": False}],
}
_NOTIFICATION: Example = {
    "would_accept": True,
    "refusal": None,
    "idempotency_key_used": False,
    "results": [_PROSPECT],
}
_ALWAYS: Example = {
    "success": True,
    "dry_run": True,
    "request_id": "5f0c1d7f8e6b4a0f9d3c2b1a00112233",
    "queue": {
        "depth": {"pending": 2, "sending": 0},
        "oldest_due_seconds": 0.4,
        "workers_alive": 1,
        "is_worked": True,
    },
}

DRY_RUN_ANSWERS: Mapping[tuple[str, int], Example] = {
    ("send_notification", 200): {**_ALWAYS, **_NOTIFICATION},
    ("send_notification_batch", 200): {
        **_ALWAYS,
        "results": [{"index": 0, "success": True, **_NOTIFICATION}],
        "accepted": 1,
        "rejected": 0,
    },
}
