"""Whether this database is ours: a copy of another's must not send what that sends.

A clone or a restore brings the waiting deliveries of its origin along. The first
worker that starts on it with another INSTANCE_ID turns sending off and takes the
database over; an operator looks, and resumes.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction

from channels_app.models import FeatureFlag, Installation

logger = logging.getLogger(__name__)


class _Known:
    """The instance id that this process has found in the database."""

    instance_id = ""


def forget() -> None:
    """Look at the database again the next time (tests)."""
    _Known.instance_id = ""


def make_ours() -> bool:
    """Return whether the database was ours; turn sending off when it was another's.

    Without INSTANCE_ID nothing is compared. Costs a query once in a process.
    """
    wanted = settings.INSTANCE_ID
    if not wanted or _Known.instance_id == wanted:
        return True
    with transaction.atomic():
        row, _created = Installation.objects.select_for_update().get_or_create(
            number=1, defaults={"instance_id": wanted}
        )
        was_ours = row.instance_id in {wanted, ""}
        if not was_ours:
            _turn_sending_off(row)
        if row.instance_id != wanted:
            row.instance_id = wanted
            row.save(update_fields=["instance_id", "updated_at"])
    _Known.instance_id = wanted
    return was_ours


def _turn_sending_off(row: Installation) -> None:
    note = (
        f"This database is a copy of instance {row.instance_id}. Look at what waits, "
        "then resume sending."
    )
    logger.error("Sending is off. %s", note)
    FeatureFlag.objects.update_or_create(
        name="sending",
        defaults={"is_enabled": False, "changed_by": "worker", "note": note},
    )
