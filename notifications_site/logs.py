"""How log lines are written: a context of ids, and JSON for machines."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

LOG_CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


class ContextFilter(logging.Filter):
    """Puts the ids of the current request or delivery on the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = LOG_CONTEXT.get() or {}
        record.context_ids = context
        record.context = "".join(f" {name}={value}" for name, value in context.items())
        return True


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
        return json.dumps(line, ensure_ascii=False, default=str)
