"""Bridges of channel configs: the hash of their tokens, and how they are found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_app", "0016_worker_pumps"),
    ]

    operations = [
        migrations.AddField(
            model_name="userconfig",
            name="bridge_token_hash",
            field=models.CharField(
                db_default="", default="", editable=False, max_length=64
            ),
        ),
        migrations.AddIndex(
            model_name="userconfig",
            index=models.Index(
                condition=models.Q(("bridge_token_hash", ""), _negated=True),
                fields=["user_id", "channel_type"],
                name="configs_with_a_bridge",
            ),
        ),
    ]
