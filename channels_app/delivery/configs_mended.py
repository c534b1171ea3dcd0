"""What deliveries teach about channel configs: a new address, or that one is gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from channels_app.delivery.outcomes import Verdict
from channels_app.models import NotificationLog, UserConfig


def apply_to_configs(verdicts: Iterable[Verdict]) -> None:
    """Store what the providers said about the configs of these deliveries.

    A corrected field is written; a config whose destination is gone for good is
    switched off, with the provider's word as the reason.
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
        if config is not None:
            UserConfig.objects.filter(pk=config.pk, is_active=True).update(
                is_active=False, disabled_reason=reason, version=F("version") + 1
            )
