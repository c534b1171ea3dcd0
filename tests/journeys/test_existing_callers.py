"""A program of the existing fleet goes all the way without one failed call."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.sandbox import Sandbox
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

CALLER = Path(__file__).parent / "existing_caller.mjs"
ALERTS = Path(__file__).resolve().parents[1] / "payloads" / "grafana"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node: not installed")
def test_an_existing_caller_completes_every_call(
    service: Service, sandbox: Sandbox
) -> None:
    user = f"u{os.urandom(5).hex()}"
    environment = service.installation.environment
    login = f"{environment['BASIC_AUTH_USER']}:{environment['BASIC_AUTH_PASSWORD']}"
    done = subprocess.run(
        ["node", str(CALLER)],
        env={
            "PATH": os.environ["PATH"],
            "NOTIFICATIONS_URL": service.api.url,
            "API_SECRET_KEY": service.api.secret,
            "USER_ID": user,
            "CONFIG": json.dumps(sandbox.configs(user)["webhook"]),
            "LOGIN": login,
            "ALERTS": str(ALERTS),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["config"]["secret"] == "****"
    assert told["config"]["webhook_url"].endswith(f"{user}-signed")
    for result in told["results"]:
        assert result["status"] == "pending"
        assert result["messageId"] == result["message_id"]
        assert result["userId"] == user
    assert {f"Hello {user}", f"shop of {user} is live."} <= set(told["contents"])
    assert len(sandbox.arrived(user, "webhook")) >= 2
