"""What the two databases are told beyond their address."""

from __future__ import annotations

from typing import Any

from notifications_site.postgresql import CONNECT_WITHIN, KEEPALIVES, POOL, POOLED

SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
    ),
}


def complete(database: dict[str, Any], role: str) -> None:
    """Add to Django's settings of a database what this product needs of it."""
    database |= {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 300}
    if database["ENGINE"].endswith("sqlite3"):
        database |= {"ENGINE": "notifications_site.sqlite3", "OPTIONS": dict(SQLITE)}
        return
    options = database.setdefault("OPTIONS", {})
    options["application_name"] = f"notifications-{role}"
    options |= {**CONNECT_WITHIN, **options}
    if role == "web":
        # django-q2 forks after a pool exists, and its processes then share sockets.
        options["pool"] = POOL
        database |= {**POOLED, "OPTIONS": {**KEEPALIVES, **options}}
