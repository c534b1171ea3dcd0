"""What deliveries teach about channel configs: a new address, or that one is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from channels_app.delivery.notices import SYSTEM_NOTICE
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.probe_times import first_probe_in
from channels_app.models import Notice, NotificationLog, UserConfig


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


def _metadata_of(log_id: int) -> Mapping[str, Any]:
    found = NotificationLog.objects.filter(pk=log_id).values_list("metadata").first()
    return found[0] if found and isinstance(found[0], dict) else {}
