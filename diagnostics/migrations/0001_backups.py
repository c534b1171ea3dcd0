"""Backups that were made, and who may make and verify them."""

from django.db import migrations, models

from channels_app.services.roles import ADMIN, OPERATOR, VIEWER, granting

LOOK = {"backup": ["view"]}
MAKE = {"backup": ["view", "add", "change"]}


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("channels_app", "0013_schedules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
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
                (
                    "name",
                    models.CharField(max_length=100, unique=True, verbose_name="name"),
                ),
                ("folder", models.CharField(max_length=1000, verbose_name="folder")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("making", "being made"),
                            ("ready", "ready"),
                            ("failed", "failed"),
                        ],
                        default="making",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "is_scheduled",
                    models.BooleanField(default=False, verbose_name="by schedule"),
                ),
                (
                    "is_encrypted",
                    models.BooleanField(default=False, verbose_name="encrypted"),
                ),
                ("made_by", models.CharField(max_length=150, verbose_name="made by")),
                (
                    "version",
                    models.CharField(max_length=20, verbose_name="product version"),
                ),
                (
                    "logs_days",
                    models.PositiveIntegerField(verbose_name="days of the log"),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="rows")),
                (
                    "size",
                    models.PositiveBigIntegerField(default=0, verbose_name="size"),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="error"
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("seen_at", models.DateTimeField(verbose_name="last sign of life")),
                (
                    "finished_at",
                    models.DateTimeField(null=True, verbose_name="finished"),
                ),
                (
                    "verified_at",
                    models.DateTimeField(null=True, verbose_name="last verified"),
                ),
                ("is_good", models.BooleanField(null=True, verbose_name="restores")),
                (
                    "verification",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=1000,
                        verbose_name="what the verification found",
                    ),
                ),
            ],
            options={
                "verbose_name": "backup",
                "verbose_name_plural": "backups",
                "db_table": "backups",
                "ordering": ["-id"],
            },
        ),
        migrations.RunPython(
            granting("diagnostics", {VIEWER: LOOK, OPERATOR: MAKE, ADMIN: MAKE}),
            migrations.RunPython.noop,
        ),
    ]
