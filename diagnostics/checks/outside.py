"""What can be wrong with an installation that is looked at from another machine."""

from django.utils.translation import gettext_lazy as _

from diagnostics.checks.contract import FindingKind, Severity, Who

UNREACHABLE = FindingKind(
    id="api.unreachable",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The installation does not answer."),
    cause=_("GET %(url)s: %(error)s"),
    remedy=_(
        "Look whether the web process runs and listens there, then at DNS, the "
        "firewall and the proxy in between."
    ),
    verify=_("/livez answers 200 from this machine."),
    fix_command="curl -i %(url)s",
)
UNHEALTHY = FindingKind(
    id="api.unhealthy",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("The installation says that it is not well."),
    cause=_("%(reason)s"),
    remedy=_("Run the diagnosis on its own machine: it names what to do."),
    verify=_("/readyz answers 200."),
    fix_command="manage.py diagnose",
)
SLOW = FindingKind(
    id="api.slow",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("The installation answers slowly."),
    cause=_("GET %(url)s took %(ms)s ms."),
    remedy=_(
        "Run the diagnosis on its own machine. If it is quick there, look at the way "
        "in between."
    ),
    verify=_("It answers within %(limit_ms)s ms."),
    fix_command="curl -o /dev/null -s -w '%%{time_total}\\n' %(url)s",
)
REFUSED = FindingKind(
    id="api.refused",
    severity=Severity.WARNING,
    who=Who.CALLER,
    title=_("The installation refuses this caller."),
    cause=_("GET %(path)s: status %(status)s, %(code)s. %(error)s"),
    remedy=_("%(hint)s"),
    verify=_("The same request answers 200."),
    fix_command="manage.py diagnose --url %(base)s",
)
KINDS = (UNREACHABLE, UNHEALTHY, SLOW, REFUSED)
