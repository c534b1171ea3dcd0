"""Which rows a client may see: its own, or all of them with the admin scope."""

from __future__ import annotations

from django.db.models import QuerySet

from channels_app.models import ApiClient, NotificationLog, Scope, UserConfig


def has_scope(client: ApiClient, scope: str) -> bool:
    """Say whether the client may do this; admin may do everything."""
    return scope in client.scopes or Scope.ADMIN in client.scopes


def visible_configs(client: ApiClient) -> QuerySet[UserConfig]:
    everything = UserConfig.objects.all()
    if Scope.ADMIN in client.scopes:
        return everything
    return everything.filter(client=client)


def visible_logs(client: ApiClient) -> QuerySet[NotificationLog]:
    everything = NotificationLog.objects.all()
    if Scope.ADMIN in client.scopes:
        return everything
    return everything.filter(client=client)
