"""Somebody holds an old snapshot while much is sent: claims stay cheap, operators are told.

`SNAPSHOT_CHURN` says how many deliveries come and go meanwhile; `make soak` lets it be many.
"""

import json
import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from channels_app.delivery.due import LeftOut, due_sql
from channels_app.models import NotificationLog
from diagnostics.checks import database_load
from diagnostics.checks.contract import Finding
from tests.channels_app.delivery.deliveries import claim, stored, webhook_config

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        os.environ.get("TEST_DATABASE") != "postgres", reason="PostgreSQL alone"
    ),
]

CHURN = int(os.environ.get("SNAPSHOT_CHURN", "10000"))
AT_ONCE = 500
# What is dead fills pages by the dozen: a claim passes each page once, not each row.
PAGES_FOR_EACH_DEAD = 0.1
COPIED = [
    str(field.column)
    for field in NotificationLog._meta.concrete_fields
    if field.column not in {"id", "message_id"}
]


@pytest.fixture
def snapshot() -> Iterator[int]:
    """Hold a snapshot from before all that follows; return whose it is."""
    connection.ensure_connection()
    with psycopg.connect(connection.connection.info.dsn) as holder:
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT count(*) FROM notification_logs")
        yield holder.info.backend_pid


def churn(sample: NotificationLog) -> None:
    """Let deliveries be accepted, claimed and sent, in sets."""
    columns = ", ".join(COPIED)
    accept = f"""
        INSERT INTO notification_logs (message_id, {columns})
        SELECT gen_random_uuid()::text, {columns}
        FROM notification_logs, generate_series(1, {AT_ONCE}) WHERE id = {sample.pk}"""
    waiting = f"status = 'pending' AND id <> {sample.pk}"
    take = "status = 'sending', lease_until = now() + interval '60 s', attempt_no = 1"
    send = "status = 'sent', lease_until = NULL, sent_at = now()"
    with connection.cursor() as cursor:
        for _ in range(CHURN // AT_ONCE):
            cursor.execute(accept)
            cursor.execute(f"UPDATE notification_logs SET {take} WHERE {waiting}")
            cursor.execute(
                f"UPDATE notification_logs SET {send} WHERE status = 'sending'"
            )


def pages_of_a_claim() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {due_sql(LeftOut())}", [1, 128]
        )
        (found,) = cursor.fetchone()
    (plan,) = json.loads(found) if isinstance(found, str) else found
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def test_an_old_snapshot_makes_claims_little_dearer_and_is_told_of(
    snapshot: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = stored(webhook_config("https://receiver.example/hook"))
    churn(waiting)
    assert 0 < pages_of_a_claim() < PAGES_FOR_EACH_DEAD * CHURN
    assert [one.id for one in claim(limit=10, worker="w")] == [waiting.pk]
    monkeypatch.setattr(database_load, "LONG_SECONDS", 0)
    told = [one for one in database_load.look_at_load() if isinstance(one, Finding)]
    assert str(snapshot) in [
        one.about for one in told if one.id == "database.long_transaction"
    ]
