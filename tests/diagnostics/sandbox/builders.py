"""Short ways to make a request for a provider's rules."""

import json
from collections.abc import Mapping

from diagnostics.sandbox.exchange import Reply, Request

NOW = 1_760_000_000.0


def post(
    path: str,
    content: object,
    *,
    headers: Mapping[str, str] | None = None,
    now: float = NOW,
    method: str = "POST",
) -> Request:
    """Make a request; content that is not bytes is sent as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    given = {"content-type": "application/json", **(headers or {})}
    return Request(method, path, "", given, body, now, serial=7)


def answer_of(reply: Reply) -> dict[str, object]:
    """Return the JSON of an answer."""
    content = json.loads(reply.body)
    assert isinstance(content, dict)
    return content
