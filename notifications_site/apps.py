from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    name = "notifications_site"


class NotificationsAdminConfig(AdminConfig):
    default_site = "notifications_site.admin_site.NotificationsAdminSite"
