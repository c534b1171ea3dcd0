"""Telling people that a config was switched off, or that it works again: once.

What is to be told stands in the config's row; it is taken from there by the commit
that stores the messages. They are ordinary deliveries to the user's other channels
and to the operators, marked as the system's own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from channels_app.delivery.destinations import destination_hash
from channels_app.delivery.notice_texts import notice_text
from channels_app.models import (
    DEFAULT_KEY_ID,
    Notice,
    NotificationLog,
    Priority,
    UserConfig,
)
from channels_app.models.ids import new_message_id
from channels_app.models.sql import is_postgres, one_writer

logger = logging.getLogger(__name__)

# The key in a delivery's metadata that says what the system itself tells by it.
SYSTEM_NOTICE = "system_notice"
AT_ONCE = 100


def tell_of_configs() -> int:
    """Store the messages that are due about configs; return how many there are.

    To be called again while there are any; a crash loses none and doubles none.
    """
    if not _is_any_due():
        return 0
    with one_writer(), transaction.atomic():
        due = UserConfig.objects.exclude(notice_due=Notice.NONE).order_by("pk")
        configs = list(due.select_for_update(skip_locked=is_postgres())[:AT_ONCE])
        told_by = {config.pk: _messages(config) for config in configs}
        messages = [message for each in told_by.values() for message in each]
        NotificationLog.objects.bulk_create(messages)
        UserConfig.objects.filter(pk__in=told_by).update(notice_due=Notice.NONE)
    _log(told_by)
    return len(messages)


def _log(told_by: Mapping[int, list[NotificationLog]]) -> None:
    count = sum(map(len, told_by.values()))
    if told_by:
        text = "%d notices about %d channel configs are stored."
        logger.info(text, count, len(told_by))
    for pk, messages in told_by.items():
        if not messages:
            logger.warning("Nobody can be told about channel config %d.", pk)


def _is_any_due() -> bool:
    # As words, not parameters: only so does SQLite use the partial index.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM user_configs WHERE NOT (notice_due = '') LIMIT 1", []
        )
        return cursor.fetchone() is not None


def _messages(config: UserConfig) -> list[NotificationLog]:
    subject, content = notice_text(config, Notice(config.notice_due))
    return [_message(config, to, subject, content) for to in _receivers(config)]


def _message(
    config: UserConfig, to: UserConfig, subject: str, content: str
) -> NotificationLog:
    destination = destination_hash(to)
    return NotificationLog(
        message_id=new_message_id(),
        request_id=f"config-{config.pk}-{config.version}",
        client_id=to.client_id,
        config=to,
        user_id=to.user_id,
        channel_type=to.channel_type,
        subject=subject,
        content=content,
        metadata={SYSTEM_NOTICE: config.notice_due, "config": config.pk},
        priority=Priority.HIGH,
        destination=destination,
        shard=int(destination[:2], 16) if destination else 0,
        guarantee=to.guarantee,
        created_at=Now(),
        next_attempt_at=Now(),
    )


def _receivers(config: UserConfig) -> Iterable[UserConfig]:
    """Return the user's other channels and the operators', each once."""
    people = Q(client=config.client_id, user_id=config.user_id)
    if settings.OPERATOR_USER_ID:
        # Only those who run the default client say where its operators are reached.
        people |= Q(client__key_id=DEFAULT_KEY_ID, user_id=settings.OPERATOR_USER_ID)
    others = UserConfig.objects.filter(people, is_active=True).exclude(pk=config.pk)
    return others.order_by("pk")
