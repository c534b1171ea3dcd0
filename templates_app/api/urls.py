from django.urls import URLPattern, re_path

from templates_app.api.views import (
    OneTemplateView,
    TemplateContentView,
    TemplatesView,
)

ONE = r"^api/templates/(?P<key>[^/]{1,400})"

urlpatterns: list[URLPattern] = [
    re_path(r"^api/templates/?\Z", TemplatesView.as_view(), name="api-templates"),
    re_path(rf"{ONE}/?\Z", OneTemplateView.as_view(), name="api-template"),
    re_path(
        rf"{ONE}/contents/(?P<channel>[^/]{{1,40}})/?\Z",
        TemplateContentView.as_view(),
        name="api-template-content",
    ),
]
