"""A caller of our own API, over HTTP, as any other program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from channels_app.services.signatures.headers import signed_headers

TIMEOUT_SECONDS = 20.0


class CallFailedError(Exception):
    """The API refused the request, or nothing answered."""


@dataclass(frozen=True)
class SignedCalls:
    """Signs requests with a client's secret and returns the answers' JSON."""

    url: str
    secret: str = field(repr=False)

    def post(self, path: str, data: Mapping[str, object]) -> dict[str, Any]:
        return self._call("POST", path, json.dumps(data).encode())

    def get(self, path: str) -> dict[str, Any]:
        return self._call("GET", path, b"")

    def _call(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        try:
            answer = requests.request(
                method,
                f"{self.url}{path}",
                data=body or None,
                headers=self._headers(method, path, body),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise CallFailedError(f"{self.url} does not answer: {error}") from error
        return _read(answer.status_code, answer.content)

    def _headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        kind = {"Content-Type": "application/json"} if body else {}
        return {**signed_headers(self.secret, method, path, body), **kind}


def _read(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise CallFailedError(f"status {status}, and no JSON") from error
    if not isinstance(answer, dict):
        raise CallFailedError(f"status {status}, and no object")
    if not answer.get("success"):
        wrong, hint = answer.get("error", ""), answer.get("hint", "")
        raise CallFailedError(f"status {status}: {wrong} {hint}".rstrip())
    return answer
