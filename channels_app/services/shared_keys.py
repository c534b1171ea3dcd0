"""Keys of the settings that open what has no signature: ADMIN_KEY, METRICS_TOKEN."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.services.callers import counted_address
from channels_app.services.limits import Limit, count_failure
from channels_app.services.refusals import RequestRefusedError

_WINDOW_SECONDS = 300


def is_key(given: str, wanted: str) -> bool:
    """Compare in constant time; no key was set: nothing opens."""
    alike = hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
    return bool(wanted) and alike


def require_key(given: str, wanted: str, *, setting: str, remote: str) -> None:
    """Raise INVALID_CREDENTIALS for a wrong key, and RATE_LIMITED for too many wrong ones.

    A right key is never held up by wrong ones from the same address.
    """
    if is_key(given, wanted):
        return
    count_wrong_key(setting, remote=remote)
    raise RequestRefusedError(
        "INVALID_CREDENTIALS",
        _("The key that was sent is not the one of the setting %(setting)s.")
        % {"setting": setting},
        hint=_("Copy the value of %(setting)s from the server's .env.")
        % {"setting": setting},
    )


def count_wrong_key(name: str, *, remote: str) -> None:
    """Count a wrong key on its address. Raises RATE_LIMITED for too many of them."""
    limit = Limit("bad_keys", settings.LIMIT_BAD_SIGNATURES, _WINDOW_SECONDS)
    count_failure(limit, f"{counted_address(remote)}:{name}")


def require_admin_key(given: str, *, remote: str) -> None:
    """Let in who sends ADMIN_KEY. Raises NOT_FOUND where the setting is empty."""
    if not settings.ADMIN_KEY:
        raise RequestRefusedError(
            "NOT_FOUND",
            hint=_("Operators: set ADMIN_KEY to open the emergency endpoints."),
        )
    if not given:
        raise RequestRefusedError(
            "MISSING_AUTH_HEADERS",
            _("The header X-Admin-Key is missing."),
            hint=_("Send the value of the setting ADMIN_KEY as X-Admin-Key."),
            details={"missing": ["X-Admin-Key"]},
        )
    require_key(given, settings.ADMIN_KEY, setting="ADMIN_KEY", remote=remote)
