"""How log lines are written: a context of ids, and JSON for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from channels_app.log_context import context_ids


class ContextFilter(logging.Filter):
    """Puts the ids of the current request or delivery on the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        ids = context_ids()
        record.context_ids = ids
        record.context = "".join(f" {name}={value}" for name, value in ids.items())
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
