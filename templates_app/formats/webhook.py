"""Webhooks: any JSON is the body; other content is wrapped in one."""

from templates_app.engine.escapes import Escape, escape_html, plain
from templates_app.formats.contract import HTML, MessageFormat, Options


class WebhookFormat(MessageFormat):
    """What a receiver of one's own takes: everything."""

    kind = "webhook"

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_html if content_type == HTML else plain
