"""Channels without a format of their own: their content is sent as it is."""

from templates_app.engine.escapes import Escape, escape_html, plain
from templates_app.formats.contract import HTML, MessageFormat, Options


class PlainFormat(MessageFormat):
    """Takes everything; only HTML has markup that a value could break."""

    kind = "plain"

    def escape_for(self, content_type: str, options: Options) -> Escape:
        return escape_html if content_type == HTML else plain
