from django.urls import URLPattern, re_path

from diagnostics.api.health import HealthView, LiveView, ReadyView
from diagnostics.api.scheduled_tasks import ScheduledTasksView

urlpatterns: list[URLPattern] = [
    re_path(r"^livez/?\Z", LiveView.as_view(), name="livez"),
    re_path(r"^readyz/?\Z", ReadyView.as_view(), name="readyz"),
    re_path(r"^(?:api/)?health/?\Z", HealthView.as_view(), name="health"),
    re_path(
        r"^health/scheduled-tasks/?\Z",
        ScheduledTasksView.as_view(),
        name="scheduled-tasks",
    ),
]
