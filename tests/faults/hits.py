"""The receiver's ledger: which messages it took, and how often."""

import json
from collections import Counter

from tests.channels_app.delivery.receivers import Receiver


def message_id_in(request: bytes) -> str:
    """Return the id of the message that a webhook's request bears."""
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    return str(body["metadata"]["message_id"])


def hits_of(there: Receiver) -> Counter[str]:
    """Return how often each message came to a receiver."""
    return Counter(map(message_id_in, there.requests))
