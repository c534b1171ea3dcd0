from django.urls import URLPattern, re_path

from diagnostics.api.database import MigrateView, SchemaStateView
from diagnostics.api.health import HealthView, LiveView, ReadyView
from diagnostics.api.metrics import MetricsView, SummaryView
from diagnostics.api.scheduled_tasks import ScheduledTasksView

urlpatterns: list[URLPattern] = [
    re_path(r"^livez/?\Z", LiveView.as_view(), name="livez"),
    re_path(r"^readyz/?\Z", ReadyView.as_view(), name="readyz"),
    re_path(r"^health/?\Z", HealthView.as_view(), name="health"),
    re_path(r"^api/health/?\Z", HealthView.as_view(schema=None), name="api-health"),
    re_path(r"^api/metrics/?\Z", SummaryView.as_view(), name="api-metrics"),
    re_path(r"^metrics/?\Z", MetricsView.as_view(), name="metrics"),
    re_path(r"^api/db/schema/?\Z", SchemaStateView.as_view(), name="api-db-schema"),
    re_path(r"^api/db/migrate/?\Z", MigrateView.as_view(), name="api-db-migrate"),
    re_path(
        r"^health/scheduled-tasks/?\Z",
        ScheduledTasksView.as_view(),
        name="scheduled-tasks",
    ),
]
