"""A service that the command `notify` talks to, and what it answers."""

from notifications_client.command.main import main
from tests.client import hostile as server
from tests.client.hostile import Server

LOG = {
    "id": 7,
    "message_id": "m1",
    "user_id": "u1",
    "channel_type": "lark",
    "status": "failed",
    "template_key": None,
    "subject": None,
    "content": "Hello",
    "retry_count": 0,
    "error": "no such bot",
    "sent_at": None,
    "created_at": "2026-01-02T03:04:05.123Z",
    "request_id": "r1",
}
EXPLANATION = {
    "id": "lark_bot_gone",
    "severity": "critical",
    "who": "user",
    "title": "The bot was removed.",
    "cause": "Lark knows no such webhook.",
    "evidence": {"status": "failed", "attempts": 2},
    "remedy": ["Add the bot again.", "Save the new address."],
    "verify": "send a test message",
}
TIMELINE = [{"at": LOG["created_at"], "event": "accepted", "text": "Accepted."}]


def message(status: str, explanation: object = None) -> server.Reaction:
    log = {
        **LOG,
        "status": status,
        "error": None if status == "sent" else "no such bot",
    }
    data = {"log": log, "timeline": TIMELINE, "explanation": explanation}
    return server.answer(200, {"success": True, "data": data})


def page(count: int, cursor: str | None = None) -> server.Reaction:
    logs = [{**LOG, "message_id": f"m{number}"} for number in range(count)]
    return server.answer(
        200, {"success": True, "data": {"logs": logs, "next_cursor": cursor}}
    )


def notify(service: Server, *arguments: str) -> int:
    command, *others = arguments
    return main([command, "--url", service.url, *others])
