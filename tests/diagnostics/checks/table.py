"""The table of planted faults: what each led to, printed at the end of a test run."""

from collections.abc import Iterator
from typing import Any

import pytest

# Travels with a test's report, so that the workers of a parallel run tell it too.
PROPERTY = "planted fault"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(set(_rows(terminalreporter)))
    if not rows:
        return
    terminalreporter.section("planted faults and what was found")
    for fault, found in rows:
        terminalreporter.write_line(f"{fault:<42} {found}")


def _rows(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            if isinstance(report, pytest.TestReport) and report.when == "call":
                yield from _told(report)


def _told(report: pytest.TestReport) -> Iterator[tuple[str, str]]:
    properties: list[tuple[str, Any]] = report.user_properties
    for name, (fault, found) in properties:
        if name == PROPERTY:
            yield fault, found
