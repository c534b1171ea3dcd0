"""What deliveries teach about channel configs: a new address, or that one is gone."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from channels_app.delivery.admission import Deferral
from channels_app.delivery.fresh_starts import fresh_start_of_many, interval_of
from channels_app.delivery.notices import SYSTEM_NOTICE
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.probe_times import first_probe_in
from channels_app.delivery.recording import move
from channels_app.delivery.taking import defer
from channels_app.models import (
    Installation,
    Notice,
    NotificationLog,
    Status,
    UserConfig,
)
from channels_app.models.sql import one_writer

logger = logging.getLogger(__name__)

GO_ON_BATCH = 500
# What found out that a destination is gone was settled a little before it was noted.
FOUND_OUT_WITHIN = timedelta(minutes=5)


def apply_to_configs(verdicts: Iterable[Verdict]) -> None:
    """Store what the providers said about the configs of these deliveries.

    A corrected field is written; a config whose destination is gone for good is
    switched off, with the provider's word as the reason, to be told and to be probed.
    """
    for verdict in verdicts:
        if verdict.config_changes:
            _change(verdict.result.log_id, verdict.config_changes)
        if verdict.is_destination_gone:
            result = verdict.result
            _switch_off(result.log_id, f"{result.error_code}: {result.error}"[:500])


def _config_of(log_id: int) -> UserConfig | None:
    log = NotificationLog.objects.filter(pk=log_id).values_list("config_id").first()
    if log is None or log[0] is None:
        return None
    return UserConfig.objects.select_for_update().filter(pk=log[0]).first()


def _change(log_id: int, changes: Mapping[str, Any]) -> None:
    with transaction.atomic():
        config = _config_of(log_id)
        if config is not None:
            config.public_data = {**config.public_data, **changes}
            config.version += 1
            config.save(update_fields=["public_data", "version", "updated_at"])


def _switch_off(log_id: int, reason: str) -> None:
    with transaction.atomic():
        config = _config_of(log_id)
        if config is None or not config.is_active:
            return
        # A notice that cannot arrive tells of no further one: no circle of notices.
        is_notice = SYSTEM_NOTICE in _metadata_of(log_id)
        UserConfig.objects.filter(pk=config.pk).update(
            is_active=False,
            disabled_reason=reason,
            disabled_at=Now(),
            notice_due=Notice.NONE if is_notice else Notice.DISABLED,
            next_probe_at=Now() + first_probe_in(config.pk),
            probed_at=None,
            probe_answer="",
            version=F("version") + 1,
        )
    code = reason.partition(":")[0]
    logger.warning("Channel config %d is switched off: %s.", config.pk, code)


def switch_on(config_id: int, version: int, answer: str) -> bool:
    """Switch a config on that answered its probe, and let its deliveries go on.

    False when somebody changed the config since the probe was sent.
    """
    with one_writer(), transaction.atomic():
        found = UserConfig.objects.select_for_update().filter(
            pk=config_id, version=version, is_active=False, next_probe_at__isnull=False
        )
        config = found.first()
        if config is None:
            return False
        found.update(
            is_active=True,
            disabled_reason="",
            disabled_at=None,
            next_probe_at=None,
            notice_due=Notice.MENDED,
            probe_answer=answer[:500],
            version=F("version") + 1,
        )
        _let_go_on(config)
    return True


def _let_go_on(config: UserConfig) -> None:
    """Queue what failed because the config was off, as a bulk replay would."""
    interval = interval_of(config.channel_type, config.pk, config.sends_per_minute)
    ids = list(_failed_by_its_end(config).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), GO_ON_BATCH):
        batch = ids[start : start + GO_ON_BATCH]
        changes = fresh_start_of_many()
        move(batch, Status.PENDING, sources=[Status.FAILED], **changes)
        defer(
            [
                Deferral(log_id, (start + number) * interval, has_slot=False)
                for number, log_id in enumerate(batch)
            ]
        )


def _failed_by_its_end(config: UserConfig) -> QuerySet[NotificationLog]:
    code = config.disabled_reason.partition(":")[0]
    oldest = Now() - timedelta(hours=settings.REPLAY_MAX_AGE_HOURS)
    failed = NotificationLog.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=Now()),
        config=config,
        status=Status.FAILED,
        error_code__in=["channel_disabled", code],
        created_at__gte=oldest,
    )
    if config.disabled_at is not None:
        failed = failed.filter(settled_at__gte=config.disabled_at - FOUND_OUT_WITHIN)
    restored_at = Installation.objects.values_list("restored_at", flat=True).first()
    if restored_at is not None:
        # Where the backup came from, it may have gone out since.
        failed = failed.filter(created_at__gt=restored_at)
    return failed.exclude(content="").exclude(metadata__has_key=SYSTEM_NOTICE)


def _metadata_of(log_id: int) -> Mapping[str, Any]:
    found = NotificationLog.objects.filter(pk=log_id).values_list("metadata").first()
    return found[0] if found and isinstance(found[0], dict) else {}
