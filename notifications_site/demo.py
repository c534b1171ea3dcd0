"""The demo: a user whose channels all end in the sandbox, and a template for them."""

from __future__ import annotations

from collections.abc import Mapping

from channels_app.selectors.clients import signer_with
from channels_app.selectors.configs import config_of
from channels_app.services.configs import save_config
from templates_app.refusals import TemplateNotFound
from templates_app.selectors import template
from templates_app.services.saving import save_template

USER_ID = "demo"
TEMPLATE_KEY = "demo_welcome"
LOCAL = "http://127.0.0.1:"
VARIABLES: Mapping[str, object] = {
    "name": 'Zoë "Q" \\ 张三',
    "count": 3,
    "url": "https://example.com/inbox",
}


def configs(sandbox_url: str) -> dict[str, dict[str, object]]:
    """Return the demo user's configs by channel; the secrets are the sandbox's own."""
    return {
        "lark": {
            "webhook_url": f"{sandbox_url}/lark/hook/demo-signed",
            "secret": "sandbox-lark-secret",
        },
        "telegram": {"bot_token": "123456:sandbox-token", "chat_id": "42"},
        "webhook": {
            "webhook_url": f"{sandbox_url}/webhook/demo-signed",
            "secret": "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0wMDAx",
        },
        "slack": {"webhook_url": f"{sandbox_url}/slack/services/T000/B000/demo"},
    }


def load_configs(sandbox_url: str) -> list[str]:
    """Save the configs that are missing or point at another port; return their kinds.

    Whatever else somebody changed about them stays.
    """
    signer = signer_with(key_id="default")
    if signer is None:
        raise LookupError("the API client “default” is missing or not active")
    saved = []
    for kind, data in configs(sandbox_url).items():
        stored = config_of(signer.client, user_id=USER_ID, channel_type=kind)
        if stored is None or _points_elsewhere(stored.config_data(), sandbox_url):
            save_config(
                client=signer.client, user_id=USER_ID, channel_type=kind, data=data
            )
            saved.append(kind)
    return saved


def _points_elsewhere(data: Mapping[str, object], sandbox_url: str) -> bool:
    url = str(data.get("webhook_url", ""))
    return url.startswith(LOCAL) and not url.startswith(f"{sandbox_url}/")


def load_template() -> bool:
    """Save the demo's template if it is missing; return whether it was."""
    try:
        template(key=TEMPLATE_KEY)
    except TemplateNotFound:
        save_template(
            key=TEMPLATE_KEY,
            name="Demo: welcome",
            description="One message for each channel, with a card and blocks.",
            variables=sorted(VARIABLES),
            sample_variables=dict(VARIABLES),
            contents=_contents(),
            author="demo",
        )
        return True
    return False


def _contents() -> dict[str, object]:
    return {
        "lark": {"content_type": "json", "content_template": _lark_card()},
        "telegram": {
            "content_type": "markdown",
            "content_template": (
                "*Welcome, {{name}}*\n\n{{count}} messages wait for you\\.\n"
                "[Open the inbox]({{url}})"
            ),
        },
        "slack": {"content_type": "json", "content_template": _slack_blocks()},
        "webhook": {
            "content_type": "json",
            "content_template": {
                "event": "welcome",
                "name": "{{name}}",
                "count": "{{count}}",
                "text": "Welcome, {{name}}: {{count}} messages wait for you.",
            },
        },
    }


def _lark_card() -> dict[str, object]:
    button = {
        "tag": "button",
        "text": {"tag": "plain_text", "content": "Open the inbox"},
        "type": "primary",
        "url": "{{url}}",
    }
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "template": "blue",
                "title": {"tag": "plain_text", "content": "Welcome, {{name}}"},
            },
            "elements": [
                {
                    "tag": "div",
                    "text": {
                        "tag": "lark_md",
                        "content": "**{{count}}** messages wait for you.",
                    },
                },
                {"tag": "action", "actions": [button]},
            ],
        },
    }


def _slack_blocks() -> dict[str, object]:
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Open the inbox"},
        "url": "{{url}}",
    }
    return {
        "text": "Welcome, {{name}}",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": "Welcome, {{name}}"},
            },
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*{{count}}* messages wait for you.",
                },
            },
            {"type": "actions", "elements": [button]},
        ],
    }
