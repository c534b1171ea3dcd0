"""Webhooks: any JSON is the body; other content is wrapped in one."""

from django.utils.translation import gettext as _

from templates_app.engine.escapes import Escape, escape_html, plain
from templates_app.engine.problems import Problem, warning
from templates_app.formats.contract import (
    HTML,
    TEXT,
    Content,
    MessageFormat,
    Options,
)


class WebhookFormat(MessageFormat):
    """What a receiver of one's own takes: everything."""

    kind = "webhook"

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_html if content_type == HTML else plain

    def check_text(self, content: Content) -> list[Problem]:
        text = content.content.strip()
        if content.content_type != TEXT or not text.startswith(('{"', "[{", '["')):
            return []
        return [
            warning(
                "webhook_text_looks_like_json",
                _("This looks like JSON, and is sent as a text inside a JSON body."),
                _("Choose the content type “JSON” to make it the body."),
            )
        ]
