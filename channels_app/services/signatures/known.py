"""The well-known mistakes in signing: of each a name for programs, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

WHAT_VERSION_2_SIGNS = _(
    "Sign version, timestamp, nonce, method, path with query and the SHA-256 of the "
    "body in lowercase hex, one per line, with HMAC-SHA256; send lowercase hex."
)


@dataclass(frozen=True)
class Mistake:
    """One way to sign wrongly, and what to tell who signs so."""

    name: str
    hint: StrOrPromise


SECONDS = Mistake(
    "seconds-signed",
    _(
        "The signed message begins with the time in seconds, the header has milliseconds: "
        "sign the very characters of X-Timestamp."
    ),
)
SEPARATOR = Mistake(
    "separator",
    _(
        "There is a separator between timestamp and payload: sign the timestamp directly "
        "followed by the raw body, with no dot, colon or newline between."
    ),
)
ORDER = Mistake(
    "order", _("The payload comes before the timestamp: sign the timestamp first.")
)
NO_TIMESTAMP = Mistake(
    "no-timestamp",
    _("The timestamp is not signed: sign it, directly before the payload."),
)
UPPER_CASE = Mistake(
    "upper-case", _("The signature is in upper-case hex: send lowercase hex.")
)
BASE64 = Mistake(
    "base64", _("The signature is in base64: send lowercase hex, 64 characters.")
)
DECORATED = Mistake(
    "decorated",
    _("The signature has a prefix or quotes: send the 64 hex digits alone."),
)
NEWLINE = Mistake(
    "newline",
    _(
        "The body was signed without (or with) a trailing newline: sign the raw body "
        "bytes exactly as they are sent."
    ),
)
RESERIALISED = Mistake(
    "body-rewritten",
    _(
        "The body was re-serialised after signing (other key order, spacing or escaping): "
        "make the JSON text once, sign these raw bytes and send the same."
    ),
)
BODY_FOR_PATH = Mistake(
    "body-for-path",
    _(
        "A body was signed for a GET, HEAD or DELETE: sign the path with its query there."
    ),
)
PATH_FOR_BODY = Mistake(
    "path-for-body",
    _("The path was signed for a POST, PUT or PATCH: sign the raw body there."),
)
NO_QUERY = Mistake(
    "no-query", _("The path was signed without its query: sign path?query as sent.")
)
NO_PATH = Mistake(
    "no-path", _("The query was signed without its path: sign path?query as sent.")
)
FULL_URL = Mistake(
    "full-address",
    _("The whole address was signed: sign the path with its query only."),
)
SLASH = Mistake(
    "slash", _("The path was signed with another trailing slash than was sent.")
)
DECODED = Mistake(
    "decoded",
    _(
        "The path or query was signed decoded or encoded differently than sent: sign it "
        "exactly as on the request line."
    ),
)
SPACE_IN_SECRET = Mistake(
    "space-in-secret",
    _(
        "The secret has white space, a newline or quotes around it: strip them before "
        "signing."
    ),
)
DECODED_SECRET = Mistake(
    "decoded-secret",
    _(
        "The secret was decoded from hex or base64 before signing: use its characters "
        "(UTF-8) as the key."
    ),
)
OTHER_CLIENT = Mistake(
    "other-client",
    _(
        "The request is signed with the secret of another API client: send the X-Key-Id "
        "that belongs to the secret."
    ),
)
VERSION_MISSING = Mistake(
    "version-missing",
    _("The request is signed as version 2 wants it: send X-Signature-Version: 2."),
)
VERSION_1_SIGNED = Mistake(
    "version-1-signed",
    _(
        "The request is signed as version 1 wants it: leave X-Signature-Version out, or sign "
        "the version, timestamp, nonce, method, path with query and SHA-256 of the body, "
        "one per line."
    ),
)
LINE_ENDS = Mistake(
    "line-ends",
    _(
        "The lines of the signed message are joined differently: put one line feed (\\n) "
        "between them, and none after the last."
    ),
)
LINE_ORDER = Mistake(
    "line-order",
    _(
        "The lines of the signed message have another order: version, timestamp, nonce, "
        "method, path with query, SHA-256 of the body."
    ),
)
LINE_MISSING = Mistake(
    "line-missing",
    _(
        "A line of the signed message is missing: version, timestamp, nonce, method, path "
        "with query and SHA-256 of the body are six lines."
    ),
)
SECONDS_SIGNED = Mistake(
    "seconds-signed",
    _(
        "The signed message has the time in seconds, the header has milliseconds: sign the "
        "very characters of X-Timestamp."
    ),
)
METHOD_CASE = Mistake(
    "method-case", _("The method is signed in lower case: sign it in upper case.")
)
RAW_BODY = Mistake(
    "raw-body",
    _("The body itself is signed: sign the lowercase hex of its SHA-256 in its place."),
)
DIGEST_FORM = Mistake(
    "digest-form",
    _(
        "The SHA-256 of the body is signed in base64 or upper-case hex: sign lowercase hex."
    ),
)
BODY_LEFT_OUT = Mistake(
    "body-left-out",
    _(
        "The body is left out of the signed message: version 2 signs the SHA-256 of every "
        "body, also that of a DELETE, and that of nothing when there is none."
    ),
)
VERSION_WRITTEN = Mistake(
    "version-written",
    _(
        "The first line of the signed message is not the version as in X-Signature-Version: "
        "it is the digit 2 alone."
    ),
)
