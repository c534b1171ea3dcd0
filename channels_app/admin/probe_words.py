"""What the page of a config says of its probes: the last one, its answer, the next."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from channels_app.models import UserConfig


def probe_words(config: UserConfig) -> str:
    """Return sentences on a config that the product switched off."""
    return " ".join([*_last(config), _next(config)])


def _last(config: UserConfig) -> list[str]:
    if config.probed_at is None:
        return []
    said = _("Probed last on %(time)s.") % {"time": _moment(config.probed_at)}
    answer = _("Its answer: %(answer)s.") % {"answer": config.probe_answer or "–"}
    return [said, answer]


def _next(config: UserConfig) -> str:
    if config.next_probe_at is None:
        return _(
            "It cannot be probed without a message that people see: switch it on again "
            "when it is mended."
        )
    if not settings.PROBE_DISABLED_CONFIGS:
        return _("Probing is switched off by the settings.")
    said = _(
        "It is asked again on %(time)s, without a message; if it answers, it is "
        "switched on and what failed is sent."
    )
    return said % {"time": _moment(config.next_probe_at)}


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i T")
