"""The secrets of this process's settings, kept out of what people read."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

HIDDEN = "****"
# Shorter ones are words that stand in many a line by chance.
SHORTEST_SECRET = 8
SECRET_SETTINGS = (
    "ADMIN_KEY",
    "API_SECRET_KEY",
    "BACKUP_PASSPHRASE",
    "BASIC_AUTH_PASSWORD",
    "EMAIL_HOST_PASSWORD",
    "ENCRYPT_KEY",
    "METRICS_TOKEN",
    "SECRET_KEY",
)


def without_settings_secrets(text: str) -> str:
    """Return a text in which no secret of this process's settings stands."""
    for secret in settings_secrets():
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


@cache
def settings_secrets() -> tuple[str, ...]:
    """Return the values that nobody may read in a text, the longest first."""
    values = [str(getattr(settings, name)) for name in SECRET_SETTINGS]
    values += settings.ENCRYPT_KEYS_OLD
    values.append(urlsplit(settings.REDIS_URL).password or "")
    values += [str(each.get("PASSWORD") or "") for each in settings.DATABASES.values()]
    hidden = {value for value in values if len(value) >= SHORTEST_SECRET}
    return tuple(sorted(hidden, key=len, reverse=True))
