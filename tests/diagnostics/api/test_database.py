"""The schema over HTTP: what is missing, and migrating."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.channels_app.rows import make_client, secret_of
from tests.conftest import Signed

SCHEMA, MIGRATE = "/api/db/schema", "/api/db/migrate"
LAST = "sessions.0001_initial"


@pytest.fixture
def call(signed: Signed) -> Any:
    make_client("boss", ["admin"])

    def as_boss(method: str, path: str, body: object = None) -> Any:
        return signed(method, path, body, secret=secret_of("boss"), key_id="boss")

    return as_boss


@pytest.fixture
def _unmigrated() -> Iterator[None]:
    """Take one table and its migration away, and give them back afterwards."""
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_session")
    yield
    call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_migrated_database_is_valid(call: Any) -> None:
    assert call("GET", SCHEMA).json() == {
        "success": True,
        "data": {"isValid": True, "missingTables": [], "pendingMigrations": []},
    }
    data = call("POST", MIGRATE, {}).json()["data"]
    assert (data["isValid"], data["applied"]) == (True, [])


@pytest.mark.django_db
@pytest.mark.parametrize("scopes", [["ops"], ["send", "configs", "templates", "logs"]])
def test_other_scopes_do_not_open_it(signed: Signed, scopes: list[str]) -> None:
    make_client("other", scopes)
    for method, path in (("GET", SCHEMA), ("POST", MIGRATE)):
        answer = signed(method, path, secret=secret_of("other"), key_id="other")
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_unmigrated")
def test_what_is_missing_is_named_and_applied_when_forced(
    call: Any, settings: LazySettings
) -> None:
    missing = {
        "isValid": False,
        "missingTables": ["django_session"],
        "pendingMigrations": [LAST],
    }
    assert call("GET", SCHEMA).json()["data"] == missing
    rehearsed = call("POST", MIGRATE, {"dryRun": True}).json()["data"]
    assert rehearsed == missing | {"applied": [], "dryRun": True}
    refused = call("POST", MIGRATE, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    assert call("GET", SCHEMA).json()["data"] == missing
    done = call("POST", MIGRATE, {"force": True}).json()["data"]
    assert (done["isValid"], done["applied"]) == (True, [LAST])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_unmigrated")
def test_while_developing_no_force_is_needed(call: Any, settings: LazySettings) -> None:
    settings.DEBUG = True
    assert call("POST", MIGRATE).json()["data"]["applied"] == [LAST]


@pytest.mark.django_db
def test_a_wrong_option_is_refused(call: Any) -> None:
    answer = call("POST", MIGRATE, {"force": "perhaps"})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PARAMETER")
