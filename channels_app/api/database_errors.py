"""What a failing database means to a caller: full, read-only, or not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.services.refusals import RequestRefusedError


@dataclass(frozen=True)
class Cause:
    """One cause, by what PostgreSQL (SQLSTATE) and SQLite call it."""

    name: str
    states: frozenset[str]
    sqlite_names: tuple[str, ...]
    message: StrOrPromise
    hint: StrOrPromise
    retry_after: int


CAUSES: Sequence[Cause] = (
    Cause(
        "disk_full",
        frozenset({"53100"}),
        ("SQLITE_FULL",),
        _("The database's disk is full; nothing of this request was stored."),
        _(
            "Try again after the seconds in Retry-After. Operators: make room on the "
            "disk; manage.py prune deletes old deliveries."
        ),
        60,
    ),
    Cause(
        "read_only",
        frozenset({"25006"}),
        ("SQLITE_READONLY",),
        _("The database takes no writes; nothing of this request was stored."),
        _(
            "Try again after the seconds in Retry-After. Operators: look whether "
            "DATABASE_URL names a standby, and who may write the file and its folder."
        ),
        30,
    ),
)


def database_refusal(error: Error) -> RequestRefusedError:
    """Return the refusal for a database that cannot be reached or written to."""
    cause = _cause_of(error)
    if cause is None:
        return RequestRefusedError("DATABASE_UNAVAILABLE")
    return RequestRefusedError(
        "DATABASE_UNAVAILABLE",
        cause.message,
        hint=cause.hint,
        details={"cause": cause.name},
        retry_after=cause.retry_after,
    )


def is_read_only(error: Error) -> bool:
    """Tell whether this is the refusal of a write by a read-only PostgreSQL."""
    cause = _cause_of(error)
    return cause is not None and cause.name == "read_only"


def _cause_of(error: Error) -> Cause | None:
    driver = error.__cause__
    state = str(getattr(driver, "sqlstate", None) or "")
    name = str(getattr(driver, "sqlite_errorname", None) or "")
    for cause in CAUSES:
        if state in cause.states or (name and name.startswith(cause.sqlite_names)):
            return cause
    return None
