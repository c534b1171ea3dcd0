"""How log lines are written: a context of ids, no secrets, and JSON for machines."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from channels_app.log_context import context_ids
from channels_app.secret_settings import without_settings_secrets

_TOKEN = re.compile(r"(?i)([?&](?:token|access_token)=)[^&\s\"'#]+")


class ContextFilter(logging.Filter):
    """Puts the ids of the current request or delivery on the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        ids = context_ids()
        record.context_ids = ids
        record.context = "".join(f" {name}={value}" for name, value in ids.items())
        return True


class TokenFilter(logging.Filter):
    """Takes the tokens out of the addresses that a line names."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "token=" in said.lower():
            record.msg, record.args = without_tokens(said), ()
        return True


def without_tokens(text: str) -> str:
    """Return a text in which no address shows the token in its query."""
    return _TOKEN.sub(r"\1****", text)


def hide_tokens(*loggers: str) -> None:
    """Take the tokens out of what loggers write that are not Django's."""
    for name in loggers:
        logging.getLogger(name).addFilter(TokenFilter())


class DiscreetFormatter(logging.Formatter):
    """Hides the secrets of the settings, in what libraries say of an error as well."""

    def format(self, record: logging.LogRecord) -> str:
        return without_settings_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "context_ids", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # Before it is written as JSON, which spells some characters in another way.
        told = {
            name: without_settings_secrets(str(value)) for name, value in line.items()
        }
        return json.dumps(told, ensure_ascii=False)


def logging_settings(level: str, form: str) -> dict[str, object]:
    """Return Django's LOGGING: everything to the standard error, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "context": {"()": "notifications_site.logs.ContextFilter"},
            "tokens": {"()": "notifications_site.logs.TokenFilter"},
        },
        "formatters": {
            "console": {
                "()": "notifications_site.logs.DiscreetFormatter",
                "format": "{asctime} {levelname:<7} {name} {message}{context}",
                "style": "{",
            },
            "json": {"()": "notifications_site.logs.JsonFormatter"},
        },
        "handlers": {
            "stream": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["context", "tokens"],
            }
        },
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stream"], "propagate": False},
            # Refusals of the API are answers, not faults; errors still show.
            "django.request": {"level": "ERROR"},
            # Below a warning django-q2 names every wake-up, which tells nobody anything.
            "django-q": {"level": "WARNING"},
        },
    }
