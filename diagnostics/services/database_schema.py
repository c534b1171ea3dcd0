"""Whether the database has the tables that the code expects, and giving it those."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from channels_app.services.refusals import RequestRefusedError
from diagnostics.checks.missing_migrations import missing_migrations


@dataclass(frozen=True)
class SchemaState:
    """What the database lacks."""

    missing_tables: tuple[str, ...]
    pending_migrations: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        return not self.missing_tables and not self.pending_migrations


def schema_state() -> SchemaState:
    """Compare the database with the models and the migrations."""
    return SchemaState(_missing_tables(), missing_migrations())


def migrate(*, is_dry: bool, is_forced: bool) -> tuple[str, ...]:
    """Apply what is pending and return it; a rehearsal applies nothing.

    Raises RequestRefusedError with CONFLICT in production, unless it is forced.
    """
    pending = missing_migrations()
    if is_dry or not pending:
        return ()
    if not settings.DEBUG and not is_forced:
        raise RequestRefusedError(
            "CONFLICT",
            _("This is a production system; nothing was migrated."),
            hint=_(
                'Make a backup, then send {"force": true}; or run manage.py migrate.'
            ),
            details={"pendingMigrations": list(pending)},
        )
    call_command("migrate", interactive=False, verbosity=0)
    return pending


def _missing_tables() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
    models = apps.get_models(include_auto_created=True)
    wanted = {m._meta.db_table for m in models if m._meta.managed}
    return tuple(sorted(wanted - present))
