from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register

from notifications_site.checks import check_settings


class SiteConfig(AppConfig):
    name = "notifications_site"

    def ready(self) -> None:
        register(check_settings, "settings")


class NotificationsAdminConfig(AdminConfig):
    default_site = "notifications_site.admin_site.NotificationsAdminSite"
