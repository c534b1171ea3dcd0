"""Pages of our own beside the lists and forms that Django makes of a model."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin


def model_page(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    name: str,
    title: StrOrPromise,
    **context: object,
) -> TemplateResponse:
    """Return a page that belongs to a model: `name` is a template in its folder.

    The folder is `admin/<app>/<model>/`; the context is what every page of the admin has,
    and the rest.
    """
    opts = model_admin.opts
    full = {
        **model_admin.admin_site.each_context(request),
        "opts": opts,
        "title": title,
        "subtitle": None,
        **context,
    }
    template = f"admin/{opts.app_label}/{opts.model_name}/{name}"
    return TemplateResponse(request, template, full)
