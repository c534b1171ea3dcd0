from django.urls import URLPattern, path

from diagnostics.pages.signature_doctor import signature_doctor
from diagnostics.pages.template_preview import template_preview
from diagnostics.pages.template_trial import template_trial

urlpatterns: list[URLPattern] = [
    path("signature-doctor/", signature_doctor, name="signature_doctor"),
    path("template-preview/", template_preview, name="template_preview"),
    path("template-test/<str:key>/", template_trial, name="template_test"),
]
