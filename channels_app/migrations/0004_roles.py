"""The roles as groups: who looks, who operates, who administers."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEWER = {
    "channels_app": {
        "notificationlog": ["view"],
        "userconfig": ["view"],
        "apiclient": ["view"],
        "featureflag": ["view"],
    },
    "templates_app": {"notificationtemplate": ["view"]},
}
OPERATOR = {
    "channels_app": {
        "notificationlog": ["view", "change"],
        "userconfig": ["view", "add", "change", "delete"],
        "apiclient": ["view"],
        "featureflag": ["view", "change"],
    },
    "templates_app": {"notificationtemplate": ["view", "add", "change"]},
}
ADMIN = {
    "channels_app": {
        "notificationlog": ["view", "change"],
        "userconfig": ["view", "add", "change", "delete"],
        "apiclient": ["view", "add", "change"],
        "featureflag": ["view", "change"],
    },
    "templates_app": {"notificationtemplate": ["view", "add", "change"]},
    "auth": {"user": ["view", "add", "change"], "group": ["view"]},
}
ROLES = {"viewer": VIEWER, "operator": OPERATOR, "admin": ADMIN}


def create_roles(apps, schema_editor):
    alias = schema_editor.connection.alias
    for label in ADMIN:
        # Django makes permission rows only after all migrations.
        config = installed.get_app_config(label)
        create_permissions(config, verbosity=0, using=alias, apps=apps)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, rights in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*permissions_of(apps, alias, rights))


def permissions_of(apps, alias, rights):
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    return [
        permissions.get(
            content_type__app_label=app,
            content_type__model=model,
            codename=f"{action}_{model}",
        )
        for app, models in rights.items()
        for model, actions in models.items()
        for action in actions
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("channels_app", "0003_rate_limits"),
        ("templates_app", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
