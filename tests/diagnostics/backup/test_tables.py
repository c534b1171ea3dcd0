"""Every column of every table travels, and every row has a name besides its number."""

import pytest

from diagnostics.backup.parts import PARTS, all_tables, parent_column
from diagnostics.backup.tables import Table, table_of

NAMES = {
    "api_clients": ["key_id"],
    "feature_flags": ["name"],
    "schedules": ["name"],
    "user_configs": ["client", "user_id", "channel_type"],
    "notification_templates": ["template_key"],
    "template_contents": ["template", "channel_type"],
    "template_versions": ["template", "number"],
    "template_drafts": ["template"],
    "notification_logs": ["message_id"],
    "delivery_attempts": ["log", "number"],
}


def test_each_table_names_its_rows() -> None:
    found = {t.name: [column.name for column in t.identity] for t in all_tables()}
    assert found == NAMES


@pytest.mark.parametrize("table", list(all_tables()), ids=lambda table: table.name)
def test_a_new_column_travels_without_a_new_line(table: Table) -> None:
    columns = {column.name for column in table.model._meta.concrete_fields}
    assert set(table.by_name) == columns


def test_each_child_knows_its_parent() -> None:
    parents = {c.name: parent_column(p, c) for p in PARTS for c in p.children}
    assert parents == {
        "template_contents": "template",
        "template_versions": "template",
        "template_drafts": "template",
        "delivery_attempts": "log",
    }


def test_a_table_is_looked_at_once() -> None:
    label = "channels_app.ApiClient"
    assert table_of(label) is table_of(label)
