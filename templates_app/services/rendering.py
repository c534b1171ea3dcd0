"""Renders one channel's message of a template."""

from templates_app.engine.text import Values
from templates_app.formats.contract import Options
from templates_app.selectors import NO_OPTIONS, RenderedContent, compiled_template


def render_template(
    *, key: str, channel_type: str, values: Values, options: Options = NO_OPTIONS
) -> RenderedContent:
    """Write what one channel would send.

    `values` holds the caller's variables and _timestamp, _message_id and _user_id;
    `options` is the channel config's data. For several channels use
    `selectors.compiled_template(key)` once and render each from it. Raises
    TemplateNotFound, ContentMissing or RenderRefused.
    """
    return compiled_template(key).render(channel_type, values, options)
