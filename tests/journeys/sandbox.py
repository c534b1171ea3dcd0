"""The practice providers, seen and switched from outside over their own HTTP API."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.journeys.calls import request
from tests.waiting import wait_until

KINDS = ("lark", "slack", "telegram", "webhook")
LARK_SECRET = "sandbox-lark-secret"
WEBHOOK_SECRET = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0wMDAx"


@dataclass(frozen=True)
class Sandbox:
    """The running sandbox. A message is known by a mark that its text bears."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def configs(self, user: str) -> dict[str, dict[str, Any]]:
        """Return the configs of a user whose messages all end here."""
        return {
            "lark": {
                "webhook_url": f"{self.url}/lark/hook/{user}-signed",
                "secret": LARK_SECRET,
            },
            "slack": {"webhook_url": f"{self.url}/slack/services/T0/B0/{user}"},
            "telegram": {"bot_token": f"{int(user[1:], 16)}:{user}", "chat_id": 42},
            "webhook": {
                "webhook_url": f"{self.url}/webhook/{user}-signed",
                "secret": WEBHOOK_SECRET,
            },
        }

    def behave(self, provider: str, mode: str, **more: object) -> None:
        body = json.dumps({"mode": mode, **more}).encode()
        path = f"/api/behaviour/{provider}"
        assert request(self.port, "PUT", path, body).status == 200

    def behave_well(self) -> None:
        assert request(self.port, "DELETE", "/api/behaviour").status == 200

    def arrived(self, mark: str, provider: str = "") -> list[Any]:
        """Return the messages that bear the mark, oldest first."""
        path = f"/api/messages?provider={provider}"
        messages = request(self.port, "GET", path).json()
        return [message for message in messages if mark in message["body"]]

    def wait_for(self, mark: str, provider: str, count: int = 1) -> Sequence[Any]:
        def enough() -> list[Any]:
            found = self.arrived(mark, provider)
            return found if len(found) >= count else []

        return wait_until(enough, f"{count} messages “{mark}” are at {provider}")
