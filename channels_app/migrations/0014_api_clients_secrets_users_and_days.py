"""API clients: a second secret, allowed users, own limits, figures by day."""

import django.db.models.deletion
from django.db import migrations, models

import channels_app.models.encrypted


class Migration(migrations.Migration):
    dependencies = [
        ("channels_app", "0013_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="apiclient",
            name="allowed_users",
            field=models.JSONField(
                blank=True, default=list, verbose_name="allowed users"
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="logs_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: the setting LIMIT_LOGS_PER_MINUTE. 0: no limit.",
                null=True,
                verbose_name="requests a minute on logs",
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="management_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: the setting LIMIT_MANAGEMENT_PER_MINUTE. 0: no limit.",
                null=True,
                verbose_name="requests a minute on configs and templates",
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="needs_signature_v2",
            field=models.BooleanField(
                default=False, verbose_name="signature version 2 only"
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="old_secret",
            field=channels_app.models.encrypted.EncryptedField(
                blank=True, editable=False, null=True, verbose_name="old secret"
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="old_secret_made_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="old_secret_used_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="secret_made_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="secret_used_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="ClientDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("day", models.DateField()),
                ("requests", models.PositiveBigIntegerField(default=0)),
                ("refusals", models.PositiveBigIntegerField(default=0)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="channels_app.apiclient",
                    ),
                ),
            ],
            options={
                "db_table": "api_client_days",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "day"), name="one_row_a_day"
                    )
                ],
            },
        ),
    ]
