"""An edit of a template is live in every process at its next request."""

import json
import secrets
from pathlib import Path

import pytest

from tests.journeys.service import Service

pytestmark = pytest.mark.journey

ROUNDS = 3
REQUESTS = 12


def test_an_edit_by_one_process_is_what_all_others_send_next(
    service: Service, tmp_path: Path
) -> None:
    key = f"edit-{secrets.token_hex(4)}"
    user = service.new_user(("webhook",))
    file = tmp_path / "templates.json"
    for number in range(1, ROUNDS + 1):
        file.write_text(json.dumps(template(key, f"Text {number} for {{{{name}}}}")))
        service.installation.manage("templates", "import", str(file))
        seen = {render(service, key) for _ in range(REQUESTS)}
        assert seen == {f"Text {number} for Zoë"}

    [message_id] = service.api.send(
        user_id=user, channels=["webhook"], template_key=key, variables={"name": "Zoë"}
    )
    log = service.sent(message_id)["log"]
    assert (log["content"], log["template_version"]) == (
        f"Text {ROUNDS} for Zoë",
        ROUNDS,
    )


def template(key: str, text: str) -> dict[str, object]:
    return {
        "key": key,
        "name": "Edited",
        "variables": ["name"],
        "contents": {"webhook": {"content_template": text}},
    }


def render(service: Service, key: str) -> str:
    path = f"/api/templates/{key}/render"
    asked = {"channel": "webhook", "variables": {"name": "Zoë"}}
    data = service.api.expect(200, "POST", path, asked)["data"]
    return str(data["channels"]["webhook"]["content"])
