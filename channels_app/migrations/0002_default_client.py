"""The client that signs without naming itself; its secret is API_SECRET_KEY."""

from django.db import migrations

SCOPES = ["send", "configs", "templates", "logs", "ops"]


def create_default_client(apps, schema_editor):
    client = apps.get_model("channels_app", "ApiClient")
    client.objects.get_or_create(
        key_id="default", defaults={"name": "Default", "scopes": SCOPES}
    )


class Migration(migrations.Migration):
    dependencies = [("channels_app", "0001_initial")]

    operations = [
        migrations.RunPython(create_default_client, migrations.RunPython.noop)
    ]
