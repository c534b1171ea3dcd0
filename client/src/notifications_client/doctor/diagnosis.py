"""Puts a pasted request beside what should have been signed."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from notifications_client.doctor import sentences
from notifications_client.doctor.mistakes import Attempt, attempts_v1
from notifications_client.doctor.mistakes_v2 import attempts_v2
from notifications_client.doctor.pasted import Pasted
from notifications_client.signing import ToSign, message_v1, message_v2
from notifications_client.words import say

_HEX = re.compile(r"[0-9a-fA-F]{64}")
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{16,128}")
_DIGEST_BYTES = 32


@dataclass(frozen=True)
class Finding:
    """One mistake: a name for programs, a sentence for people."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Diagnosis:
    """What was found. `signed` is the message of the request, where it is known."""

    version: int
    findings: tuple[Finding, ...]
    expected: bytes
    signed: bytes | None

    @property
    def is_good(self) -> bool:
        return not self.findings

    @property
    def first_difference(self) -> int | None:
        """The place of the first byte that differs; None if nothing does."""
        if self.signed is None or self.signed == self.expected:
            return None
        pairs = zip(self.expected, self.signed)
        shared = min(len(self.expected), len(self.signed))
        return next((at for at, (a, b) in enumerate(pairs) if a != b), shared)


def diagnose(pasted: Pasted, secret: str) -> Diagnosis:
    """Say what is wrong with a request's signature, if anything is."""
    version = 2 if pasted.header("X-Signature-Version") == "2" else 1
    form = tuple(_faults_of_form(pasted))
    digest, presentation = _digest_of(pasted.header("X-Signature"))
    if presentation:
        form = (*form, _finding(presentation))
    case = _Case(pasted, secret, version)
    if digest is None:
        return Diagnosis(version, form, case.expected(pasted.bodies[0]), None)
    for body in pasted.bodies:
        if _fits(digest, secret.encode(), case.expected(body)):
            return Diagnosis(version, form, case.expected(body), case.expected(body))
    match = _first_match(digest, case.attempts(pasted.bodies[0]))
    finding = _finding(match.name if match else sentences.NO_MATCH)
    signed = match.message if match else None
    return Diagnosis(version, (*form, finding), case.expected(pasted.bodies[0]), signed)


@dataclass(frozen=True)
class _Case:
    """A pasted request with the ways in which it can have been signed."""

    pasted: Pasted
    secret: str
    version: int

    def expected(self, body: bytes) -> bytes:
        request, stamp, nonce = self._parts(body)
        if self.version == 1:
            return message_v1(request, stamp)
        return message_v2(request, stamp, nonce)

    def attempts(self, body: bytes) -> Iterator[Attempt]:
        request, stamp, nonce = self._parts(body)
        host = self.pasted.header("Host")
        if self.version == 2:
            yield from attempts_v2(request, (stamp, nonce), self.secret, host)
            return
        if nonce:
            message = message_v2(request, stamp, nonce)
            yield Attempt(sentences.VERSION_MISSING, self.secret.encode(), message)
        yield from attempts_v1(request, stamp, self.secret, host)

    def _parts(self, body: bytes) -> tuple[ToSign, str, str]:
        method = self.pasted.method.upper()
        request = ToSign(method, self.pasted.target, body)
        stamp = self.pasted.header("X-Timestamp")
        return request, stamp, self.pasted.header("X-Nonce")


def _faults_of_form(pasted: Pasted) -> Iterator[Finding]:
    """Give what can be seen without the secret."""
    version = pasted.header("X-Signature-Version")
    wanted = ["X-Timestamp", "X-Signature", *(["X-Nonce"] if version == "2" else [])]
    missing = [name for name in wanted if not pasted.header(name)]
    if missing:
        yield _finding(sentences.MISSING_HEADER, names=", ".join(missing))
    if version not in ("", "1", "2"):
        yield _finding(sentences.UNKNOWN_VERSION)
    stamp, nonce = pasted.header("X-Timestamp"), pasted.header("X-Nonce")
    if re.fullmatch(r"[0-9]{10}(\.[0-9]+)?", stamp):
        yield _finding(sentences.SECONDS_SENT)
    elif stamp and not re.fullmatch(r"[0-9]{13}", stamp):
        yield _finding(sentences.STRANGE_TIMESTAMP)
    if version == "2" and nonce and not _NONCE.fullmatch(nonce):
        yield _finding(sentences.STRANGE_NONCE)


def _digest_of(signature: str) -> tuple[bytes | None, str]:
    """Read a signature however it is written; name the way, if it is a wrong one."""
    if not signature:
        return None, ""
    bare = re.sub(r"^(sha256|v1|v2)[=,:]", "", signature.strip("\"' "))
    if _HEX.fullmatch(bare):
        if bare != bare.lower():
            return bytes.fromhex(bare), sentences.UPPER_CASE
        return bytes.fromhex(bare), sentences.DECORATED if bare != signature else ""
    try:
        padded = bare.replace("-", "+").replace("_", "/").rstrip("=") + "="
        raw = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None, sentences.STRANGE_SIGNATURE
    if len(raw) != _DIGEST_BYTES:
        return None, sentences.STRANGE_SIGNATURE
    return raw, sentences.BASE64


def _first_match(digest: bytes, attempts: Iterator[Attempt]) -> Attempt | None:
    return next(
        (item for item in attempts if _fits(digest, item.key, item.message)), None
    )


def _fits(digest: bytes, key: bytes, message: bytes) -> bool:
    return hmac.compare_digest(digest, hmac.new(key, message, "sha256").digest())


def _finding(name: str, **names: object) -> Finding:
    return Finding(name, say(sentences.SENTENCES[name], **names))
