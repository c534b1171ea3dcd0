"""Many deliveries at once, stored by a process of their own, without any web server."""

import subprocess
import sys
from collections.abc import Mapping

from tests.notifications_site.programs import ROOT

LOOPBACK = {"OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8"}


def flood(environment: Mapping[str, str], url: str, count: int) -> set[str]:
    """Store deliveries to one receiver; return their message ids."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.engine", "flood", url, str(count)],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())
