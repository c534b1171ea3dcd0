"""What is stored: whether every template still validates and every secret opens."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from channels_app.selectors.sealed import shut_secrets
from diagnostics.checks.contract import (
    Area,
    Check,
    Figure,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)
from templates_app.services.linting import LintedTemplate, lint_stored

# Beyond so many, one finding says enough about all.
MOST_NAMED = 20

BROKEN = FindingKind(
    id="templates.broken",
    severity=Severity.CRITICAL,
    who=Who.AUTHOR,
    title=_("The template “%(template)s” does not validate any more."),
    cause=_("%(problem)s"),
    remedy=_("Open it in the editor, mend what is marked, and publish."),
    verify=_("manage.py templates lint --all names it no more."),
    fix_command="manage.py templates lint --all",
    page="admin:templates_app_notificationtemplate_changelist",
)
UNREADABLE = FindingKind(
    id="secrets.unreadable",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("Stored secrets cannot be opened."),
    cause=_(
        "%(shut)s of %(total)s do not open: their key is not known here, or they were "
        "damaged. The first: %(first)s."
    ),
    remedy=_(
        "Add the key they were stored with to ENCRYPT_KEYS_OLD and restart, or enter "
        "the secrets of those configs and clients anew."
    ),
    verify=_("Run the diagnosis again: every secret opens."),
    page="admin:channels_app_userconfig_changelist",
)


def look_at_templates() -> Iterator[Said]:
    """Validate every active template as if it were saved again."""
    linted = lint_stored(include_inactive=False)
    broken = [found for found in linted if found.errors]
    yield Figure("templates", len(linted))
    yield Figure("broken", len(broken))
    for found in broken[:MOST_NAMED]:
        yield BROKEN.found(found.key, template=found.key, problem=_first(found))


def _first(found: LintedTemplate) -> str:
    problem = found.errors[0]
    where = f"{problem.channel}: " if problem.channel else ""
    return f"{where}{problem.message}"


def look_at_secrets() -> Iterator[Said]:
    """Open every stored secret, and forget at once what it says."""
    total, shut = shut_secrets()
    yield Figure("secrets", total)
    if shut:
        yield UNREADABLE.found(shut=len(shut), total=total, first=shut[0])


AREA = Area(
    checks=(
        Check("templates", Step.API, _("Templates"), look_at_templates, seconds=10),
        Check("secrets", Step.API, _("Secrets"), look_at_secrets, seconds=10),
    ),
    kinds=(BROKEN, UNREADABLE),
)
