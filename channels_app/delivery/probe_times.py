"""When a config that was switched off is probed: a day later, not all at once."""

from __future__ import annotations

from datetime import timedelta

DAY = timedelta(days=1)
SPREAD_MINUTES = 120


def first_probe_in(config_id: int) -> timedelta:
    """Return the wait until the first probe; configs that died together spread out."""
    return DAY + timedelta(minutes=config_id * 37 % SPREAD_MINUTES)
