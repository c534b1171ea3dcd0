"""What template authors see and do: a view over the services."""

from templates_app.admin.templates import NotificationTemplateAdmin

__all__ = ["NotificationTemplateAdmin"]
