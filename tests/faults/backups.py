"""What a backup must bring back, read by statements of its own, alike in both databases."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tests.faults.queries import query
from tests.notifications_site.programs import ROOT

TABLES = (
    "api_clients",
    "user_configs",
    "notification_templates",
    "template_contents",
    "template_versions",
    "template_drafts",
    "notification_logs",
    "delivery_attempts",
)
COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('{}')",
    "postgres": (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = '{}' AND table_schema = 'public'"
    ),
}
# What a caller changes by calling, and the API by counting.
PASSING = {"last_used_at"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
TEXTS = """
from templates_app.models import NotificationTemplate
from templates_app.selectors import compiled_template
values = {"id": 7, "_timestamp": "t", "_message_id": "m", "_user_id": "u"}
for template in NotificationTemplate.objects.order_by("template_key"):
    compiled = compiled_template(template.template_key)
    for channel in sorted(compiled.channels):
        print(repr(compiled.render(channel, values).content))
"""
SECRETS = """
from channels_app.models import ApiClient, UserConfig
for config in UserConfig.objects.order_by("pk"):
    print(config.pk, sorted(config.config_data().items(), key=str))
for client in ApiClient.objects.order_by("pk"):
    print(client.key_id, client.secret and client.secret.reveal())
"""

Rows = dict[str, list[dict[str, Any]]]


def rows_of(environment: Mapping[str, str], *tables: str) -> Rows:
    """Return the rows of these tables by their numbers, alike in both databases."""
    return {table: _rows(environment, table) for table in tables or TABLES}


def _rows(environment: Mapping[str, str], table: str) -> list[dict[str, Any]]:
    kind = environment["DATABASE_URL"].partition(":")[0]
    found = query(environment, COLUMNS[kind].format(table))
    columns = sorted(name for (name,) in found if name not in PASSING)
    select = ", ".join(f'"{name}"' for name in columns)
    rows = query(environment, f"SELECT {select} FROM {table} ORDER BY id")
    return [dict(zip(columns, map(_alike, row), strict=True)) for row in rows]


def _alike(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str) and MOMENT.match(value):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat()
    if isinstance(value, str) and value[:1] in "[{":
        with suppress(ValueError):
            return json.loads(value)
    return value


def stock(environment: Mapping[str, str], count: int) -> None:
    """Fill an installation."""
    subprocess.run(
        [sys.executable, "-m", "tests.faults.backup_stock", str(count)],
        env=dict(environment),
        cwd=ROOT,
        check=True,
        timeout=120,
    )
