"""What is looked at after a restore: does everything that came back work."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils.translation import gettext as _

from channels_app.selectors.keys import lost_secrets
from channels_app.services.signatures.headers import signed_headers
from diagnostics.backup.archive import Archive
from diagnostics.backup.databases import small_cache
from diagnostics.backup.joining import Mode
from diagnostics.backup.planning import Wanted, plan_restore
from templates_app.services.linting import lint_stored_in_turn

MOST_NAMED = 5
_QUEUE = "/api/queue/status"


@dataclass(frozen=True)
class Looked:
    """One thing that was looked at: whether it is good, and what was seen."""

    name: str
    is_good: bool
    evidence: str

    def as_dict(self) -> dict[str, object]:
        """Give the shape of a command's JSON."""
        return asdict(self)


def validate(archive: Archive, wanted: Wanted) -> Iterator[Looked]:
    """Look at rows, database, cache, API, every template and every secret."""
    yield _rows(archive, wanted)
    looks: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
        ("database", _database),
        ("cache", _cache),
        ("api", _api),
        ("templates", _templates),
        ("secrets", _secrets),
    )
    with small_cache(wanted.using):
        for name, look in looks:
            yield Looked(name, *look())


def _rows(archive: Archive, wanted: Wanted) -> Looked:
    """Make the plan again: there must be nothing left to add or to change."""
    plan = plan_restore(archive, Wanted(wanted.kinds, Mode(wanted.mode), wanted.using))
    missing = sum(part.added for part in plan.parts)
    different = sum(part.changed for part in plan.parts)
    found = _("%(missing)d rows of the backup are missing, %(different)d differ.")
    told = found % {"missing": missing, "different": different}
    if missing or different:
        return Looked("rows", False, f"{told} {'; '.join(plan.differences)}")
    return Looked("rows", True, _("Every row of the backup is there."))


def _database() -> tuple[bool, str]:
    try:
        connections["default"].check_constraints()
    except DatabaseError as error:
        return False, str(error)
    return True, _("Every foreign key leads somewhere.")


def _cache() -> tuple[bool, str]:
    name, value = f"restored-{secrets.token_hex(8)}", secrets.token_hex(8)
    try:
        cache.set(name, value, 60)
        is_back = cache.get(name) == value
        cache.delete(name)
    except Exception as error:  # noqa: BLE001 - any cache may stand here, with its own
        told = _("It cannot be used: %(error)s.")
        return False, told % {"error": type(error).__name__}
    if is_back:
        return True, _("What is put in comes out.")
    return False, _("What is put in does not come out.")


def _api() -> tuple[bool, str]:
    """Ask the API for the queue, signed as the default client signs.

    The traces of the request are taken back: they are none of the backup's.
    """
    with transaction.atomic():
        answer = Client(raise_request_exception=False).get(
            _QUEUE,
            headers=signed_headers(settings.API_SECRET_KEY, "GET", _QUEUE),
            SERVER_NAME=_own_name(),
        )
        transaction.set_rollback(True)
    told = _("A signed request for the queue was answered with %(status)d.")
    return answer.status_code == 200, told % {"status": answer.status_code}


def _own_name() -> str:
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return names[0] if names else "localhost"


def _templates() -> tuple[bool, str]:
    count, broken = 0, []
    for linted in lint_stored_in_turn():
        count += 1
        if linted.errors:
            broken.append(linted.key)
    if not broken:
        return True, _("All %(count)d templates are valid.") % {"count": count}
    told = _("%(count)d templates are not valid: %(keys)s. See: templates lint --all")
    return False, told % {"count": len(broken), "keys": _some(broken)}


def _secrets() -> tuple[bool, str]:
    lost = [f"{one.place} {one.row}" for one in lost_secrets()]
    if not lost:
        return True, _("Every stored secret opens.")
    told = _("%(count)d secrets do not open: %(places)s. Is their key in the settings?")
    return False, told % {"count": len(lost), "places": _some(lost)}


def _some(names: list[str]) -> str:
    more = " …" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
