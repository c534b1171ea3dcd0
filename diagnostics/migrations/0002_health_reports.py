"""Health reports, and who may see and make them."""

from django.db import migrations, models

from channels_app.services.roles import ADMIN, OPERATOR, VIEWER, granting

LOOK = {"healthreport": ["view"]}
MAKE = {"healthreport": ["view", "add"]}


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0001_backups'),
    ]

    operations = [
        migrations.CreateModel(
            name='HealthReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='made')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('asked_by', models.CharField(blank=True, default='', max_length=150, verbose_name='asked by')),
                ('total', models.PositiveSmallIntegerField(verbose_name='checks')),
                ('took_ms', models.PositiveIntegerField(default=0, verbose_name='took, in ms')),
                ('worst', models.CharField(blank=True, default='', max_length=10, verbose_name='state')),
                ('critical', models.PositiveSmallIntegerField(default=0, verbose_name='critical')),
                ('warnings', models.PositiveSmallIntegerField(default=0, verbose_name='warnings')),
                ('infos', models.PositiveSmallIntegerField(default=0, verbose_name='notes')),
                ('body', models.JSONField(default=list)),
                ('told', models.JSONField(default=list)),
            ],
            options={
                'verbose_name': 'health report',
                'verbose_name_plural': 'health reports',
                'db_table': 'health_reports',
                'ordering': ['-id'],
            },
        ),
        migrations.RunPython(
            granting("diagnostics", {VIEWER: LOOK, OPERATOR: MAKE, ADMIN: MAKE}),
            migrations.RunPython.noop,
        ),
    ]
