"""The bridge of a channel config in the admin: opened, renewed and closed."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.models import UserConfig
from channels_app.services.bridges import close_bridge, open_bridge
from templates_app.admin.pages import model_page


def bridge_page(
    model_admin: ModelAdmin[UserConfig], request: HttpRequest, pk: int
) -> HttpResponse:
    """Show a bridge; on POST make a token, which is shown once, or close the bridge."""
    config = model_admin.get_object(request, str(pk))
    if config is None:
        raise Http404
    if not model_admin.has_change_permission(request, config):
        raise PermissionDenied
    if request.method != "POST":
        return _page(model_admin, request, config)
    if "close" in request.POST:
        close_bridge(config=config)
        model_admin.log_change(request, config, _("Bridge closed"))
        messages.success(request, _("The bridge is closed: its token opens no more."))
        return HttpResponseRedirect(request.path)
    token = open_bridge(config=config)
    model_admin.log_change(request, config, _("Bridge opened with a new token"))
    # The admin's views send Cache-Control: no-store.
    return _page(model_admin, request, config, token)


def _page(
    model_admin: ModelAdmin[UserConfig],
    request: HttpRequest,
    config: UserConfig,
    token: str = "",
) -> HttpResponse:
    user, kind = quote(config.user_id, safe=""), quote(config.channel_type, safe="")
    address = request.build_absolute_uri(f"/web_hook/bridge/{user}/{kind}")
    return model_page(
        model_admin,
        request,
        "bridge.html",
        _("Bridge"),
        subtitle=str(config),
        is_open=bool(config.bridge_token_hash),
        address=f"{address}?token={token}" if token else f"{address}?token=…",
        is_new=bool(token),
        back=reverse("admin:channels_app_userconfig_change", args=[config.pk]),
    )
