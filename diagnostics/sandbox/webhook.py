"""A generic webhook that checks Standard Webhooks signatures where it is asked to."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from diagnostics.sandbox.drawing import Block, Note, Run, Seen, json_runs
from diagnostics.sandbox.exchange import Arrived, Reply, Request, json_reply

SIGNED_WITH = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0wMDAx"
TOLERANCE_SECONDS = 300
SIGNED_SUFFIX = "-signed"
GONE = "gone"

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Compute the `v1` signature of the Standard Webhooks specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def check_signature(headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Return what is wrong with the signature, or nothing."""
    missing = [name for name in _HEADERS if not headers.get(name)]
    if missing:
        return f"missing header {missing[0]}"
    message_id, timestamp, signatures = (headers[name] for name in _HEADERS)
    if not (timestamp.isascii() and timestamp.isdigit()):
        return "webhook-timestamp is not in Unix seconds"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return "webhook-timestamp is more than five minutes away"
    expected = sign(SIGNED_WITH, message_id, timestamp, body).encode()
    given = [signature.encode() for signature in signatures.split(" ")]
    matches = [hmac.compare_digest(expected, signature) for signature in given]
    return "" if any(matches) else "no matching signature"


def receive(request: Request) -> Reply:
    """Take anything under any method, and say whether it is JSON."""
    name = request.path.partition("/")[0]
    is_json, text = _pretty(request.body)
    fault = _signature_fault(name, request)
    seen = _seen(name, request, fault, text, is_json)
    if name == GONE:
        return _refuse(410, "gone", "This endpoint is gone.", seen)
    if name.endswith(SIGNED_SUFFIX) and fault:
        return _refuse(401, "invalid_signature", fault, seen)
    content = {"ok": True, "received": len(request.body), "valid_json": is_json}
    return json_reply(200, content, Arrived(True, "ok", "", seen))


def rate_limited(seconds: int) -> Reply:
    """Answer as a receiver that is being called too often."""
    arrived = Arrived(False, "rate_limited", "Too many requests.")
    content = {"ok": False, "error": "rate_limited"}
    return json_reply(429, content, arrived, (("Retry-After", str(seconds)),))


def refused() -> Reply:
    """Answer as a receiver that does not want this content."""
    return _refuse(422, "unprocessable", "The content was refused.", Seen())


def failed() -> Reply:
    """Answer as a receiver with trouble of its own."""
    return _refuse(500, "internal_error", "Internal server error.", Seen())


def _refuse(status: int, code: str, reason: str, seen: Seen) -> Reply:
    arrived = Arrived(False, code, reason, seen)
    return json_reply(status, {"ok": False, "error": code, "detail": reason}, arrived)


def _signature_fault(name: str, request: Request) -> str:
    if name.endswith(SIGNED_SUFFIX):
        return check_signature(request.headers, request.body, request.now)
    return ""


def _pretty(body: bytes) -> tuple[bool, str]:
    text = body.decode("utf-8", "replace")
    try:
        return True, json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return False, text


def _seen(name: str, request: Request, fault: str, text: str, is_json: bool) -> Seen:
    runs = json_runs(text) if is_json else (Run(text),)
    blocks = (Block("code", runs),) if text else ()
    notes = (
        Note("method", request.method),
        Note("json", "valid" if is_json else "invalid"),
        Note("signature", _verdict(name, request, fault)),
    )
    return Seen("", text, "", blocks, notes)


def _verdict(name: str, request: Request, fault: str) -> str:
    if name.endswith(SIGNED_SUFFIX):
        return "invalid" if fault else "valid"
    return "unchecked" if request.headers.get("webhook-signature") else "none"
