"""Turning switches; every process follows within a second."""

from __future__ import annotations

from channels_app.models import FeatureFlag
from channels_app.selectors.switches import MEMORY, SWITCHES


class UnknownSwitchError(LookupError):
    """There is no switch of that name."""


def set_switch(
    *, name: str, is_enabled: bool, changed_by: str, note: str = ""
) -> FeatureFlag:
    """Store a switch's value with who set it and why. Raises UnknownSwitchError."""
    if name not in SWITCHES:
        raise UnknownSwitchError(name)
    flag, _created = FeatureFlag.objects.update_or_create(
        name=name,
        defaults={"is_enabled": is_enabled, "changed_by": changed_by, "note": note},
    )
    MEMORY.forget()
    return flag
