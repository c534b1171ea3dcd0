from django.urls import URLPattern, path

from diagnostics.pages.template_preview import template_preview

urlpatterns: list[URLPattern] = [
    path("template-preview/", template_preview, name="template_preview"),
]
