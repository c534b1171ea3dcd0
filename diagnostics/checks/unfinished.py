"""What is found when a check itself could not be finished."""

from django.utils.translation import gettext_lazy as _

from diagnostics.checks.contract import FindingKind, Severity, Who

CUT_OFF = FindingKind(
    id="check.cut_off",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("“%(check)s” could not be looked at in time."),
    cause=_("It gave no answer within %(seconds)s s and was cut off."),
    remedy=_(
        "See to the other findings first: a database or cache that hangs holds this "
        "check up too. If it is alone, look into the log for “%(check)s”."
    ),
    verify=_("Run the diagnosis again: the check ends in time."),
    fix_command="manage.py diagnose",
)
BROKE = FindingKind(
    id="check.broke",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("“%(check)s” could not be looked at."),
    cause=_("It ended with %(error)s."),
    remedy=_(
        "See to the other findings first. If it is alone, run the diagnosis with "
        "LOG_LEVEL=DEBUG: it then logs the whole error."
    ),
    verify=_("Run the diagnosis again: the check ends well."),
    fix_command="manage.py diagnose",
)
KINDS = (CUT_OFF, BROKE)
