"""A running installation diagnosed: by its own schedule, and from another machine."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.service import Installation, Service
from tests.notifications_site.programs import manage, settings_for
from tests.waiting import wait_until

pytestmark = pytest.mark.journey


def diagnosed(
    service: Service, environment: dict[str, str]
) -> tuple[dict[str, Any], int]:
    url = f"http://127.0.0.1:{service.installation.port}"
    done = manage("diagnose", "--url", url, "--json", environment=environment)
    assert done.stderr == ""
    return json.loads(done.stdout), done.returncode


def last_report(service: Service) -> dict[str, Any] | None:
    answer = service.api.expect(200, "GET", "/health?detailed=true")
    report: dict[str, Any] | None = answer["report"]
    return report


def test_a_worker_makes_the_report_and_another_machine_reads_it(
    installation: Installation,
) -> None:
    with installation.started() as service:
        ask = {"task": "health_report"}
        service.api.expect(202, "POST", "/api/scheduled-tasks/trigger", ask)
        wait_until(lambda: last_report(service), "the report is made", 60)
        told, _status = diagnosed(service, installation.environment)
    first, last = told["steps"][0], told["steps"][-1]
    assert first["facts"]["api.status"] == "healthy"
    assert last["facts"]["report.made"] != "none yet"
    # How busy the machine of this test is does not matter here.
    others = [one for one in told["findings"] if not one["id"].startswith("machine.")]
    assert others == []


def test_whoever_signs_with_another_secret_is_told_so(
    service: Service, tmp_path: Path
) -> None:
    environment = settings_for(tmp_path, API_SECRET_KEY="a" * 32)
    told, status = diagnosed(service, environment)
    assert status == 1
    refused = [one for one in told["findings"] if one["id"] == "api.refused"]
    assert refused
    assert "INVALID_SIGNATURE" in refused[0]["cause"]
