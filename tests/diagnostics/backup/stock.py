"""A database with something of everything that a backup holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from channels_app.models import (
    ApiClient,
    DeliveryAttempt,
    FeatureFlag,
    NotificationLog,
    Outcome,
    Secret,
    Status,
    UserConfig,
)
from channels_app.models.ids import new_message_id
from diagnostics.backup.archive import opened
from diagnostics.backup.manifest import Manifest
from diagnostics.backup.parts import all_tables
from diagnostics.backup.planning import Plan, Wanted, plan_restore
from diagnostics.backup.restoring import Restored, restore
from diagnostics.backup.tables import Row
from diagnostics.backup.writing import write_backup
from templates_app.models import NotificationTemplate
from templates_app.services import save_template
from tests.channels_app.delivery.deliveries import default_client

CANARY = "canary-5eC9et"
WORDS = 'Zoë 张三 \u2028 "quoted" \\ back'


def fill() -> None:
    """Store clients, flags, configs, templates with versions, and a log."""
    default = default_client()
    secret: Any = Secret(f"{CANARY}-client")
    other = ApiClient.objects.create(key_id="k_other", name="Other", secret=secret)
    FeatureFlag.objects.create(name="lark", is_enabled=False, note=WORDS)
    for number, client in enumerate([default, other]):
        make_config(client, f"u{number}")
    for number in range(3):
        make_template(f"order-{number}", f"Order {{{{id}}}} {WORDS}")
    make_template("order-0", "Order {{id}} is here")
    for status in Status:
        make_log(default, status)
    make_log(other, Status.SENT)


def make_config(client: ApiClient, user_id: str, **fields: Any) -> UserConfig:
    values: dict[str, Any] = {
        "channel_type": "webhook",
        "public_data": {"z": 1, "a": [WORDS, None, 2.5, True]},
        "secret_data": Secret({"secret": f"{CANARY}-{user_id}"}),
        **fields,
    }
    return UserConfig.objects.create(client=client, user_id=user_id, **values)


def make_template(key: str, content: str) -> NotificationTemplate:
    contents = {"webhook": {"content_type": "text", "content_template": content}}
    return save_template(
        key=key, name=key, contents=contents, author="test", variables=["id"]
    ).template


def make_log(client: ApiClient, status: str, **fields: Any) -> NotificationLog:
    now = timezone.now()
    settled = status in {"sent", "failed", "cancelled", "expired"}
    log = NotificationLog.objects.create(
        **{
            "client": client,
            "config": client.configs.first(),
            "message_id": new_message_id(),
            "request_id": "r1",
            "user_id": "u0",
            "channel_type": "webhook",
            "content": WORDS,
            "status": status,
            "created_at": now,
            "next_attempt_at": now,
            "attempt_no": 1,
            "lease_until": now + timedelta(hours=1) if status == "sending" else None,
            "settled_at": now if settled else None,
            **fields,
        }
    )
    outcome = Outcome.SENDING if status == "sending" else Outcome.OK
    DeliveryAttempt.objects.create(log=log, number=1, outcome=outcome, started_at=now)
    return log


def backed_up(folder: Path, **options: Any) -> Path:
    path = folder / "a.backup"
    backup_to(path, **options)
    return path


def backup_to(path: Path, **options: Any) -> Manifest:
    return write_backup(path, **{"logs_days": 7, **options})


def planned(path: Path, **wanted: Any) -> Plan:
    with opened(path) as archive:
        return plan_restore(archive, Wanted(**wanted))


def restored(path: Path, **wanted: Any) -> Restored:
    with opened(path) as archive:
        plan_restore(archive, Wanted(**wanted))
        return restore(archive, Wanted(**wanted))


def everything() -> Mapping[str, list[Row]]:
    """Return every row of every table of a backup, as a backup would write it."""
    return {
        table.name: list(table.rows(table.query("default").order_by("pk")))
        for table in all_tables()
    }


def forget_everything() -> None:
    """Empty all those tables."""
    for table in reversed(list(all_tables())):
        table.query("default").delete()


def forget_what_was_filled() -> None:
    """Empty those tables but for the default client, which migrations make."""
    for table in reversed(list(all_tables())):
        rows = table.query("default")
        is_clients = table.name == "api_clients"
        (rows.exclude(key_id="default") if is_clients else rows).delete()


def moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
