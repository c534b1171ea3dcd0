"""The environment: settings that are wrong or unwise, and packages that differ."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from tempfile import TemporaryFile

import django
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.utils.translation import gettext_lazy as _

from diagnostics.checks.contract import (
    Area,
    Check,
    Fact,
    FindingKind,
    Said,
    Severity,
    Step,
    Who,
)

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]*\])?==([^\s#]+)", re.MULTILINE)
OLDEST_PYTHON = (3, 11)

WRONG_VALUE = FindingKind(
    id="environment.wrong_value",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("A setting is wrong."),
    cause=_("%(message)s"),
    remedy=_("%(hint)s"),
    verify=_("manage.py check finds nothing."),
    fix_command="manage.py check",
)
DEBUGGING = FindingKind(
    id="environment.debug",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("DEBUG is on."),
    cause=_("Error pages show code and settings to whoever causes an error."),
    remedy=_("Set DEBUG=False wherever others can reach this installation."),
    verify=_("manage.py check_environment says nothing of DEBUG."),
    fix_command="manage.py check_environment",
)
PACKAGE_DIFFERS = FindingKind(
    id="environment.package_differs",
    severity=Severity.WARNING,
    who=Who.OPERATOR,
    title=_("A package is not the one that was tested."),
    cause=_("%(package)s is %(found)s; requirements.txt asks for %(wanted)s."),
    remedy=_("Install the pinned packages, then restart."),
    verify=_("manage.py check_environment says nothing of it."),
    fix_command="pip install -r requirements.txt",
)
PYTHON_OLD = FindingKind(
    id="environment.python_old",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("Python is too old."),
    cause=_("It is %(found)s; at least %(wanted)s is needed."),
    remedy=_("Make the virtual environment with a newer Python."),
    verify=_("python3 --version"),
    fix_command="python3 --version",
)
FOLDER_SHUT = FindingKind(
    id="environment.folder_shut",
    severity=Severity.CRITICAL,
    who=Who.OPERATOR,
    title=_("DATA_DIR cannot be written to."),
    cause=_("%(folder)s: %(error)s."),
    remedy=_("Give the user that runs this product the right to write there."),
    verify=_("A file can be made there."),
    fix_command="ls -ld %(folder)s",
)


def look_at_settings() -> Iterator[Said]:
    """Let Django's system checks speak: the start refuses what they call an error."""
    for message in run_checks(tags=["settings", "security", "database"]):
        if message.level >= ERROR:
            said = str(message.msg)
            hint = str(message.hint or said)
            about = f"{message.id} {said.partition(':')[0]}"
            yield WRONG_VALUE.found(about, message=said, hint=hint)
    if settings.DEBUG:
        yield DEBUGGING.found()
    yield Fact("time zone", settings.TIME_ZONE)
    yield Fact("instance", settings.INSTANCE_ID or "-")


def look_at_packages() -> Iterator[Said]:
    """Compare what is installed with what was tested together."""
    yield Fact("python", platform.python_version())
    yield Fact("django", django.__version__)
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield PYTHON_OLD.found(found=platform.python_version(), wanted=wanted)
    pinned = (settings.BASE_DIR / "requirements.txt").read_text(encoding="utf-8")
    for package, wanted in _PINNED.findall(pinned):
        found = _installed(package)
        if found != wanted:
            yield PACKAGE_DIFFERS.found(
                package, package=package, found=found, wanted=wanted
            )


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return str(_("missing"))


def look_at_folder() -> Iterator[Said]:
    """Make a file where the product keeps its own, and remove it."""
    yield Fact("data", str(settings.DATA_DIR))
    try:
        # Others may look at the same moment, so each has a file of its own.
        with TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"written by a check")
    except OSError as error:
        yield FOLDER_SHUT.found(
            folder=str(settings.DATA_DIR), error=error.strerror or type(error).__name__
        )


AREA = Area(
    checks=(
        Check("environment.settings", Step.RESOURCES, _("Settings"), look_at_settings),
        Check("environment.packages", Step.RESOURCES, _("Packages"), look_at_packages),
        Check("environment.folder", Step.RESOURCES, _("DATA_DIR"), look_at_folder),
    ),
    kinds=(WRONG_VALUE, DEBUGGING, PACKAGE_DIFFERS, PYTHON_OLD, FOLDER_SHUT),
)
