"""Which processes `up` runs, and how it knows that all of them are ready.

`python -m notifications_site.processes PLAN` runs a plan that was checked before: it
lives as long as the service and needs no Django for it, which would be 60 MB more.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from channels_app.processes.child import PROJECT_DIR, Command
from channels_app.processes.output import Printer, standard_printer
from channels_app.processes.supervisor import Supervisor

MANAGE = (sys.executable, str(PROJECT_DIR / "manage.py"))
WORKER_READY = b"worker is ready"
SANDBOX_READY = b"sandbox listening on"
SANDBOX_TELEGRAM = re.compile(r"http://127\.0\.0\.1:\d+/telegram")
PROBE_SECONDS = 1.0
TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Plan:
    """What to run and where; `sandbox_port` None means no sandbox.

    `host` is a name that the web server answers to.
    """

    bind: str
    port: int
    web_processes: int
    workers: int
    sandbox_port: int | None
    with_demo: bool
    telegram_api_base: str
    host: str

    @property
    def url(self) -> str:
        return f"http://{_as_host(reachable(self.bind))}:{self.port}"

    @property
    def sandbox_url(self) -> str | None:
        if self.sandbox_port is None:
            return None
        return f"http://127.0.0.1:{self.sandbox_port}"


def reachable(bind: str) -> str:
    """Return the address by which this machine reaches what is bound there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(bind, bind)  # noqa: S104


def _as_host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def commands(plan: Plan, scratch: Path) -> list[Command]:
    """Return the processes of a plan; `scratch` is a folder for the web server."""
    found = [_web(plan, scratch), _worker(plan)]
    if plan.sandbox_port is not None:
        arguments = (*MANAGE, "sandbox", "--port", str(plan.sandbox_port))
        found.append(Command("sandbox", arguments, _environment(plan, "sandbox")))
    return found


def _web(plan: Plan, scratch: Path) -> Command:
    # Not --preload: a connection pool opened before the fork would be shared.
    options = {
        "--bind": f"{_as_host(plan.bind)}:{plan.port}",
        "--worker-class": "gthread",
        "--threads": "8",
        "--workers": str(plan.web_processes),
        "--worker-tmp-dir": str(scratch),
        "--graceful-timeout": "12",
        "--keep-alive": "20",
        "--log-level": "warning",
    }
    flat = [part for option in options.items() for part in option]
    program = (sys.executable, "-m", "gunicorn", "notifications_site.wsgi")
    arguments = (*program, "--no-control-socket", *flat)
    return Command("web", arguments, _environment(plan, "web"))


def _worker(plan: Plan) -> Command:
    environment = {**_environment(plan, "worker"), "WORKERS": str(plan.workers)}
    return Command("worker", (*MANAGE, "worker"), environment)


def _environment(plan: Plan, role: str) -> Mapping[str, str]:
    changed = {"NOTIFICATIONS_ROLE": role, "PYTHONUNBUFFERED": "1"}
    if plan.sandbox_url:
        changed["SANDBOX_URL"] = plan.sandbox_url
    if plan.sandbox_url and SANDBOX_TELEGRAM.fullmatch(plan.telegram_api_base):
        changed["TELEGRAM_API_BASE"] = f"{plan.sandbox_url}/telegram"
    return {**os.environ, **changed}


def become(plan: Plan) -> NoReturn:
    """Become the process that runs a plan."""
    os.chdir(PROJECT_DIR)
    program = (sys.executable, "-m", "notifications_site.processes")
    sys.stdout.flush()
    os.execv(sys.executable, [*program, json.dumps(asdict(plan))])  # noqa: S606 - our own, no shell


def run(plan: Plan, printer: Printer) -> None:
    """Run everything until a signal."""
    with tempfile.TemporaryDirectory(prefix="notifications-web-") as scratch:
        Everything(plan, printer, Path(scratch)).run()


class Everything:
    """All processes of a plan, and the moment when all of them are ready."""

    def __init__(self, plan: Plan, printer: Printer, scratch: Path) -> None:
        self._plan = plan
        self._supervisor = Supervisor(printer, name="up", on_line=self._on_line)
        self._awaited = set()
        for command in commands(plan, scratch):
            self._supervisor.add(command)
            self._awaited.add(command.name)
        self._started_at = time.monotonic()
        self._is_announced = False

    def run(self) -> None:
        self._supervisor.run(self._look, every=TICK_SECONDS)

    def _on_line(self, name: str, line: bytes) -> None:
        if WORKER_READY in line or SANDBOX_READY in line:
            self._awaited.discard(name)

    def _look(self) -> None:
        if self._is_announced:
            return
        if "web" in self._awaited and answers(self._plan):
            self._awaited.discard("web")
        if not self._awaited:
            self._announce()

    def _announce(self) -> None:
        self._is_announced = True
        seconds = time.monotonic() - self._started_at
        self._supervisor.say(f"ready in {seconds:.1f} s\n{where_to_look(self._plan)}")
        if self._plan.with_demo:
            arguments = (*MANAGE, "demo", "send", "--url", self._plan.url)
            environment = _environment(self._plan, "command")
            self._supervisor.add(
                Command("demo", arguments, environment, restarts=False)
            )


def answers(plan: Plan) -> bool:
    """Return whether the web server answers at all."""
    connection = http.client.HTTPConnection(
        reachable(plan.bind), plan.port, timeout=PROBE_SECONDS
    )
    try:
        connection.request("GET", "/livez", headers={"Host": plan.host})
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def where_to_look(plan: Plan) -> str:
    """Return the addresses of what a person may want to open, one a line."""
    places = {
        "admin": f"{plan.url}/admin/",
        "API": f"{plan.url}/api/notifications/send",
        "API pages": f"{plan.url}/api/docs/",
        "health": f"{plan.url}/health",
    }
    if plan.sandbox_url:
        places["sandbox"] = f"{plan.sandbox_url}/"
    return "\n".join(f"  {name:<10} {url}" for name, url in places.items())


if __name__ == "__main__":
    run(Plan(**json.loads(sys.argv[1])), standard_printer())
