from django.urls import URLPattern, URLResolver, re_path

from channels_app.api.alert_webhooks import AlertWebhookView
from channels_app.api.bridge import BridgeView
from channels_app.api.management_urls import urlpatterns as management_urls
from channels_app.api.schema import DocsView, SchemaView
from channels_app.api.send import SendView
from channels_app.api.send_batch import SendBatchView

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^api/notifications/send/?\Z", SendView.as_view(), name="api-send"),
    re_path(
        r"^api/send-notification/?\Z",
        SendView.as_view(schema=None),
        name="api-send-alias",
    ),
    re_path(
        r"^api/notifications/send-batch/?\Z",
        SendBatchView.as_view(),
        name="api-send-batch",
    ),
    re_path(
        r"^api/webhooks/grafana/?\Z",
        AlertWebhookView.as_view(),
        name="api-alerts",
    ),
    re_path(
        r"^api/grafana/webhook/?\Z",
        AlertWebhookView.as_view(schema=None),
        name="api-alerts-alias",
    ),
    re_path(
        r"^web_hook/bridge/(?P<user_id>[^/]{1,400})/(?P<channel_type>[^/]{1,20})/?\Z",
        BridgeView.as_view(),
        name="api-bridge",
    ),
    *management_urls,
    re_path(r"^api/schema/?\Z", SchemaView.as_view(), name="api-schema"),
    re_path(r"^api/docs/?\Z", DocsView.as_view(), name="api-docs"),
]
