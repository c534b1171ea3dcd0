"""What the roles viewer, operator and admin may do with a table, as migrations say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VIEWER, OPERATOR, ADMIN = "viewer", "operator", "admin"

# By role: by model: what it may do (view, add, change, delete).
Rights = Mapping[str, Mapping[str, Sequence[str]]]


def granting(
    app: str, rights: Rights
) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
    """Return a migration's operation that gives roles their rights on new tables."""

    def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        alias = schema_editor.connection.alias
        # Django makes permission rows only after all migrations.
        config = installed.get_app_config(app)
        create_permissions(config, verbosity=0, using=alias, apps=apps)
        groups = apps.get_model("auth", "Group").objects.using(alias)
        for role, models in rights.items():
            group, _created = groups.get_or_create(name=role)
            group.permissions.add(*_permissions(apps, alias, app, models))

    return grant


def _permissions(
    apps: Apps, alias: str, app: str, models: Mapping[str, Sequence[str]]
) -> list[Any]:
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return [
        permissions.get(
            content_type__app_label=app,
            content_type__model=model,
            codename=f"{action}_{model}",
        )
        for model, actions in models.items()
        for action in actions
    ]
