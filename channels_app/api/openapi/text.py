"""What the document says before its first operation: signing, answers, limits."""

DESCRIPTION = """\
Send notifications over Lark, Telegram, Slack, webhooks, e-mail and Apprise.

## Signing a request, version 1

| header | value |
| --- | --- |
| `X-Timestamp` | now, in milliseconds since 1970: 13 digits |
| `X-Signature` | lowercase hex of HMAC-SHA256(secret, message) |
| `X-Key-Id` | which API client signs; absent: the client `default`, whose secret is `API_SECRET_KEY` |

The message is the value of `X-Timestamp`, directly followed by the raw body (POST, PUT,
PATCH), or by the path with its query as on the request line (GET, HEAD, DELETE). The
timestamp may be five minutes off. A signature of a changing request is good once.

With the secret `test-secret-key-0123456789abcdef` and the timestamp `1736150400000`:

| request | signature |
| --- | --- |
| POST, body `{"user_id":"u1","channels":["webhook"]}` | `ad0dbf27be83d0d30bd6d1c843fab04125fdff8f06664b37b25125ef25e43638` |
| GET `/api/notification-logs?user_id=u1&limit=5` | `955165ed866cccafe459cd8f6785f22c62268596ad0c83aeb2b59a24bbc1cbbc` |
| POST, empty body | `40a81f137554eb5fe888b4e427664f6e9f48a120937f94c28ce829e35983c7a8` |

## Signing a request, version 2

Covers all of a request; a client can be set to take nothing else. `X-Signature-Version: 2`
and a new random `X-Nonce` come along. The message is six lines, joined by single line
feeds: `2`, the timestamp, the nonce, the method in upper case, the path with its query,
and the SHA-256 of the body in lowercase hex (of nothing, when there is no body).

With the secret and timestamp from above and the nonce `b3f1c2d4e5f60718293a4b5c6d7e8f90`:

| request | signature |
| --- | --- |
| POST `/api/notifications/send`, body `{"user_id":"u1","channels":["webhook"]}` | `616e333916c18392eb91441a96362c23fa396e4c729e6a033447ca776d1d3f15` |

## Answers

`{"success": true, …}`, or `{"success": false, "error", "code", "hint", "request_id",
"details"?}` with the statuses and codes that each operation lists. An address that does
not exist answers 404 `NOT_FOUND`, a method that an address does not take 405
`METHOD_NOT_ALLOWED` with the header `Allow`; both in the same envelope. Every answer has
`X-Request-Id`. `RateLimit` and `RateLimit-Policy` say what is left of the limit that
counts, `Retry-After` when to come back. A slash at the end of a path may be left out or
added. New fields may come; ignore those that you do not know.
"""
