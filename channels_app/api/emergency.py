"""The emergency endpoints: opened by X-Admin-Key, for when nobody can sign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from channels_app.api import management_schema as schema
from channels_app.api.inputs import Values, body_as, body_of
from channels_app.api.parsing import wrong_value
from channels_app.models import WAITING, Status
from channels_app.selectors.logs import STATUS_NAMES
from channels_app.services.emergency import (
    WaitingFilter,
    cancel_waiting,
    clear_caches,
    count_waiting,
)
from channels_app.services.shared_keys import require_admin_key
from templates_app.json_schema import BOOLEAN, INTEGER, STRING, TIME, list_of, record

LONGEST_AGE = 10 * 365 * 24 * 3600
_STATE_NAMES = tuple(name for name, state in STATUS_NAMES.items() if state in WAITING)
_CLEAR_BODY = schema.body(
    states={
        **list_of({"enum": list(_STATE_NAMES)}),
        "maxItems": 10,
        "description": "Which waiting ones; all of them without it.",
    },
    older_than={
        "oneOf": [{"type": "integer", "minimum": 1}, TIME],
        "description": "Accepted longer ago than so many seconds, or before a time.",
    },
    dry_run={**BOOLEAN, "default": False},
)
_CLEARED = {
    "message": STRING,
    "data": record(cancelled=INTEGER, dry_run=BOOLEAN),
}
_CACHES = {"data": record(cleared=list_of(STRING))}


class ClearQueueBody(msgspec.Struct):
    """Which waiting deliveries to cancel; `older_than` is read by `Values`."""

    states: Annotated[list[str], msgspec.Meta(max_length=10)] | None = None
    dry_run: bool = False


class HasAdminKey(BasePermission):
    """Lets in who sends the setting ADMIN_KEY as X-Admin-Key."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return True. Raises RequestRefusedError otherwise."""
        remote = str(request.META.get("REMOTE_ADDR", ""))
        require_admin_key(request.headers.get("X-Admin-Key", ""), remote=remote)
        return True


class EmergencyView(APIView):
    """A view that X-Admin-Key opens instead of a signature."""

    authentication_classes = []
    permission_classes = [HasAdminKey]


class ClearQueueView(EmergencyView):
    """`/api/admin/clear-queue`."""

    @extend_schema(
        operation_id="clear_queue",
        summary="Cancel everything that waits to be sent",
        request=_CLEAR_BODY,
        responses=schema.answers(_CLEARED, 404),
    )
    def post(self, request: Request) -> Response:
        """Cancel waiting deliveries of every client; nothing is deleted."""
        body = body_as(request, ClearQueueBody)
        older_than = _accepted_before(Values(body_of(request)))
        wanted = WaitingFilter(_states(body.states), older_than)
        count = count_waiting(wanted) if body.dry_run else cancel_waiting(wanted)
        return Response(
            {
                "success": True,
                "message": _message(count, is_dry=body.dry_run),
                "data": {"cancelled": count, "dry_run": body.dry_run},
            }
        )


class ClearCacheView(EmergencyView):
    """`/api/admin/clear-cache`."""

    @extend_schema(
        operation_id="clear_cache",
        summary="Drop what the web process remembers",
        request=None,
        responses=schema.answers(_CACHES, 404),
    )
    def post(self, request: Request) -> Response:
        return Response({"success": True, "data": {"cleared": clear_caches()}})


def _message(count: int, *, is_dry: bool) -> str:
    if is_dry:
        return _("%(count)d deliveries would be cancelled.") % {"count": count}
    return _("%(count)d deliveries are cancelled.") % {"count": count}


def _states(names: list[str] | None) -> tuple[Status, ...]:
    if names is None:
        return WAITING
    unknown = [name for name in names if name not in _STATE_NAMES]
    if unknown or not names:
        raise wrong_value(
            "states",
            _("states must name what waits."),
            _("Use some of: %(known)s.") % {"known": ", ".join(_STATE_NAMES)},
        )
    return tuple({STATUS_NAMES[name] for name in names})


def _accepted_before(values: Values) -> datetime | None:
    """Return the time that `older_than` means: seconds of age, or a time itself."""
    given = values.given.get("older_than")
    if isinstance(given, str) and not given.isdecimal():
        return values.moment("older_than")
    age = values.number("older_than", 1, LONGEST_AGE)
    return None if age is None else timezone.now() - timedelta(seconds=age)
