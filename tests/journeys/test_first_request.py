"""The first requests that the README shows: run as they are, by those programs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.sandbox import KINDS, Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PROGRAMS = {
    "first_request.sh": ("curl", ["sh"]),
    "first_request.py": ("Python", [sys.executable, "-I"]),
    "first_request.mjs": ("Node", ["node"]),
}


def run(
    service: Service, name: str, **changed: str
) -> subprocess.CompletedProcess[str]:
    program = PROGRAMS[name][1]
    given = {"NOTIFICATIONS_URL": service.api.url, "API_SECRET_KEY": service.api.secret}
    return subprocess.run(
        [*program, str(EXAMPLES / name)],
        env={"PATH": os.environ["PATH"], **given, **changed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(params=PROGRAMS)
def example(request: pytest.FixtureRequest) -> str:
    needed = {"first_request.sh": ["curl", "openssl"], "first_request.mjs": ["node"]}
    for program in needed.get(request.param, []):
        if shutil.which(program) is None:
            pytest.skip(f"{program}: not installed")
    return str(request.param)


def test_a_first_request_is_accepted_and_arrives(
    service: Service, sandbox: Sandbox, example: str
) -> None:
    user = service.new_user()
    done = run(service, example, USER_ID=user)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(done.stdout)["results"]
    assert sorted(result["channelType"] for result in results) == sorted(KINDS)
    for result in results:
        page = service.sent(result["message_id"])
        assert page["log"]["content"] == f"Sent with {PROGRAMS[example][0]}. 你好!"


def test_without_further_settings_it_goes_to_the_demo(
    service: Service, example: str
) -> None:
    url = service.sandbox.url
    service.installation.manage("demo", "load", "--sandbox-url", url)
    done = run(service, example)
    assert done.returncode == 0, done.stdout + done.stderr
    for result in json.loads(done.stdout)["results"]:
        service.sent(result["message_id"])


def test_a_refusal_is_shown(service: Service, example: str) -> None:
    done = run(service, example, API_SECRET_KEY="x" * 32)
    assert done.returncode != 0
    assert "INVALID_SIGNATURE" in done.stdout + done.stderr
