"""What figures, severities and people are called where a person reads them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from diagnostics.checks.contract import Severity, Who

SEVERITIES: dict[Severity, StrOrPromise] = {
    Severity.CRITICAL: _("critical"),
    Severity.WARNING: _("warning"),
    Severity.INFO: _("note"),
}
PEOPLE: dict[Who, StrOrPromise] = {
    Who.OPERATOR: _("whoever runs this installation"),
    Who.OWNER: _("the owner of the channel"),
    Who.AUTHOR: _("the author of the template"),
    Who.CALLER: _("whoever programs against the API"),
    Who.NOBODY: _("nobody"),
}

WORDS: dict[str, StrOrPromise] = {
    "templates": _("active templates"),
    "broken": _("that do not validate"),
    "secrets": _("stored secrets"),
    "latency": _("simplest question"),
    "vendor": _("kind"),
    "version": _("version"),
    "indexes": _("named indexes"),
    "scans": _("queries that read a whole table"),
    "size": _("size"),
    "size.notification_logs": _("size of the log"),
    "size.delivery_attempts": _("size of the attempts"),
    "size.idempotency_keys": _("size of the idempotency keys"),
    "wal": _("write-ahead log"),
    "long_transactions": _("long transactions"),
    "connections": _("connections"),
    "pool_used": _("connections of this process in use"),
    "accepted": _("accepted deliveries"),
    "sent": _("sent"),
    "failed": _("failed"),
    "waiting": _("waiting"),
    "success": _("success"),
    "p50": _("half of the sends within"),
    "p95": _("95 of 100 within"),
    "p99": _("99 of 100 within"),
    "breakers_open": _("open breakers"),
    "configs_off": _("configs switched off"),
    "workers": _("alive"),
    "pending": _("waiting"),
    "retrying": _("waiting to retry"),
    "sending": _("being sent"),
    "oldest_due": _("oldest one due"),
    "leases_expired": _("expired leases"),
    "held": _("held for a person"),
    "accepted_last_minute": _("accepted in the last minute"),
    "sent_last_minute": _("sent in the last minute"),
    "template_cache": _("templates found compiled"),
    "config_cache": _("channel configs found in memory"),
    "round_trip": _("written and read"),
    "shared": _("shared by all processes"),
    "free": _("free"),
    "growth": _("the database grows"),
    "less_free": _("what is free becomes less"),
    "skew": _("away from the database"),
    "load": _("load"),
    "cores": _("cores"),
    "available": _("available"),
    "cluster": _("task cluster"),
    "web": _("web"),
    "worker": _("worker"),
    "up": "up",
    "sandbox": _("sandbox"),
    "scheduled": _("scheduled work"),
    "time zone": _("time zone"),
    "instance": _("instance"),
    "newest": _("newest one made"),
    "python": "Python",
    "django": "Django",
    "data": _("folder"),
    "answer": _("answers within"),
    "status": _("status"),
    "made": _("made"),
    "totalSent": _("sent today"),
    "totalFailed": _("failed today"),
    "totalRetries": _("retries today"),
    "successRate": _("success rate"),
    "workers_alive": _("workers alive"),
    "in_flight": _("being sent"),
    "dead_letters": _("failed or held"),
}


def word_of(name: str) -> str:
    """Return a figure's name for people: `webhook.p95` is a word and whose it is."""
    whose, dot, what = name.partition(".")
    if name in WORDS:
        return str(WORDS[name])
    if dot and what in WORDS:
        return f"{whose}: {WORDS[what]}"
    return name
