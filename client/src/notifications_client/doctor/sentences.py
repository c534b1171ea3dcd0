"""What the doctor says about each mistake: what was done, and what to do instead."""

from __future__ import annotations

from notifications_client.doctor import mistakes, mistakes_v2

MISSING_HEADER = "missing-header"
SECONDS_SENT = "seconds-sent"
STRANGE_TIMESTAMP = "strange-timestamp"
STRANGE_NONCE = "strange-nonce"
UPPER_CASE = "upper-case"
BASE64 = "base64"
DECORATED = "decorated"
STRANGE_SIGNATURE = "strange-signature"
VERSION_MISSING = "version-missing"
UNKNOWN_VERSION = "unknown-version"
NO_MATCH = "no-match"

SENTENCES = {
    MISSING_HEADER: "A header is missing: send {names}.",
    SECONDS_SENT: "X-Timestamp is in seconds: send milliseconds, 13 digits.",
    STRANGE_TIMESTAMP: "X-Timestamp is no time in milliseconds: send the milliseconds "
    "since 1970 as 13 digits.",
    STRANGE_NONCE: "X-Nonce must have 16 to 128 of A-Z a-z 0-9 . _ ~ + / = -: a UUID, "
    "for example.",
    UPPER_CASE: "The signature is in upper-case hex: send lowercase hex.",
    BASE64: "The signature is in base64: send lowercase hex, 64 characters.",
    DECORATED: "The signature has a prefix or quotes: send the 64 hex digits alone.",
    STRANGE_SIGNATURE: "X-Signature is no HMAC-SHA256: send its 64 hex digits.",
    VERSION_MISSING: "The request is signed as version 2 wants it: send "
    "X-Signature-Version: 2.",
    UNKNOWN_VERSION: "X-Signature-Version must be 2, or left out for version 1.",
    NO_MATCH: "The signature fits neither the request nor a known mistake: most likely "
    "it was made with another secret, or the request was changed on the way. Compare "
    "the message your program signs with the one shown here, byte for byte.",
    mistakes.SECONDS_SIGNED: "The signed message has the time in seconds, the header has "
    "milliseconds: sign the very characters of X-Timestamp.",
    mistakes.SEPARATOR: "There is a separator between timestamp and payload: sign the "
    "timestamp directly followed by the payload.",
    mistakes.ORDER: "The payload comes before the timestamp: sign the timestamp first.",
    mistakes.NO_TIMESTAMP: "The timestamp is not signed: sign it, directly before the "
    "payload.",
    mistakes.NEWLINE: "The body was signed without (or with) a line end at its end: sign "
    "the very bytes that are sent.",
    mistakes.RESERIALISED: "The body was written anew after signing (other order of "
    "keys, spacing or escaping): make the JSON text once, sign it and send the same.",
    mistakes.BODY_FOR_PATH: "A body was signed for a GET, HEAD or DELETE: sign the path "
    "with its query there.",
    mistakes.PATH_FOR_BODY: "The path was signed for a POST, PUT or PATCH: sign the raw "
    "body there.",
    mistakes.NO_QUERY: "The path was signed without its query: sign path?query as sent.",
    mistakes.NO_PATH: "The query was signed without its path: sign path?query as sent.",
    mistakes.FULL_ADDRESS: "The whole address was signed: sign the path with its query "
    "only.",
    mistakes.SLASH: "The path was signed with another slash at its end than was sent.",
    mistakes.DECODED: "The path or query was signed decoded, encoded or ordered "
    "differently: sign it exactly as on the request line.",
    mistakes.SPACE_IN_SECRET: "The secret was used with white space or quotes around it: "
    "strip them before signing.",
    mistakes.DECODED_SECRET: "The secret was decoded from hex or base64: use its "
    "characters (UTF-8) as the key.",
    mistakes_v2.VERSION_1_SIGNED: "The request is signed as version 1 wants it: leave "
    "X-Signature-Version out, or sign the six lines of version 2.",
    mistakes_v2.LINE_ENDS: "The lines of the message are joined differently: put one "
    "line feed between them, and none after the last.",
    mistakes_v2.LINE_ORDER: "The lines of the message have another order: version, "
    "timestamp, nonce, method, path with query, SHA-256 of the body.",
    mistakes_v2.LINE_MISSING: "A line of the message is missing: version, timestamp, "
    "nonce, method, path with query and SHA-256 of the body are six lines.",
    mistakes_v2.METHOD_CASE: "The method is signed in lower case: sign it in upper case.",
    mistakes_v2.RAW_BODY: "The body itself is signed: sign the lowercase hex of its "
    "SHA-256 in its place.",
    mistakes_v2.DIGEST_FORM: "The SHA-256 of the body is signed in base64 or upper-case "
    "hex: sign lowercase hex.",
    mistakes_v2.BODY_LEFT_OUT: "The body is left out: version 2 signs the SHA-256 of "
    "every body, and that of nothing where there is none.",
    mistakes_v2.VERSION_WRITTEN: "The first line of the message must be the digit 2 "
    "alone.",
}
