"""How the admin looks: django-unfold's settings."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def unfold_settings(version: str) -> dict[str, Any]:
    """Return what django-unfold reads from the setting UNFOLD."""
    return {
        "SITE_TITLE": _("Notifications"),
        "SITE_HEADER": _("Notifications"),
        "SITE_SYMBOL": "notifications",
        "SITE_URL": None,
        "SITE_FAVICONS": [
            {
                "rel": "icon",
                "type": "image/svg+xml",
                "href": lambda request: static("notifications_site/favicon.svg"),
            }
        ],
        "SHOW_LANGUAGES": True,
        "STYLES": [lambda request: static("notifications_site/admin.css")],
        "SITE_SUBHEADER": version,
        "SIDEBAR": {
            "show_search": True,
            "show_all_applications": False,
            "navigation": "notifications_site.navigation.sections",
        },
        "ACCOUNT": {
            "navigation": [
                {
                    "title": _("Change password"),
                    "link": reverse_lazy("admin:password_change"),
                }
            ]
        },
    }
