"""A backup made and restored, each in a process whose time and memory are its own."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils import timezone

from bench.jobs.stock import CONTENT, SECRETS, clear
from channels_app.models import (
    DEFAULT_KEY_ID,
    ApiClient,
    DeliveryAttempt,
    NotificationLog,
    Status,
    UserConfig,
)
from channels_app.models.ids import new_message_id
from diagnostics.backup.archive import opened
from diagnostics.backup.joining import Mode
from diagnostics.backup.planning import Wanted, plan_restore
from diagnostics.services.backups import make_backup, path_of
from diagnostics.services.restores import run_restore
from templates_app.models import NotificationTemplate, TemplateContent, TemplateVersion

AT_ONCE = 1000
REPLACING = Wanted(mode=Mode.REPLACE)


def fill(*, logs: int, templates: int, configs: int) -> None:
    """Make so many of each; every delivery has a try, every template a version."""
    empty()
    client = ApiClient.objects.get(key_id=DEFAULT_KEY_ID)
    _in_batches(configs, lambda numbers: _make_configs(client, numbers))
    _in_batches(templates, _make_templates)
    _in_batches(logs, lambda numbers: _make_logs(client, numbers))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def empty() -> None:
    """Remove what a backup holds, but for the default client."""
    clear()
    NotificationTemplate.objects.all().delete()


def make(*, folder: str) -> dict[str, float | str]:
    """Back up; return where to, how long it took and the greatest memory."""
    started = time.monotonic()
    backup = make_backup(by="bench", folder=Path(folder))
    return {
        "path": str(path_of(backup)),
        "seconds": time.monotonic() - started,
        "memory": _greatest_memory(),
        "size": backup.size / 1e6,
    }


def restore(*, path: str) -> dict[str, float]:
    """Restore into this database, its plan and the looks afterwards included."""
    started = time.monotonic()
    with opened(Path(path)) as archive:
        plan_restore(archive, REPLACING)
        planned = time.monotonic()
        report = run_restore(archive, REPLACING, by="bench")
    if not report.is_good:
        raise RuntimeError(str(report.looks))
    return {
        "seconds": time.monotonic() - started,
        "planning": planned - started,
        "memory": _greatest_memory(),
    }


def _greatest_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_batches(count: int, make_rows: Callable[[range], None]) -> None:
    for start in range(0, count, AT_ONCE):
        make_rows(range(start, min(start + AT_ONCE, count)))


def _make_configs(client: ApiClient, numbers: range) -> None:
    UserConfig.objects.bulk_create(
        UserConfig(
            client=client,
            user_id=f"u{number}",
            channel_type="webhook",
            public_data={"webhook_url": f"https://example.com/{number}"},
            **SECRETS,
        )
        for number in numbers
    )


def _make_templates(numbers: range) -> None:
    made = NotificationTemplate.objects.bulk_create(
        NotificationTemplate(
            template_key=f"t{number}", template_name=f"T {number}", version=1
        )
        for number in numbers
    )
    content = {"channel_type": "webhook", "content_template": CONTENT}
    TemplateContent.objects.bulk_create(
        TemplateContent(template=template, **content) for template in made
    )
    TemplateVersion.objects.bulk_create(
        TemplateVersion(template=t, number=1, author="bench", snapshot=content)
        for t in made
    )


def _make_logs(client: ApiClient, numbers: range) -> None:
    now = timezone.now()
    logs = NotificationLog.objects.bulk_create(
        NotificationLog(
            client=client,
            message_id=new_message_id(),
            request_id=f"r{number}",
            user_id=f"u{number % 1000}",
            channel_type="webhook",
            content=CONTENT,
            status=Status.SENT,
            attempt_no=1,
            created_at=now,
            next_attempt_at=now,
            settled_at=now,
            sent_at=now,
        )
        for number in numbers
    )
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(log=log, number=1, outcome="ok", started_at=now, ended_at=now)
        for log in logs
    )
