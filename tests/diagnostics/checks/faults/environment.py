"""Faults of what the service was started with: settings, packages, folders."""

from diagnostics.checks import environment
from notifications_site.environment import ENVIRONMENT, Problem
from tests.diagnostics.checks.faults.planting import CRITICAL, WARNING, Fault, Hand


def debug_left_on(hand: Hand) -> None:
    hand.settings.DEBUG = True


def a_package_of_another_version(hand: Hand) -> None:
    (hand.folder / "requirements.txt").write_text("django==1.0  # an old one\n")
    hand.settings.BASE_DIR = hand.folder


def a_data_folder_that_is_shut(hand: Hand) -> None:
    hand.settings.DATA_DIR = hand.folder / "missing"


def an_old_python(hand: Hand) -> None:
    hand.monkeypatch.setattr(environment, "OLDEST_PYTHON", (4, 0))


def a_wrong_value(hand: Hand) -> None:
    wrong = Problem("settings.E002", "API_SECRET_KEY", "is missing", "Make one.")
    hand.monkeypatch.setattr(ENVIRONMENT, "problems", [wrong])


ENVIRONMENT_FAULTS = (
    Fault(debug_left_on, "environment.debug", WARNING),
    Fault(a_package_of_another_version, "environment.package_differs", WARNING),
    Fault(a_data_folder_that_is_shut, "environment.folder_shut", CRITICAL),
    Fault(an_old_python, "environment.python_old", CRITICAL),
    Fault(a_wrong_value, "environment.wrong_value", CRITICAL),
)
