"""Signatures of changing requests are good once, over all web processes."""

from __future__ import annotations

import hashlib
from itertools import count

from django.db import connection

from channels_app.delivery.once import SignatureUse, spend_sql
from channels_app.models import UsedSignature
from channels_app.models.sql import now, one_writer
from channels_app.services.refusals import RequestRefusedError

# A stamp may be five minutes ahead and is good until five minutes after that.
KEPT_SECONDS = 11 * 60
_PRUNE_EVERY = 200
_PRUNE_ROWS = 1000

_PRUNE = """
    DELETE FROM used_signatures WHERE digest IN
        (SELECT digest FROM used_signatures WHERE expires_at < PRESENT
         ORDER BY expires_at LIMIT %s)"""

_inserted = count(1)


def signature_use(*, key_id: str, signature: str, timestamp: str) -> SignatureUse:
    """Return what is remembered of a signature once it is spent.

    It covers neither method nor path, so they must not make it good once more.
    """
    text = "\n".join((key_id, signature, timestamp))
    return SignatureUse(hashlib.sha256(text.encode()).hexdigest(), KEPT_SECONDS)


def nonce_use(*, key_id: str, nonce: str) -> SignatureUse:
    """Return what is remembered of a nonce once it is spent.

    It stands in the signed message, so nobody else can spend a client's nonces.
    """
    text = "\n".join((key_id, "nonce", nonce))
    return SignatureUse(hashlib.sha256(text.encode()).hexdigest(), KEPT_SECONDS)


def use_signature(use: SignatureUse) -> None:
    """Spend a signature. Raises RequestRefusedError(REPLAYED_REQUEST) when spent."""
    with one_writer(), connection.cursor() as cursor:
        cursor.execute(spend_sql(), [use.digest, use.seconds])
        is_new = cursor.rowcount == 1
    if not is_new:
        raise RequestRefusedError("REPLAYED_REQUEST")
    note_spent()


def is_used(use: SignatureUse) -> bool:
    """Tell whether a signature is spent, and spend nothing."""
    return UsedSignature.objects.filter(digest=use.digest).exists()


def note_spent() -> None:
    """Count a spent signature; now and then forget those that have expired."""
    if next(_inserted) % _PRUNE_EVERY == 0:
        forget_expired_signatures()


def forget_expired_signatures() -> int:
    """Delete a batch of signatures that would be refused by their age anyway."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE.replace("PRESENT", now()), [_PRUNE_ROWS])
        return int(cursor.rowcount)
