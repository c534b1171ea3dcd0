"""Accepting a notification: from a checked request to durable deliveries."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.delivery.intake import Entry, Stored, store_entries
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.once import (
    IdempotencyClaim,
    KeyTakenError,
    SignatureSpentError,
    SignatureUse,
)
from channels_app.delivery.routes import (
    MEMORY,
    RoutesChangedError,
    Seen,
    note_use,
    routes_to_try,
)
from channels_app.models import ApiClient
from channels_app.selectors.backlog import waiting_count
from channels_app.selectors.disk import DISK, DiskState
from channels_app.selectors.idempotency import FirstAnswer, first_answer
from channels_app.selectors.switches import is_on
from channels_app.services.client_users import require_user
from channels_app.services.plans import Envelope, TemplatesAtOnce, plan_deliveries
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import note_spent, use_signature
from channels_app.services.requests import NotificationRequest
from channels_app.tasks.wake import wake_quietly
from templates_app.selectors import CacheUse

__all__ = ["Accepted", "NotificationRequest", "accept_notification"]

DEPTH_FRESH_SECONDS = 1.0
DISK_RETRY_SECONDS = 60


@dataclass(frozen=True)
class Accepted:
    """The answer to an accepted request, and whether it is a repeated one.

    `body` is the JSON of the answer: success, request_id, results.
    """

    body: Mapping[str, Any]
    is_replayed: bool = False


def accept_notification(
    *,
    client: ApiClient,
    request: NotificationRequest,
    request_id: str,
    is_test: bool = False,
    signature: SignatureUse | None = None,
) -> Accepted:
    """Store the deliveries of a notification; once this returns they are durable.

    `signature`, if there is one, is spent by the same commit.

    Raises RequestRefusedError with FORBIDDEN for a user that the client may not reach
    (a test is a person's), TEMPLATE_NOT_FOUND, TEMPLATE_RENDER_ERROR,
    INVALID_CHANNEL_TYPE, MISSING_CONTENT, USER_NO_CHANNELS, IDEMPOTENCY_KEY_REUSED,
    MAINTENANCE, DEGRADED, QUEUE_FULL or REPLAYED_REQUEST.
    """
    if not is_test:
        require_user(client, request.user_id)
    earlier = _earlier(client, request)
    if earlier is not None:
        return _repeating(earlier, signature)
    refuse_when_closed()
    envelope = Envelope(client.pk, request_id, request, is_test)
    try:
        body = _planned_and_stored(client, envelope, signature)
    except SignatureSpentError:
        raise RequestRefusedError("REPLAYED_REQUEST") from None
    except KeyTakenError:
        # Another request with this key was committed since we looked.
        won = _earlier(client, request)
        if won is None:
            raise RequestRefusedError("IDEMPOTENCY_IN_PROGRESS") from None
        return _repeating(won, signature)
    if signature is not None:
        note_spent()
    return Accepted(body)


def _repeating(first: Accepted, signature: SignatureUse | None) -> Accepted:
    """Return the first answer again; this request's own signature is spent by it."""
    if signature is not None:
        use_signature(signature)
    return first


def _planned_and_stored(
    client: ApiClient, envelope: Envelope, signature: SignatureUse | None
) -> Mapping[str, Any]:
    """Plan by the user's configs and store if they are still those; if not, once more.

    A refusal by what is remembered is none: nothing was compared with the database.
    """
    user_id = envelope.request.user_id
    for routes in routes_to_try(client_id=client.pk, user_id=user_id):
        try:
            plans = plan_deliveries(envelope, routes.by_kind, TemplatesAtOnce())
            body = _store(client, envelope, plans, signature, routes.seen)
        except RoutesChangedError:
            continue
        except RequestRefusedError:
            if routes.is_remembered:
                continue
            raise
        note_use(routes)
        return body
    raise RoutesChangedError


def config_cache_use() -> CacheUse:
    """Tell how often this process remembered what was still so in the database."""
    return MEMORY.use


def _store(
    client: ApiClient,
    envelope: Envelope,
    plans: Sequence[NewDelivery],
    signature: SignatureUse | None,
    seen: Seen | None,
) -> Mapping[str, Any]:
    entry = entry_of(client, envelope.request, envelope.request_id, plans)
    stored = store_entries(
        [entry], after_commit=wake_quietly, signature=signature, seen=seen
    )
    return answer_of(envelope.request_id, plans, stored)


def entry_of(
    client: ApiClient,
    request: NotificationRequest,
    request_id: str,
    plans: Sequence[NewDelivery],
) -> Entry:
    """Return what is stored of a planned request."""

    def answer(stored: Stored) -> str:
        return json.dumps(answer_of(request_id, plans, stored), ensure_ascii=False)

    claim = None
    if request.idempotency_key is not None:
        claim = IdempotencyClaim(
            client.pk, request.user_id, request.idempotency_key, request.fingerprint
        )
    return Entry(plans, answer, claim, request.window)


def answer_of(
    request_id: str, plans: Sequence[NewDelivery], stored: Stored
) -> dict[str, Any]:
    """Return the answer to one stored notification."""
    return {
        "success": True,
        "request_id": request_id,
        "results": [_result(plan, stored) for plan in plans],
    }


def _result(plan: NewDelivery, stored: Stored) -> dict[str, Any]:
    first = stored.held.get(plan.message_id)
    if first is not None:
        found = _named(plan, first.message_id, first.log_id, first.status)
        return found | {"deduplicated": True}
    log_id = stored.ids[plan.message_id]
    result = _named(plan, plan.message_id, log_id, str(plan.status))
    if plan.error_code:
        result |= {"error": plan.error, "code": plan.error_code}
    return result


def _named(
    plan: NewDelivery, message_id: str, log_id: int | None, status: str
) -> dict[str, Any]:
    return {
        "channelType": plan.channel_type,
        "status": status,
        "messageId": message_id,
        "message_id": message_id,
        "userId": plan.user_id,
        "logId": log_id,
    }


def _earlier(client: ApiClient, request: NotificationRequest) -> Accepted | None:
    if request.idempotency_key is None:
        return None
    first = first_answer(
        client_id=client.pk, user_id=request.user_id, key=request.idempotency_key
    )
    return None if first is None else repeated(first, request)


def repeated(first: FirstAnswer, request: NotificationRequest) -> Accepted:
    """Return a kept answer. Raises IDEMPOTENCY_KEY_REUSED for another request's."""
    if first.request_hash != request.fingerprint:
        raise RequestRefusedError("IDEMPOTENCY_KEY_REUSED")
    return Accepted(first.body, is_replayed=True)


class _Depth:
    """How many deliveries wait, as of a second ago at most."""

    def __init__(self) -> None:
        self.count = 0
        self.read_at = float("-inf")

    def forget(self) -> None:
        self.read_at = float("-inf")

    def now(self) -> int:
        if time.monotonic() - self.read_at > DEPTH_FRESH_SECONDS:
            self.count = waiting_count(at_most=settings.QUEUE_MAX_DEPTH)
            self.read_at = time.monotonic()
        return self.count


DEPTH = _Depth()


def refuse_when_closed() -> None:
    """Raise MAINTENANCE, DEGRADED or QUEUE_FULL while nothing is accepted."""
    if is_on("maintenance"):
        raise RequestRefusedError("MAINTENANCE")
    if (disk := DISK.now()).is_short:
        raise _disk_short(disk)
    if DEPTH.now() >= settings.QUEUE_MAX_DEPTH:
        raise RequestRefusedError("QUEUE_FULL")


def _disk_short(disk: DiskState) -> RequestRefusedError:
    """Refuse while there is room left to finish what was accepted, and no more."""
    return RequestRefusedError(
        "DEGRADED",
        _("The disk is nearly full: nothing new is accepted, what waits is sent."),
        hint=_(
            "Try again after the seconds in Retry-After. Operators: make room on the "
            "disk (manage.py prune deletes old deliveries), or lower MIN_FREE_DISK_MB."
        ),
        details={"free_mb": disk.free_mb, "least_mb": disk.least_mb},
        retry_after=DISK_RETRY_SECONDS,
    )
