"""The last notifications that were made from a template, for its rehearsals."""

from __future__ import annotations

import json

from channels_app.models import NotificationLog
from templates_app.services.rehearsals import PastUse

# A notification is a row for each of its channels.
ROWS_EACH = 6


def recent_uses(key: str, limit: int) -> list[PastUse]:
    """Return the newest notifications of a template, one for all their channels."""
    rows = NotificationLog.objects.filter(template_key=key, is_test=False)
    found: dict[tuple[str, str, str], PastUse] = {}
    fields = ("request_id", "message_id", "user_id", "created_at", "variables")
    newest = rows.order_by("-id").values_list(*fields)[: limit * ROWS_EACH]
    for request_id, message_id, user_id, created_at, variables in newest:
        use = PastUse(message_id, user_id, created_at, variables)
        # A batch has one request id; the channels of a notification, one set of values.
        values = json.dumps(variables, sort_keys=True)
        found.setdefault((request_id, user_id, values), use)
    return list(found.values())[:limit]
