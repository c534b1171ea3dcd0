"""Which rows a client may see: its own, or all of them with the admin scope.

Whatever its scopes are, it sees nothing of users that it may not reach.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from channels_app.models import ApiClient, NotificationLog, Scope, UserConfig

ANY_END = "*"


def has_scope(client: ApiClient, scope: str) -> bool:
    """Say whether the client may do this; admin may do everything."""
    return scope in client.scopes or Scope.ADMIN in client.scopes


def may_reach(client: ApiClient, user_id: str) -> bool:
    """Say whether a user is one of those that the client is for."""
    allowed = client.allowed_users
    return not allowed or any(_matches(pattern, user_id) for pattern in allowed)


def visible_configs(client: ApiClient) -> QuerySet[UserConfig]:
    found = UserConfig.objects.filter(_reachable(client))
    return found if Scope.ADMIN in client.scopes else found.filter(client=client)


def visible_logs(client: ApiClient) -> QuerySet[NotificationLog]:
    found = NotificationLog.objects.filter(_reachable(client))
    return found if Scope.ADMIN in client.scopes else found.filter(client=client)


def _matches(pattern: str, user_id: str) -> bool:
    if pattern.endswith(ANY_END):
        return user_id.startswith(pattern.removesuffix(ANY_END))
    return user_id == pattern


def _reachable(client: ApiClient) -> Q:
    """Return `may_reach` as a condition; SQLite's LIKE would not mind the case."""
    allowed = client.allowed_users
    if not allowed:
        return Q()
    found = Q(user_id__in=[name for name in allowed if not name.endswith(ANY_END)])
    for pattern in allowed:
        if pattern.endswith(ANY_END):
            found |= _begins(pattern.removesuffix(ANY_END))
    return found


def _begins(start: str) -> Q:
    return Q(Exact(Left("user_id", len(start)), start)) if start else Q(pk__gt=0)
