"""The six steps over HTTP: how an installation looks from another machine.

It signs with `API_SECRET_KEY` of this machine's environment, and sends `ADMIN_KEY` if
there is one: what those may not see is said to be refused, not guessed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.services.signatures.headers import signed_headers
from diagnostics.checks.contract import Check, Fact, Figure, Finding, Said, Seen, Step
from diagnostics.checks.outside import REFUSED, SLOW, UNHEALTHY, UNREACHABLE
from diagnostics.services.diagnosis import Diagnosis, diagnosis_of
from diagnostics.services.report_rows import finding_of

TIMEOUT_SECONDS = 10.0
SLOW_MS = 2000.0


class CannotAskError(ValueError):
    """The address is none that could be asked."""


class NotToldError(Exception):
    """An answer did not come, or was a refusal; `finding` says which."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.id)
        self.finding = finding


@dataclass(frozen=True)
class Reply:
    """An answer: its JSON object, empty where it was none."""

    status: int
    ms: float
    body: Mapping[str, Any]


def diagnosis_from_outside(url: str) -> Diagnosis:
    """Ask an installation over HTTP. Raises CannotAskError for an odd address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CannotAskError(_("Give an address such as https://notify.example.com."))
    outside = Outside(url.rstrip("/"))
    return diagnosis_of([_seen(check) for check in outside.checks()])


def _seen(check: Check) -> Seen:
    begun = time.perf_counter()
    said: list[Said] = []
    try:
        said.extend(check.look())
    except NotToldError as error:
        said.append(error.finding)
    return Seen(check, tuple(said), round((time.perf_counter() - begun) * 1000, 1))


class Outside:
    """One installation, asked from here."""

    def __init__(self, base: str) -> None:
        self._base = base

    def checks(self) -> tuple[Check, ...]:
        """Return what is looked at, a check for each of the six steps."""
        return (
            Check("api", Step.API, gettext_lazy("Health"), self._health),
            Check("figures", Step.DATABASE, gettext_lazy("Figures"), self._figures),
            Check("errors", Step.ERRORS, gettext_lazy("Last failures"), self._errors),
            Check("queue", Step.QUEUE, gettext_lazy("Queue"), self._queue),
            Check("speed", Step.PERFORMANCE, gettext_lazy("Speed"), self._speed),
            Check("report", Step.RESOURCES, gettext_lazy("Last report"), self._report),
        )

    def _health(self) -> Iterator[Said]:
        reply = self._ask("/health")
        yield Figure("answer", round(reply.ms, 1), "ms")
        yield Fact("status", str(reply.body.get("status", reply.status)))
        yield Fact("version", str(reply.body.get("version", "?")))
        if reply.ms > SLOW_MS:
            url, took = f"{self._base}/health", round(reply.ms)
            yield SLOW.found(url=url, ms=took, limit_ms=f"{SLOW_MS:g}")
        for reason in self._ask("/readyz").body.get("reasons", []):
            yield UNHEALTHY.found(str(reason), reason=str(reason))

    def _figures(self) -> Iterator[Said]:
        metrics = self._told("/api/metrics?days=1")
        for name in ("totalSent", "totalFailed", "totalRetries", "successRate"):
            yield from _figure(name, metrics.get(name))

    def _errors(self) -> Iterator[Said]:
        answer = self._told("/api/notification-logs?status=failed&limit=10")
        for log in answer.get("data", {}).get("logs", []):
            yield Fact(str(log.get("channel_type")), str(log.get("error"))[:100])

    def _queue(self) -> Iterator[Said]:
        data = self._told("/api/queue/status").get("data", {})
        for name in ("workers_alive", "in_flight", "dead_letters"):
            yield from _figure(name, data.get(name))
        yield from _figure("oldest_due", data.get("oldest_due_seconds"), "s")

    def _speed(self) -> Iterator[Said]:
        speed = self._told("/api/metrics?days=1").get("performance", {})
        for name in ("p50", "p95", "p99"):
            yield from _figure(name, speed.get(name), "ms")

    def _report(self) -> Iterator[Said]:
        report = self._told("/health?detailed=true").get("report") or {}
        yield Fact("made", str(report.get("made_at") or _("none yet")))
        for row in report.get("findings", []):
            yield finding_of(row)

    def _told(self, path: str) -> Mapping[str, Any]:
        """Return the body of an answer; one that refuses is a finding."""
        reply = self._ask(path)
        if reply.status in {200, 503} and "code" not in reply.body:
            return reply.body
        found = REFUSED.found(
            path,
            path=path,
            base=self._base,
            status=reply.status,
            code=str(reply.body.get("code", "?")),
            error=str(reply.body.get("error", "")),
            hint=str(reply.body.get("hint") or _("Look at that address with curl.")),
        )
        raise NotToldError(found)

    def _ask(self, path: str) -> Reply:
        url = f"{self._base}{path}"
        begun = time.perf_counter()
        try:
            answer = requests.get(
                url,
                headers=_headers(path),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # The whole text of the error may hold the address with its password.
            what = type(error).__name__
            raise NotToldError(UNREACHABLE.found(url=url, error=what)) from error
        took = (time.perf_counter() - begun) * 1000
        return Reply(answer.status_code, took, _object(answer))


def _figure(name: str, value: object, unit: str = "") -> Iterator[Said]:
    if isinstance(value, int | float):
        yield Figure(name, value, unit)


def _object(answer: requests.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _headers(path: str) -> dict[str, str]:
    key = {"X-Admin-Key": settings.ADMIN_KEY} if settings.ADMIN_KEY else {}
    return {**signed_headers(settings.API_SECRET_KEY, "GET", path), **key}
