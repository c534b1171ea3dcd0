from django.urls import URLPattern, re_path

from channels_app.api.schema import DocsView, SchemaView
from channels_app.api.send import SendView

urlpatterns: list[URLPattern] = [
    re_path(r"^api/notifications/send/?\Z", SendView.as_view(), name="api-send"),
    re_path(r"^api/send-notification/?\Z", SendView.as_view(), name="api-send-alias"),
    re_path(r"^api/schema/?\Z", SchemaView.as_view(), name="api-schema"),
    re_path(r"^api/docs/?\Z", DocsView.as_view(), name="api-docs"),
]
