"""A whole installation in a folder of its own: migrated, started, stopped, looked at."""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.calls import Api
from tests.journeys.sandbox import KINDS, Sandbox
from tests.notifications_site.programs import (
    free_port,
    manage,
    migrate,
    running,
    settings_for,
)
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

SETTLED = {"sent", "failed", "cancelled", "expired", "unknown"}
STOPS_WITHIN = 20.0
SEND_DEADLINE = 3
# Tries come quickly, a silent receiver is given up soon, and polling has no limit.
HURRIED = {
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
    "RETRY_SCHEDULE": "1,1",
    "SEND_DEADLINE_SECONDS": str(SEND_DEADLINE),
    "LEASE_SECONDS": "20",
    "LIMIT_LOGS_PER_MINUTE": "0",
    "LIMIT_MANAGEMENT_PER_MINUTE": "0",
    "BASIC_AUTH_USER": "grafana",
    "BASIC_AUTH_PASSWORD": "for the journeys",
}


@dataclass(frozen=True)
class Installation:
    """Settings and data that outlive a single run."""

    folder: Path
    environment: dict[str, str]
    port: int
    sandbox_port: int
    has_sandbox: bool = True

    @classmethod
    def prepare(cls, folder: Path, database_url: str) -> "Installation":
        """Make fresh secrets and a migrated database."""
        port, sandbox_port = free_port(), free_port()
        environment = settings_for(
            folder,
            **HURRIED,
            DATABASE_URL=database_url,
            DJANGO_SECRET_KEY=secrets.token_hex(32),
            API_SECRET_KEY=secrets.token_hex(32),
            ENCRYPT_KEY=secrets.token_hex(16),
            TELEGRAM_API_BASE=f"http://127.0.0.1:{sandbox_port}/telegram",
        )
        migrate(environment)
        return cls(folder, environment, port, sandbox_port)

    def manage(self, *arguments: str) -> str:
        """Run a management command that must succeed; return what it said."""
        done = manage(*arguments, environment=self.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def started(self) -> Iterator["Service"]:
        """Run everything until the block ends; it must then stop well by itself."""
        output = self.folder / f"output-{secrets.token_hex(4)}"
        command = ["up", "--port", str(self.port)]
        if self.has_sandbox:
            command += ["--sandbox", "--sandbox-port", str(self.sandbox_port)]
        with running(*command, environment=self.environment, output=output) as process:
            service = Service(self, process, output)
            service.wait_until_ready()
            yield service
            if process.poll() is None:
                service.stop()


@dataclass(frozen=True)
class Service:
    """A running `up` with its API and its sandbox."""

    installation: Installation
    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def api(self) -> Api:
        key = self.installation.environment["API_SECRET_KEY"]
        return Api(self.installation.port, key)

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.installation.sandbox_port)

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        def is_ready_or_dead() -> bool:
            return "ready in" in self.said() or self.process.poll() is not None

        try:
            wait_until(is_ready_or_dead, "it is ready", 30)
        except AssertionError:
            raise AssertionError(self.said()) from None
        assert self.process.poll() is None, self.said()

    def stop(self, send: Callable[[int, int], None] = os.kill) -> None:
        """Send SIGTERM; status 0 in time, and nobody is left behind."""
        with self.stopping(send):
            pass

    @contextmanager
    def stopping(self, send: Callable[[int, int], None]) -> Iterator[None]:
        """Do something between the signal and the end, which must be a good one."""
        family = descendants(self.process.pid)
        assert len(family) > 7, family
        send(self.process.pid, signal.SIGTERM)
        wait_until(lambda: "stopping" in self.said(), "it begins to stop")
        yield
        assert self.process.wait(STOPS_WITHIN) == 0, self.said()
        assert not any(map(is_alive, family)), self.said()

    def new_user(self, kinds: tuple[str, ...] = KINDS, **changes: object) -> str:
        """Make a user over the API, with a config for each kind; return its id."""
        user = f"u{secrets.token_hex(5)}"
        for kind in kinds:
            data = self.sandbox.configs(user)[kind] | changes
            form = {"user_id": user, "channel_type": kind, "config_data": data}
            self.api.expect(201, "POST", "/api/user-configs", form)
        return user

    def wait_for(
        self, message_id: str, is_there: Callable[[Any], bool], what: str
    ) -> Any:
        """Return a message's page once its log is as wanted."""

        def page() -> Any:
            found = self.api.message(message_id)
            return found if is_there(found["log"]) else None

        try:
            return wait_until(page, what, 30)
        except AssertionError as error:
            shown = json.dumps(self.api.message(message_id), indent=1)
            raise AssertionError(f"{error}\n{shown}\n{self.said()}") from error

    def settled(self, message_id: str) -> Any:
        """Return a message's page once it is settled."""
        return self.wait_for(message_id, _is_settled, f"{message_id} is settled")

    def sent(self, message_id: str) -> Any:
        """Return the page of a message that must end as sent."""
        page = self.settled(message_id)
        assert page["log"]["status"] == "sent", json.dumps(page, indent=1)
        return page


def _is_settled(log: Any) -> bool:
    return log["status"] in SETTLED
