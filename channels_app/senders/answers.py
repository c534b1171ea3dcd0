"""Read what a provider answered, whatever it is: waits, JSON, text and failures."""

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from channels_app.senders.contract import (
    Answer,
    Correction,
    FailureClass,
    KnownError,
    PermanentSendError,
    Receipt,
    RetryableSendError,
    SendError,
)
from channels_app.senders.redaction import redact

LONGEST_WAIT = 24 * 3600.0
# The longest window of the documented limits is a minute: 100 messages a minute at
# Lark, 20 in a Telegram group. Who names no wait is asked again after it.
UNNAMED_WAIT = 60.0
_QUOTED_CHARACTERS = 300
_SECONDS = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,9})?")


def is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def wait_seconds(value: object) -> float | None:
    """Return a wait a provider named, at most 24 hours; None if it makes no sense."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < math.inf:
        return None
    return float(min(value, LONGEST_WAIT))


def retry_after(answer: Answer) -> float | None:
    """Return the wait in `Retry-After`, seconds or date, counted from the answer."""
    value = answer.headers.get("retry-after", "").strip()[:64]
    if _SECONDS.fullmatch(value):
        return wait_seconds(float(value))
    return _wait_until(value, answer) if value else None


def _wait_until(value: str, answer: Answer) -> float | None:
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return wait_seconds((until - answer.received_at).total_seconds())


def json_object(answer: Answer) -> Mapping[str, object] | None:
    """Return the JSON object in the body, or None when there is none to read."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def quoted(answer: Answer) -> str:
    """Return the beginning of the body as one line of text, without markup."""
    text = answer.body[:4096].decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    return one_line(text)[:_QUOTED_CHARACTERS]


def one_line(text: str) -> str:
    """Return the text without control characters and runs of white space."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def refusal(
    errors: Mapping[str, KnownError],
    code: str,
    detail: str = "",
    *,
    wait: float | None = None,
    correction: Correction | None = None,
) -> SendError:
    """Return the error for a code of the table; its row decides which kind it is.

    A limit (a row that costs no try) waits a minute where the provider named no wait.
    """
    row, said = errors[code], redact(one_line(detail))
    if row.failure is not FailureClass.RETRYABLE:
        return PermanentSendError(code, said, correction)
    if wait is None and not row.costs_try:
        wait = UNNAMED_WAIT
    return RetryableSendError(code, said, retry_after=wait, correction=correction)


def http_refusal(
    errors: Mapping[str, KnownError], answer: Answer, detail: str = ""
) -> SendError:
    """Return the error for an answer of which only the HTTP status is understood."""
    said = f"HTTP {answer.status}: {detail or quoted(answer)}".rstrip(": ")
    return refusal(
        errors, _http_code(errors, answer.status), said, wait=retry_after(answer)
    )


def _http_code(errors: Mapping[str, KnownError], status: int) -> str:
    if 200 <= status < 300:
        return "answer_unreadable"
    known = (f"http_{status}", f"http_{status // 100}xx")
    return next((code for code in known if code in errors), "http_other")


def probe_receipt(
    read: Callable[[Answer], Receipt], answer: Answer, arrived: Collection[str]
) -> Receipt:
    """Return the receipt of an empty message: refused for what it lacks, it arrived."""
    try:
        return read(answer)
    except SendError as error:
        if error.code in arrived:
            return Receipt(detail=error.code)
        raise
