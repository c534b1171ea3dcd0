"""Signatures of changing requests are good once, over all web processes."""

from __future__ import annotations

import hashlib
from itertools import count

from django.db import connection

from channels_app.models.sql import now, now_plus
from channels_app.services.refusals import RequestRefusedError

# A stamp may be five minutes ahead and is good until five minutes after that.
KEPT_SECONDS = 11 * 60
_PRUNE_EVERY = 200
_PRUNE_ROWS = 1000

_SPEND = """
    INSERT INTO used_signatures (digest, expires_at) VALUES (%s, EXPIRY)
    ON CONFLICT (digest) DO NOTHING"""
_PRUNE = """
    DELETE FROM used_signatures WHERE digest IN
        (SELECT digest FROM used_signatures WHERE expires_at < PRESENT
         ORDER BY expires_at LIMIT %s)"""

_inserted = count(1)


def use_signature(*, key_id: str, signature: str, timestamp: str, method: str) -> None:
    """Spend a signature. Raises RequestRefusedError(REPLAYED_REQUEST) when spent."""
    text = "\n".join((key_id, signature, timestamp, method))
    digest = hashlib.sha256(text.encode()).hexdigest()
    with connection.cursor() as cursor:
        statement = _SPEND.replace("EXPIRY", now_plus("%s"))
        cursor.execute(statement, [digest, KEPT_SECONDS])
        is_new = cursor.rowcount == 1
    if not is_new:
        raise RequestRefusedError("REPLAYED_REQUEST")
    if next(_inserted) % _PRUNE_EVERY == 0:
        forget_expired_signatures()


def forget_expired_signatures() -> int:
    """Delete a batch of signatures that would be refused by their age anyway."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE.replace("PRESENT", now()), [_PRUNE_ROWS])
        return int(cursor.rowcount)
