"""Keeps secrets that somebody pasted along out of what is shown."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from channels_app.services.steps import Step


class Hiding:
    """Puts stars where a pasted text has a secret in it; nothing moves by that."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._spellings = tuple({*secrets, *map(quote, secrets)})

    def data(self, text: bytes) -> bytes:
        for secret in self._spellings:
            text = text.replace(secret.encode(), b"*" * len(secret.encode()))
        return text

    def text(self, text: str) -> str:
        for secret in self._spellings:
            text = text.replace(secret, "*" * len(secret))
        return text

    def step(self, found: Step) -> Step:
        remedy = tuple(self.text(line) for line in found.remedy)
        return replace(found, evidence=self.text(found.evidence), remedy=remedy)
