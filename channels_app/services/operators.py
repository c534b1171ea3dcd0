"""Telling people who run this installation, through the product's own channels."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from channels_app.models import DEFAULT_KEY_ID, ApiClient, Priority
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.requests import NotificationRequest
from channels_app.services.sending import accept_notification

logger = logging.getLogger(__name__)


def tell_users(users: Iterable[str], subject: str, content: str, *, key: str) -> int:
    """Send one text to all channels of each user, once for a `key`; return how many.

    They are users of the default client: whoever runs it says where its operators are
    reached. One who cannot be told is named in the log.
    """
    client = ApiClient.objects.filter(key_id=DEFAULT_KEY_ID).first()
    if client is None:
        logger.warning("There is no default client, so nobody can be told.")
        return 0
    return sum(_tell(client, user, subject, content, key) for user in users)


def _tell(client: ApiClient, user: str, subject: str, content: str, key: str) -> bool:
    request = NotificationRequest(
        user_id=user,
        subject=subject,
        content=content,
        priority=Priority.HIGH,
        idempotency_key=f"{key}-{user}"[:255],
        fingerprint=key,
        metadata={"system_notice": key},
    )
    try:
        accept_notification(client=client, request=request, request_id=key)
    except RequestRefusedError as refusal:
        logger.warning("%s could not be told: %s", user, refusal.code)
        return False
    return True
