"""The addresses of configs, logs, messages, the queue, emergencies and of rendering."""

from django.urls import URLPattern, re_path

from channels_app.api.configs import ConfigsView, UserConfigsView, UserConfigView
from channels_app.api.emergency import ClearCacheView, ClearQueueView
from channels_app.api.logs import LogCleanupView, LogsView, LogView
from channels_app.api.messages import CancelView, MessageView, ResendView, RetryView
from channels_app.api.queue import ClearRetriesView, QueueStatusView
from channels_app.api.scheduled_tasks import RunsView, TriggerView
from channels_app.api.template_render import TemplateRenderView

USER = r"api/users/(?P<user_id>[^/]{1,400})/configs"
LOGS = r"api/notification-logs"
MESSAGE = r"api/notifications/(?P<message_id>[0-9A-Za-z-]{36})"

urlpatterns: list[URLPattern] = [
    re_path(r"^api/user-configs/?\Z", ConfigsView.as_view(), name="api-configs"),
    re_path(rf"^{USER}/?\Z", UserConfigsView.as_view(), name="api-user-configs"),
    re_path(
        rf"^{USER}/(?P<channel>[^/]{{1,40}})/?\Z",
        UserConfigView.as_view(),
        name="api-user-config",
    ),
    re_path(rf"^{LOGS}/?\Z", LogsView.as_view(), name="api-logs"),
    re_path(rf"^{LOGS}/cleanup/?\Z", LogCleanupView.as_view(), name="api-logs-cleanup"),
    re_path(rf"^{LOGS}/(?P<log_id>[0-9]+)/?\Z", LogView.as_view(), name="api-log"),
    re_path(r"^api/notifications/retry/?\Z", RetryView.as_view(), name="api-retry"),
    re_path(rf"^{MESSAGE}/?\Z", MessageView.as_view(), name="api-message"),
    re_path(rf"^{MESSAGE}/cancel/?\Z", CancelView.as_view(), name="api-cancel"),
    re_path(rf"^{MESSAGE}/resend/?\Z", ResendView.as_view(), name="api-resend"),
    re_path(r"^api/queue/status/?\Z", QueueStatusView.as_view(), name="api-queue"),
    re_path(
        r"^api/queue/clear-retries/?\Z",
        ClearRetriesView.as_view(),
        name="api-clear-retries",
    ),
    re_path(
        r"^api/admin/clear-queue/?\Z", ClearQueueView.as_view(), name="api-clear-queue"
    ),
    re_path(
        r"^api/admin/clear-cache/?\Z", ClearCacheView.as_view(), name="api-clear-cache"
    ),
    re_path(
        r"^api/task-execution-records/?\Z", RunsView.as_view(), name="api-task-runs"
    ),
    re_path(
        r"^api/scheduled-tasks/trigger/?\Z",
        TriggerView.as_view(),
        name="api-run-task",
    ),
    re_path(
        r"^api/templates/(?P<key>[^/]{1,400})/render/?\Z",
        TemplateRenderView.as_view(),
        name="api-render",
    ),
]
