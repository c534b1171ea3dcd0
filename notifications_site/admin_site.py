"""The admin site: django-unfold's, under our name, with our first page."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from notifications_site.dashboard import dashboard


class NotificationsAdminSite(UnfoldAdminSite):
    """What operators work in."""

    index_title = _("Overview")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show how deliveries are doing, to those who may see deliveries."""
        page = dashboard(request.user)
        response: TemplateResponse = super().index(
            request, {"dashboard": page, **(extra_context or {})}
        )
        return response
